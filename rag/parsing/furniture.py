"""Page furniture: running headers, footers, page numbers and watermarks, told from the body by how they repeat.

`find_furniture` learns from a sample of pages what the whole document repeats; `Furniture.without` then takes it from any
single page, so that pages can be read in any order and in several processes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

from rag.parsing.columns import is_tilted, middle
from rag.parsing.layout import Line
from rag.parsing.page_number import has_number_cell, is_bare_number, is_marked_number, numbered, squeeze
from rag.parsing.watermark import find_watermarks, stands_at

__all__ = ["Furniture", "find_furniture", "sample_of"]

_Edge = Literal["top", "bottom"]
_EDGES: tuple[_Edge, ...] = ("top", "bottom")
_PageLines = tuple[list[Line], float]
"""The lines of a page and its height in points."""
_ZONE = 0.12
"""Furniture stands within this share of the page's height from its upper or lower edge."""
_SAME_HEIGHT = 0.01
"""Rows whose distances from the edge differ by no more than this share of the height stand at the same height."""
_MIN_PAGES = 3
_MAX_ROWS = 3
"""A header or footer has this many rows at most."""


@dataclass(frozen=True)
class _Band:
    """A height at which rows of furniture stand: `distance` is from the edge to the row's middle, in page heights.

    `texts`: the rows' texts, page numbers masked. `has_numbers`: most of the rows hold the page number. `changing`: the
    texts repeat as chapters and sections do, so that a sample needn't hold all of them.
    """

    edge: _Edge
    distance: float
    texts: frozenset[str]
    has_numbers: bool
    changing: bool

    def takes(self, line: Line, row: Sequence[Line]) -> bool:
        """Whether `line`, in a row at this height, is furniture."""
        if self.has_numbers and is_bare_number(line.text):
            return True
        if squeeze(line.text) in self.texts or numbered(line.text)[0] in self.texts:
            return True
        return self.changing and self.has_numbers and any(has_number_cell(other.text) for other in row)


@dataclass(frozen=True)
class Furniture:
    """What the pages of a document repeat. The empty one still takes a page number that stands alone at the bottom."""

    bands: tuple[_Band, ...] = ()
    watermarks: tuple[tuple[str, float, float], ...] = ()

    def without(self, lines: Sequence[Line], page_height: float) -> list[Line]:
        """The lines of the body, in their order. `page_height` is in points, like the lines' boxes."""
        return self._peeled(_minus(lines, [line for line in lines if self._is_watermark(line)]), page_height)

    def _peeled(self, body: list[Line], page_height: float, lone_numbers: bool = True) -> list[Line]:
        """The lines without the outer rows that are furniture."""
        lone_numbers = lone_numbers and not any(band.has_numbers for band in self.bands)
        for edge in _EDGES:
            for _ in range(_MAX_ROWS):
                row = _outer_row(body, page_height, edge)
                gone = [line for line in row if self._takes(line, row, page_height, edge)]
                if not gone and lone_numbers and edge == "bottom":
                    gone = [line for line in row if _is_lone_number(line, row, body)]
                body = _minus(body, gone)
                if not gone or len(gone) < len(row):
                    break
        return body

    def _is_watermark(self, line: Line) -> bool:
        text = squeeze(line.text)
        return any(text == mark and stands_at(line, left, bottom) for mark, left, bottom in self.watermarks)

    def _takes(self, line: Line, row: list[Line], height: float, edge: _Edge) -> bool:
        distance = _distance(row, height, edge)
        near = [b for b in self.bands if b.edge == edge and abs(b.distance - distance) <= 1.5 * _SAME_HEIGHT]
        return any(band.takes(line, row) for band in near)


def sample_of(count: int, limit: int = 60) -> list[int]:
    """Indices of up to `limit` of `count` pages, spread evenly in runs of three.

    Three pages in a row show twice what only left or only right pages repeat, even where it changes with the section.
    """
    if count <= max(limit, 3):
        return list(range(count))
    runs = max(limit // 3, 1)
    starts = [k * (count - 3) // max(runs - 1, 1) for k in range(runs)]
    return sorted({start + i for start in starts for i in range(3)})


def find_furniture(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> Furniture:
    """Learn what repeats from pages in their order (all of them or a sample); `heights` are theirs, in points.

    Fewer than three pages with text tell nothing: then only lone page numbers are furniture.
    """
    filled = [(list(lines), height) for lines, height in zip(pages, heights, strict=True) if lines]
    if len(filled) < _MIN_PAGES:
        return Furniture()
    body_size = median(line.size for lines, _ in filled for line in lines for _ in range(max(len(line.text), 1)))
    found = Furniture(watermarks=tuple(find_watermarks([lines for lines, _ in filled], body_size)))
    clear = [(_minus(lines, [line for line in lines if found._is_watermark(line)]), height) for lines, height in filled]
    for edge in _EDGES:
        for _ in range(_MAX_ROWS):
            bands = tuple(_bands(clear, edge, body_size))
            if not bands:
                break
            found = Furniture(found.bands + bands, found.watermarks)
            clear = [(found._peeled(lines, height, lone_numbers=False), height) for lines, height in clear]
    return found


def _bands(pages: list[_PageLines], edge: _Edge, body_size: float) -> Iterator[_Band]:
    """Heights at which the outermost rows of the pages are furniture."""
    rows = [(i, _outer_row(lines, height, edge)) for i, (lines, height) in enumerate(pages)]
    placed = sorted((_distance(row, pages[i][1], edge), i, row) for i, row in rows if row)
    while placed:
        group = [entry for entry in placed if entry[0] - placed[0][0] <= 1.5 * _SAME_HEIGHT]
        placed = placed[len(group) :]
        if band := _band(dict((i, row) for _, i, row in group), pages, edge, median(d for d, *_ in group), body_size):
            yield band


def _band(rows: dict[int, list[Line]], pages: list[_PageLines], edge: _Edge, distance: float, body_size: float) -> _Band | None:
    """The band of outermost `rows` (by page) at one height; none if most of them don't repeat, or look like the body."""
    numbers = _counting(rows)
    texts = {t for t in _repeated(rows) | numbers if t == "#" or not _is_body(t, rows, pages, edge, body_size)}
    known = {i for i, row in rows.items() if any(_keys(line) & texts for line in row)}
    if len(known) < max(_MIN_PAGES, 0.3 * len(pages)) or len(known) < 0.6 * len(rows):
        return None
    named = [line for row in rows.values() for line in row if not is_bare_number(line.text)]
    repeated = [line for line in named if _keys(line) & texts]
    with_number = [i for i in known if any(numbered(line.text)[0] in numbers & texts for line in rows[i])]
    return _Band(edge, distance, frozenset(texts), len(with_number) >= len(known) / 2, len(repeated) >= max(len(named) / 2, 2))


def _keys(line: Line) -> set[str]:
    return {squeeze(line.text), numbered(line.text)[0]}


def _repeated(rows: dict[int, list[Line]]) -> set[str]:
    """Texts that stand on two pages or more."""
    seen = defaultdict[str, set[int]](set)
    for i, row in rows.items():
        for line in row:
            seen[squeeze(line.text)].add(i)
    return {text for text, on in seen.items() if len(on) >= 2 and not is_bare_number(text)}


def _counting(rows: dict[int, list[Line]]) -> set[str]:
    """Texts whose number grows with the pages; a year or a chapter's number grows more slowly than the pages pass."""
    seen = defaultdict[str, list[tuple[int, int]]](list)
    for i in sorted(rows):
        for text, number in {numbered(line.text) for line in rows[i]}:
            if number >= 0:
                seen[text].append((i, number))
    counting = set[str]()
    for text, places in seen.items():
        steps = [b[1] - a[1] >= b[0] - a[0] for a, b in pairwise(places)]
        if len(places) >= 2 and sum(steps) >= 0.6 * len(steps):
            counting.add(text)
    return counting


def _is_body(text: str, rows: dict[int, list[Line]], pages: list[_PageLines], edge: _Edge, body_size: float) -> bool:
    """Whether a text that repeats at the edge is rather a heading or the head of a table that goes on.

    Such a line is larger than the body (at the top), stands as close to the next row as the body's rows stand to each other,
    or stands within other pages too, in the same size.
    """
    own = [(i, row, line) for i, row in rows.items() for line in row if text in _keys(line)]
    size = median(line.size for *_, line in own)
    if edge == "top" and size > 1.25 * body_size:
        return True
    inside = sum(
        any(squeeze(line.text) == text and abs(line.size - size) <= 0.1 * size for line in lines if not _in_zone(line, height))
        for lines, height in pages
    )
    if inside >= (1 if any("\t" in line.text or len(row) > 1 for _, row, line in own) else 2):
        return True
    return median(_aloofness(row, pages[i][0]) for i, row, _ in own) < 1.25


def _aloofness(row: list[Line], lines: list[Line]) -> float:
    """Distance from an outermost row to the next one, in usual distances between the rows of the page."""
    inner = _row_heights(_minus(lines, row))
    if not inner:
        return 2.0
    steps = [a - b for a, b in pairwise(inner)]
    usual = median(steps) if steps else 1.2 * row[0].size
    return min(abs(height - middle(row[0])) for height in (inner[0], inner[-1])) / max(usual, 1.0)


def _row_heights(lines: list[Line]) -> list[float]:
    """Middles of the rows of upright lines, from the top."""
    heights: list[float] = []
    for line in sorted((line for line in lines if not is_tilted(line)), key=middle, reverse=True):
        if not heights or heights[-1] - middle(line) > 0.5 * line.size:
            heights.append(middle(line))
    return heights


def _is_lone_number(line: Line, row: list[Line], body: list[Line]) -> bool:
    """Whether the lowest row is a page number in a document whose pages don't show where it stands."""
    if len(row) > 1 or not is_bare_number(line.text) or len(body) == 1:
        return False
    above = min((other.box[1] for other in body if other is not line), default=line.box[3])
    return is_marked_number(line.text) or len(line.text.strip()) <= 3 and above - line.box[3] >= 0.5 * line.size


def _outer_row(lines: Sequence[Line], height: float, edge: _Edge) -> list[Line]:
    """The lines of the row nearest to an edge of the page; none if it isn't near."""
    upright = [line for line in lines if not is_tilted(line)]
    if not upright:
        return []
    outermost = (max if edge == "top" else min)(upright, key=middle)
    row = [line for line in upright if abs(middle(line) - middle(outermost)) <= 0.5 * max(outermost.size, 1.0)]
    return row if _distance(row, height, edge) <= _ZONE else []


def _distance(row: Sequence[Line], height: float, edge: _Edge) -> float:
    if not row:
        return 1.0
    level = median(middle(line) for line in row)
    return (height - level if edge == "top" else level) / max(height, 1.0)


def _in_zone(line: Line, height: float) -> bool:
    return not _ZONE * height < middle(line) < (1 - _ZONE) * height


def _minus(lines: Sequence[Line], gone: Sequence[Line]) -> list[Line]:
    ids = {id(line) for line in gone}
    return [line for line in lines if id(line) not in ids]
