"""Watermarks: lines that stand at the same place on most pages, tilted or across the body."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rag.parsing.columns import is_tilted, middle
from rag.parsing.layout import Line
from rag.parsing.page_number import squeeze

__all__ = ["find_watermarks", "stands_at"]

_SAME_PLACE = 12.0
"""Points by which a watermark may move from page to page."""
_MIN_PAGES = 3


def find_watermarks(pages: list[list[Line]], body_size: float) -> Iterator[tuple[str, float, float]]:
    """Text, left and bottom of the lines that stand at the same place on most pages and are no part of the body there."""
    places = defaultdict[str, list[tuple[int, Line]]](list)
    for i, lines in enumerate(pages):
        for line in lines:
            places[squeeze(line.text)].append((i, line))
    most = max(_MIN_PAGES, 0.5 * len(pages))
    for text, found in places.items():
        if len(found) < most or len({i for i, _ in found}) < most:
            continue
        while found:
            left, bottom = found[0][1].box[:2]
            here = {i: line for i, line in found if stands_at(line, left, bottom)}
            found = [(i, line) for i, line in found if not stands_at(line, left, bottom)]
            behind = sum(_is_behind(line, pages[i], body_size) for i, line in here.items())
            if len(here) >= most and behind >= 0.4 * len(here):
                yield text, left, bottom


def _is_behind(line: Line, lines: list[Line], body_size: float) -> bool:
    """Whether a line is not of the body: tilted, or printed large across other lines."""
    if is_tilted(line):
        return sum(map(is_tilted, lines)) < 0.3 * len(lines)  # else the page itself is turned
    left, bottom, right, top = line.box
    across = sum(
        other is not line and bottom < middle(other) < top and other.box[0] < right and left < other.box[2] for other in lines
    )
    return across > 0 and line.size >= 1.25 * body_size or across > 1


def stands_at(line: Line, left: float, bottom: float) -> bool:
    """Whether a line begins at a place, to a few points."""
    return abs(line.box[0] - left) <= _SAME_PLACE and abs(line.box[1] - bottom) <= _SAME_PLACE
