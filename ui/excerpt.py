"""The text around a quotation where there is no image of the page: a note as its Markdown means it, the quotation marked."""

from __future__ import annotations

import re
from html import escape

from markdown_it import MarkdownIt

__all__ = ["excerpt_html", "is_markdown"]

_BEGIN, _END = "\ue000", "\ue001"
"""Of Unicode's private use area: they stand for the mark while the text is rendered, and are taken out of what is given."""
_PREFIX = re.compile(r"\s*(?:(?:[-*+]|\d+[.)]|>|#{1,6})\s+)*")
_ITEM = re.compile(r"\s*(?:[-*+]|\d+[.)])\s")
_RULE = re.compile(r"\s*(?:\|?[\s:|-]*-{2,}[\s:|-]*|`{3,}.*|~{3,}.*)")
"""A line that is form and not words: below the head of a table, around code."""
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(["link", "image", "autolink"])


def is_markdown(source: str) -> bool:
    """Whether a document is written in Markdown, by its name."""
    return source.lower().endswith((".md", ".markdown"))


def excerpt_html(context: str, start: int, end: int, markdown: bool) -> str:
    """HTML of `context`, with what lies from `start` to `end` marked. No HTML, link or image of the text gets into it."""
    before, quote, after = context[:start], context[start:end], context[end:]
    if not markdown:
        return f"<div class='excerpt'>{escape(before)}<mark>{escape(quote)}</mark>{escape(after)}</div>"
    marked = _plain(before) + _marked(_plain(quote), _plain(before).rpartition("\n")[2]) + _plain(after)
    rendered = _MARKDOWN.render(_spaced(marked))
    return f"<div class='excerpt note'>{rendered.replace(_BEGIN, '<mark>').replace(_END, '</mark>')}</div>"


def _spaced(text: str) -> str:
    """With an empty line between blocks of different kinds: a chunk of the knowledge base has lost them."""
    lines, before, fenced = list[str](), "", False
    for line in text.split("\n"):
        kind = _kind(_plain(line))
        if kind == "fence":
            fenced = not fenced
        elif not fenced:
            if lines and kind != before:
                lines.append("")
            before = kind
        lines.append(line)
    return "\n".join(lines)


def _kind(line: str) -> str:
    """What a line begins: "" is words."""
    shape = line.lstrip()
    if shape.startswith(("```", "~~~")):
        return "fence"
    if shape.startswith("|"):
        return "table"
    return "item" if _ITEM.match(line) else "head" if shape.startswith("#") else "deeper" if line.startswith("  ") else ""


def _plain(text: str) -> str:
    return text.replace(_BEGIN, "").replace(_END, "")


def _marked(quote: str, line_before: str) -> str:
    """The quotation with a mark in each line of its own, so that lists and tables stay what they are."""
    first, *others = quote.split("\n")
    lines = [_marked_line(first) if not line_before.strip() else _wrapped(first), *map(_marked_line, others)]
    return "\n".join(lines)


def _marked_line(line: str) -> str:
    if _RULE.fullmatch(line):
        return line
    if line.lstrip().startswith("|"):
        return "|".join(map(_wrapped, line.split("|")))
    prefix = _PREFIX.match(line)
    start = prefix.end() if prefix else 0
    return line[:start] + _wrapped(line[start:])


def _wrapped(words: str) -> str:
    return f"{_BEGIN}{words}{_END}" if words.strip() else words
