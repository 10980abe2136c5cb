"""Reading order of a page printed in two columns: the left one down, then the right one, between full-width lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from rag.parsing.layout import Line

__all__ = ["in_reading_order", "is_tilted", "middle"]

_MIN_LINES = 4
"""A column has at least this many lines on the page."""
_MIN_CHARS = 9
"""Half of a column's lines are at least this long; the cells of a table and the options of a question are shorter."""
_OPTION = re.compile(r"^[(（]?[A-Da-d][.．、)）]")


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page as they are read; in their present order unless they stand in two columns with a clear gutter.

    Full-width lines (titles, captions, rows of a table) part the page into sections; each is read column by column.
    """
    order = list(lines)
    gutter = _gutter(order)
    if gutter is None:
        return order
    sections = list(_sections(order, *gutter))
    left = [line for side, _, _ in sections for line in side]
    right = [line for _, side, _ in sections for line in side]
    if not _are_columns(left, right):
        return order
    return [line for left, right, full in sections for line in (*_section(left, right, order), *full)]


def _gutter(lines: list[Line]) -> tuple[float, float] | None:
    """Left and right of the blank strip that the most lines stand beside, on both sides; none without such a strip."""
    upright = [line for line in lines if not is_tilted(line)]
    if len(upright) < 2 * _MIN_LINES:
        return None
    start, end = min(line.box[0] for line in upright), max(line.box[2] for line in upright)
    size = median(line.size for line in upright)
    best, found = 2 * _MIN_LINES - 1, None
    for edge in sorted({line.box[0] for line in upright if 0.3 < (line.box[0] - start) / max(end - start, 1.0) < 0.7}):
        right = [line for line in upright if line.box[0] >= edge]
        left = [line for line in upright if line.box[2] <= edge - 0.5 * size]
        inner = max((line.box[2] for line in left), default=start)
        count = 2 * min(len(left), len(right))
        if count > best and edge - inner <= 0.15 * (end - start):
            best, found = count, (inner, edge)
    return found


def _sections(lines: list[Line], inner: float, edge: float) -> Iterator[tuple[list[Line], list[Line], list[Line]]]:
    """From the top: the lines left and right of the gutter down to a full-width line, and the full-width lines there."""
    left = [line for line in lines if line.box[2] <= inner and not is_tilted(line)]
    right = [line for line in lines if line.box[0] >= edge and not is_tilted(line)]
    beside = {id(line) for line in (*left, *right)}
    full = [line for line in lines if id(line) not in beside]
    rows = sorted({middle(line) for line in full if not is_tilted(line)}, reverse=True)
    for above, below in pairwise([float("inf"), *rows, float("-inf")]):
        yield (
            [line for line in left if below < middle(line) <= above],
            [line for line in right if below < middle(line) <= above],
            [line for line in full if middle(line) == below and not is_tilted(line)],
        )
    yield [], [], [line for line in full if is_tilted(line)]  # a watermark, or the label of an axis


def _are_columns(left: list[Line], right: list[Line]) -> bool:
    """Whether the two sides are running text: long lines, most of them as wide as the side, and about equally wide sides."""
    if min(len(left), len(right)) < _MIN_LINES:
        return False
    if any(median(len(line.text) for line in side) < _MIN_CHARS for side in (left, right)):
        return False
    widths = [max(line.box[2] for line in side) - min(line.box[0] for line in side) for side in (left, right)]
    if min(widths) < 0.55 * max(widths):
        return False
    full = [
        sum(line.box[2] - line.box[0] >= 0.75 * w for line in side) / len(side)
        for side, w in zip((left, right), widths, strict=True)
    ]
    tops, bottoms = [max(map(middle, side)) for side in (left, right)], [min(map(middle, side)) for side in (left, right)]
    together = min(tops) - max(bottoms)
    return min(full) >= 0.35 and together >= 0.5 * min(t - b for t, b in zip(tops, bottoms, strict=True))


def _section(left: list[Line], right: list[Line], order: list[Line]) -> list[Line]:
    """The lines of one section: column by column, or in their present order if they are rows of cells or options."""
    if not left or not right or not _are_rows(left, right):
        return [*_downwards(left), *_downwards(right)]
    members = {id(line) for line in (*left, *right)}
    return [line for line in order if id(line) in members]


def _are_rows(left: list[Line], right: list[Line]) -> bool:
    """Whether left and right lines belong together as a table's cells or a question's options do.

    Columns on a common grid have their lines at the same heights too; but only rows of cells are parted by blanks
    that run through both columns.
    """
    pairs = [(a, b) for a in left for b in right if abs(middle(a) - middle(b)) <= 0.3 * min(a.size, b.size)]
    if sum(bool(_OPTION.match(a.text)) and bool(_OPTION.match(b.text)) for a, b in pairs) >= max(len(pairs) / 2, 1):
        return True
    if len(pairs) < 0.6 * min(len(left), len(right)):
        return False
    heights = sorted({round(middle(line), 1) for line in (*left, *right)}, reverse=True)
    steps = [a - b for a, b in pairwise(heights) if a - b > 1.0]
    if not steps:
        return True
    step = min(steps)
    rows = 1 + sum(s > 1.25 * step for s in steps)
    tops = sum(_starts_row(a, left, step) and _starts_row(b, right, step) for a, b in pairs)
    return rows >= 3 and tops >= 0.8 * rows


def _starts_row(line: Line, side: list[Line], step: float) -> bool:
    above = [middle(other) - middle(line) for other in side if middle(other) > middle(line) + 1.0]
    return not above or min(above) > 1.25 * step


def _downwards(side: list[Line]) -> list[Line]:
    """A column from the top; in its present order if that goes down already, so that pieces of one row stay as they are."""
    if all(middle(b) - middle(a) <= 0.8 * max(a.size, b.size) for a, b in pairwise(side)):
        return side
    return sorted(side, key=lambda line: (-middle(line), line.box[0]))


def middle(line: Line) -> float:
    """Height of the middle of a line, in points."""
    return (line.box[1] + line.box[3]) / 2


def is_tilted(line: Line) -> bool:
    """Whether a line runs neither from left to right nor nearly so: its box is higher than its characters."""
    return len(line.text) > 1 and line.box[3] - line.box[1] > 1.8 * line.size
