"""Reading order of a page printed in two columns: the left one down, then the right one, between full-width lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.parsing.layout import Line

__all__ = ["Row", "in_reading_order", "is_tilted", "middle"]

_MIN_LINES = 4
"""A column has at least this many lines on the page."""
_MIN_ROWS = 6
"""So many rows with one gutter are two columns whose lines are read as one."""
_MIN_CHARS = 9
"""Half of a column's lines are at least this long; the cells of a table and the options of a question are shorter."""
_OPTION = re.compile(r"^[(（]?[A-Da-d][.．、)）]")


@dataclass(frozen=True)
class Row(Line):
    """A line with gaps as wide as between the cells of a table, or the columns of a page; `cells` stand between the gaps."""

    cells: tuple[Line, ...] = ()


@dataclass(frozen=True)
class _Half(Line):
    """The part of a row that stands on one side of a gutter."""

    row: Row | None = None


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """The lines of a page as they are read; in their present order unless they stand in two columns with a clear gutter.

    Full-width lines (titles, captions, rows of a table) part the page into sections; each is read column by column.
    """
    order = list(lines)
    halves = _halved(order)
    if halves and (read := _by_columns(halves)):
        return list(_rejoined(read))
    return _by_columns(order) or order


def _halved(lines: list[Line]) -> list[Line]:
    """The lines with those rows halved that are two lines of print side by side; none if there are no columns of such rows.

    Where the columns share their baselines and the file holds them row by row, left and right lines are read as one.
    """
    rows = [line for line in lines if isinstance(line, Row) and not is_tilted(line)]
    upright = [line for line in lines if not is_tilted(line)]
    start, end = min((line.box[0] for line in upright), default=0.0), max((line.box[2] for line in upright), default=0.0)
    gaps = [(a.box[2], b.box[0]) for row in rows for a, b in pairwise(row.cells)]
    centres = [(left + right) / 2 for left, right in gaps if 0.3 < ((left + right) / 2 - start) / max(end - start, 1.0) < 0.7]
    gutter = max(centres, key=lambda x: sum(left < x < right for left, right in gaps), default=None)
    if gutter is None:
        return []
    halves = {id(row): pair for row in rows if (pair := _halves(row, gutter))}
    beside = [line for line in upright if id(line) in halves or line.box[2] <= gutter or line.box[0] >= gutter]
    tabled = sum(len(row.cells) > 2 for row in rows if id(row) in halves)  # rows of a table
    if len(halves) < _MIN_ROWS or len(beside) < 0.5 * len(upright) or tabled > 0.2 * len(halves):
        return []
    if not all(_fills(side) for side in zip(*halves.values(), strict=True)):
        return []
    return [part for line in lines for part in halves.get(id(line), (line,))]


def _halves(row: Row, gutter: float) -> tuple[_Half, _Half] | None:
    """What stands left and right of the gutter; None if there is nothing, or something across it."""
    left = [cell for cell in row.cells if cell.box[2] < gutter]
    right = [cell for cell in row.cells if cell.box[0] > gutter]
    if not left or not right or len(left) + len(right) < len(row.cells):
        return None
    return _half(left, row), _half(right, row)


def _half(cells: Sequence[Line], row: Row) -> _Half:
    boxes = [cell.box for cell in cells]
    box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    raw = cells[0].raw if len(cells) == 1 else "\t".join(cell.raw for cell in cells)
    return _Half("\t".join(cell.text for cell in cells), box, median(cell.size for cell in cells), raw, row)


def _fills(side: Sequence[Line]) -> bool:
    """Whether most lines end near the edge of their column, as running text does and the cells of a table don't."""
    edge = max(line.box[2] for line in side)
    return sum(line.box[2] >= edge - 2.5 * line.size for line in side) >= 0.6 * len(side)


def _rejoined(lines: list[Line]) -> Iterator[Line]:
    """Rows again where both halves were left side by side."""
    held: Line | None = None
    for line in lines:
        if isinstance(line, _Half) and isinstance(held, _Half) and held.row is line.row and line.row:
            held = line.row
            continue
        if held:
            yield held
        held = line
    if held:
        yield held


def _by_columns(lines: list[Line]) -> list[Line]:
    """The lines column by column; none if they don't stand in two columns."""
    gutter = _gutter(lines)
    if gutter is None:
        return []
    sections = list(_sections(lines, *gutter))
    left = [line for side, _, _ in sections for line in side]
    right = [line for _, side, _ in sections for line in side]
    if not _are_columns(left, right):
        return []
    return [line for left, right, full in sections for line in (*_section(left, right, lines), *full)]


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
