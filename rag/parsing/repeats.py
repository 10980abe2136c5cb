"""What the pages of a document repeat at their edges: learnt from a sample of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rag.parsing.columns import middle
from rag.parsing.furniture import EDGES, MAX_ROWS, Band, Furniture, same_height
from rag.parsing.layout import Line, body_size
from rag.parsing.misreading import Spelling, is_near, spelling_of
from rag.parsing.page_number import is_bare_number, numbered, squeeze
from rag.parsing.page_rows import Edge, distance, in_zone, minus, outer_row, row_heights
from rag.parsing.watermark import find_watermarks

__all__ = ["find_furniture"]

_MIN_PAGES = 3
_Rows = dict[int, list[Line]]
"""The outermost row of each page that has one, by the page's place in the sample."""


@dataclass(frozen=True)
class _Sample:
    """Pages with text: their lines, and their heights in points; the median size of the characters; whether OCR read some."""

    pages: list[tuple[list[Line], float]]
    body_size: float
    scanned: bool


def find_furniture(pages: Sequence[Sequence[Line]], heights: Sequence[float], scanned: bool = False) -> Furniture:
    """Learn what repeats from pages in their order (all of them or a sample); `heights` are theirs, in points.

    Fewer than three pages with text tell nothing: then only lone page numbers are furniture. Of `scanned` pages, lines that
    differ by a character or two are the same.
    """
    filled = [(list(lines), height) for lines, height in zip(pages, heights, strict=True) if lines]
    if len(filled) < _MIN_PAGES:
        return Furniture()
    size = body_size(line for lines, _ in filled for line in lines)
    found = Furniture(watermarks=tuple(find_watermarks([lines for lines, _ in filled], size)))
    clear = [(found.unmarked(lines), height) for lines, height in filled]
    for edge in EDGES:
        for _ in range(MAX_ROWS):
            bands = tuple(_bands(_Sample(clear, size, scanned), edge))
            if not bands:
                break
            found = Furniture(found.bands + bands, found.watermarks)
            clear = [(found.peeled(lines, height, scanned, lone_numbers=False), height) for lines, height in clear]
    return found


def _bands(sample: _Sample, edge: Edge) -> Iterator[Band]:
    """Heights at which the outermost rows of the pages are furniture."""
    rows = [(i, outer_row(lines, height, edge)) for i, (lines, height) in enumerate(sample.pages)]
    placed = sorted((distance(row, sample.pages[i][1], edge), i, row) for i, row in rows if row)
    while placed:
        group = [entry for entry in placed if entry[0] - placed[0][0] <= same_height(sample.scanned)]
        placed = placed[len(group) :]
        if band := _band(dict((i, row) for _, i, row in group), sample, edge, median(d for d, *_ in group)):
            yield band


def _band(rows: _Rows, sample: _Sample, edge: Edge, height: float) -> Band | None:
    """The band of outermost `rows` at one height; none if most of them don't repeat, or look like the body."""
    spelling = _spelling(rows) if sample.scanned else str
    numbers = _counting(rows, spelling)
    texts = {t for t in _repeated(rows, spelling) | numbers if t == "#" or not _is_body(t, rows, sample, edge, spelling)}
    known = {i for i, row in rows.items() if any(_keys(line, spelling) & texts for line in row)}
    if len(known) < max(_MIN_PAGES, 0.3 * len(sample.pages)) or len(known) < 0.6 * len(rows):
        return None
    named = [line for row in rows.values() for line in row if not is_bare_number(line.text)]
    repeated = [line for line in named if _keys(line, spelling) & texts]
    with_number = [i for i in known if any(spelling(numbered(line.text)[0]) in numbers & texts for line in rows[i])]
    return Band(edge, height, frozenset(texts), len(with_number) >= len(known) / 2, len(repeated) >= max(len(named) / 2, 2))


def _spelling(rows: _Rows) -> Spelling:
    return spelling_of(key for row in rows.values() for line in row for key in _keys(line, str))


def _keys(line: Line, spelling: Spelling) -> set[str]:
    return {spelling(squeeze(line.text)), spelling(numbered(line.text)[0])}


def _repeated(rows: _Rows, spelling: Spelling) -> set[str]:
    """Texts that stand on two pages or more."""
    seen = defaultdict[str, set[int]](set)
    for i, row in rows.items():
        for line in row:
            seen[spelling(squeeze(line.text))].add(i)
    return {text for text, on in seen.items() if len(on) >= 2 and not is_bare_number(text)}


def _counting(rows: _Rows, spelling: Spelling) -> set[str]:
    """Texts whose number grows with the pages; a year or a chapter's number grows more slowly than the pages pass."""
    seen = defaultdict[str, list[tuple[int, int]]](list)
    for i in sorted(rows):
        for text, number in {numbered(line.text) for line in rows[i]}:
            if number >= 0:
                seen[spelling(text)].append((i, number))
    counting = set[str]()
    for text, places in seen.items():
        steps = [b[1] - a[1] >= b[0] - a[0] for a, b in pairwise(places)]
        if len(places) >= 2 and sum(steps) >= 0.6 * len(steps):
            counting.add(text)
    return counting


def _is_body(text: str, rows: _Rows, sample: _Sample, edge: Edge, spelling: Spelling) -> bool:
    """Whether a text that repeats at the edge is rather a heading or the head of a table that goes on.

    Such a line is larger than the body (at the top), stands as close to the next row as the body's rows stand to each other,
    or stands within other pages too, in the same size.
    """
    own = [(i, row, line) for i, row in rows.items() for line in row if text in _keys(line, spelling)]
    size = median(line.size for *_, line in own)
    if edge == "top" and size > 1.25 * sample.body_size:
        return True
    inside = sum(_stands_inside(text, size, *page, sample.scanned) for page in sample.pages)
    if inside >= (1 if any("\t" in line.text or len(row) > 1 for _, row, line in own) else 2):
        return True
    return median(_aloofness(row, sample.pages[i][0]) for i, row, _ in own) < 1.25


def _stands_inside(text: str, size: float, lines: list[Line], height: float, scanned: bool) -> bool:
    """Whether a text stands in the same size within a page, away from its edges."""
    alike = [line for line in lines if abs(line.size - size) <= 0.1 * size and not in_zone(line, height)]
    return any(is_near(squeeze(line.text), text) if scanned else squeeze(line.text) == text for line in alike)


def _aloofness(row: list[Line], lines: list[Line]) -> float:
    """Distance from an outermost row to the next one, in usual distances between the rows of the page."""
    inner = row_heights(minus(lines, row))
    if not inner:
        return 2.0
    steps = [a - b for a, b in pairwise(inner)]
    usual = median(steps) if steps else 1.2 * row[0].size
    return min(abs(height - middle(row[0])) for height in (inner[0], inner[-1])) / max(usual, 1.0)
