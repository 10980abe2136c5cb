"""Rows of printed lines, and how far they stand from the edges of their page."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from statistics import median
from typing import Literal

from rag.parsing.columns import is_tilted, middle
from rag.parsing.layout import Line

__all__ = ["Edge", "distance", "in_zone", "minus", "outer_row", "row_heights"]

Edge = Literal["top", "bottom"]
_ZONE = 0.12
"""Furniture stands within this share of the page's height from its upper or lower edge."""


def row_heights(lines: list[Line]) -> list[float]:
    """Middles of the rows of upright lines, from the top."""
    heights: list[float] = []
    for line in sorted((line for line in lines if not is_tilted(line)), key=middle, reverse=True):
        if not heights or heights[-1] - middle(line) > 0.5 * line.size:
            heights.append(middle(line))
    return heights


def outer_row(lines: Sequence[Line], height: float, edge: Edge) -> list[Line]:
    """The lines of the row nearest to an edge of a page of this height in points; none if it isn't near."""
    top = edge == "top"
    placed = [(line.box[1] + line.box[3], line) for line in lines]  # twice the middle
    near = [(y, line) for y, line in placed if (2 * height - y if top else y) <= 2 * _ZONE * height and not is_tilted(line)]
    if not near:
        return []
    level, outermost = (max if top else min)(near, key=itemgetter(0))
    reach = max(outermost.size, 1.0)
    row = [line for y, line in placed if abs(y - level) <= reach and not is_tilted(line)]
    return row if distance(row, height, edge) <= _ZONE else []


def distance(row: Sequence[Line], height: float, edge: Edge) -> float:
    """From an edge of the page to the middle of a row, in heights of the page."""
    if not row:
        return 1.0
    level = median(middle(line) for line in row)
    return (height - level if edge == "top" else level) / max(height, 1.0)


def in_zone(line: Line, height: float) -> bool:
    """Whether a line stands where furniture may stand."""
    return not _ZONE * height < middle(line) < (1 - _ZONE) * height


def minus(lines: Sequence[Line], gone: Sequence[Line]) -> list[Line]:
    """The lines that are none of those `gone`."""
    ids = {id(line) for line in gone}
    return [line for line in lines if id(line) not in ids]
