"""Where a text may be cut: the ends of sentences, never inside a formula."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["formulas", "sentences"]

_END = re.compile(r"(?:[。！？?]|!(?!=))+[”’」』）)\]]*|(?<=[a-z)]{2})\.(?=\s+[A-Z“\"])|\n")
"""An end of a Chinese sentence, or of an English one: a full stop behind a word of two letters, before a capital."""
_FORMULA = re.compile(
    r"\$\$.{1,2000}?\$\$|(?<![\\$])\$(?![\s$])[^$\n]{0,300}?[^$\s\\]\$(?!\d)|\\\(.{1,500}?\\\)|\\\[.{1,2000}?\\\]", re.DOTALL
)
"""TeX between its signs, `$` by pandoc's rule; bounded, so that a hostile text costs no more than its length."""


def sentences(text: str) -> list[tuple[int, int]]:
    """Bounds [start, end) of the sentences of a text, in order, without empty ones; a line break ends one.

    A sign inside a formula ends none, so a formula over several lines is in one piece.
    """
    bounds, start = [], 0
    for end in (*_ends(text), len(text)):
        if stripped := text[start:end].strip():
            first = start + text[start:end].index(stripped)
            bounds.append((first, first + len(stripped)))
        start = end
    return bounds


def formulas(text: str) -> list[tuple[int, int]]:
    """Bounds [start, end) of the formulas in a text: `$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]`."""
    return [match.span() for match in _FORMULA.finditer(text)] if "$" in text or "\\" in text else []


def _ends(text: str) -> Iterator[int]:
    inside = iter(formulas(text))
    formula = next(inside, None)
    for match in _END.finditer(text):
        while formula and formula[1] <= match.start():
            formula = next(inside, None)
        if not formula or match.start() < formula[0]:
            yield match.end()
