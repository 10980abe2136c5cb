"""A question's text as Markdown that means only itself: every sign is a character; code and formulas stay what they are."""

from __future__ import annotations

import re
from html import escape

__all__ = ["plain_markdown"]

_FENCE = re.compile(r"^(?P<fence>`{3,})[^\n`]*\n.*?^(?P=fence)[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_SIGN = re.compile(r"[^\w\s$\u0080-\U0010ffff]|_", re.ASCII)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def plain_markdown(text: str) -> str:
    """Markdown that shows `text` line by line. Fenced code stays code, words between backticks too; `$…$` is left to KaTeX.

    Stems have `a*b`, `<A,B>`, tables of `|` and lines that begin with `1.`: none of it is meant as Markdown or HTML.
    """
    shown, end = [], 0
    for fence in _FENCE.finditer(text):
        shown += [_lines(text[end : fence.start()]), "\n\n", fence[0].rstrip(), "\n\n"]
        end = fence.end()
    return "".join([*shown, _lines(text[end:])]).strip("\n")


def _lines(text: str) -> str:
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [_signs(text[end : code.start()]), f"<code>{_signs(code[1])}</code>"]
        end = code.end()
    return "".join([*parts, _signs(text[end:])]).strip("\n").replace("\n", "<br>")


def _signs(text: str) -> str:
    """Signs as entities: no parser of Markdown takes those for its own."""
    spaced = _INDENT.sub(lambda m: "\u00a0" * len(m[0].expandtabs(4)), text)
    return _SIGN.sub(lambda m: escape(m[0]) if m[0] in "&<>\"'" else f"&#{ord(m[0])};", spaced)
