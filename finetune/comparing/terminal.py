"""A comparison for a terminal: columns as wide as it allows, a Chinese character being two wide."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import zip_longest

from finetune.comparing.figures import Comparison, told
from knowledge.printable import printable

__all__ = ["table", "wrapped"]

_GAP = " │ "
_NARROWEST = 14
"""Columns of fewer than seven Chinese characters are hard to read: then one stands under the other."""


def table(comparison: Comparison, width: int, most: int) -> Iterator[str]:
    """The lines of a table of the first `most` rows, no line wider than `width`; where columns don't fit, a block a question."""
    heads = ["问题", *(["参考答案"] if comparison.referenced else []), *comparison.names]
    rows = list(_cells(comparison))[:most]
    column = (width - len(_GAP) * (len(heads) - 1)) // len(heads)
    if column < _NARROWEST:
        yield from _blocks(heads, rows, width)
        return
    rule = "─┼─".join("─" * column for _ in heads)
    for cells in (heads, *rows):
        yield from _beside(cells, column)
        yield rule


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of at most `width` columns, parted at blanks where there is one; Chinese anywhere."""
    return [part for line in printable(text).expandtabs(4).split("\n") for part in _broken(line.rstrip(), width)]


def _cells(comparison: Comparison) -> Iterator[list[str]]:
    for row in comparison.rows:
        reference = [row.reference or "—"] if comparison.referenced else []
        yield [row.question, *reference, *(told(answer) for answer in row.answers)]


def _beside(cells: Sequence[str], column: int) -> Iterator[str]:
    for parts in zip_longest(*(wrapped(text, column) for text in cells), fillvalue=""):
        yield _GAP.join(part + " " * (column - _width(part)) for part in parts).rstrip()


def _blocks(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    for cells in rows:
        yield "─" * width
        for head, text in zip(heads, cells, strict=True):
            yield from wrapped(f"【{head}】{text}", width)


def _broken(line: str, width: int) -> Iterator[str]:
    part, used = "", 0
    for char in line:
        if used + _width(char) > width:
            whole, blank, rest = part.rpartition(" ")
            if char != " " and blank and whole.strip() and rest.isascii() and char.isascii():
                yield whole
                part = rest
            else:
                yield part
                part = ""
            used = _width(part)
            if char == " ":
                continue
        part, used = part + char, used + _width(char)
    yield part


def _width(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
