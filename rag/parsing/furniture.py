"""Page furniture: running headers, footers, page numbers and watermarks, told from the body by how they repeat.

`find_furniture` (rag.parsing.repeats) learns from a sample of pages what the whole document repeats; `Furniture.without`
then takes it from any single page, so that pages can be read in any order and in several processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.parsing.layout import Line
from rag.parsing.misreading import as_digits, is_near
from rag.parsing.page_number import has_number_cell, is_bare_number, is_marked_number, numbered, squeeze
from rag.parsing.page_rows import Edge, distance, minus, outer_row
from rag.parsing.watermark import stands_at

__all__ = ["EDGES", "MAX_ROWS", "Band", "Furniture", "same_height", "sample_of"]

EDGES: tuple[Edge, ...] = ("top", "bottom")
MAX_ROWS = 3
"""A header or footer has this many rows at most."""


def same_height(scanned: bool) -> float:
    """Rows whose distances from the edge differ by no more than this share of the page's height stand at the same height.

    Printed pages agree to a line; scanned ones lie now higher, now lower.
    """
    return 0.03 if scanned else 0.015


@dataclass(frozen=True)
class Band:
    """A height at which rows of furniture stand: `distance` is from the edge to the row's middle, in page heights.

    `texts`: the rows' texts, page numbers masked. `has_numbers`: most of the rows hold the page number. `changing`: the
    texts repeat as chapters and sections do, so that a sample needn't hold all of them.
    """

    edge: Edge
    distance: float
    texts: frozenset[str]
    has_numbers: bool
    changing: bool

    def takes(self, line: Line, row: Sequence[Line], scanned: bool) -> bool:
        """Whether `line`, in a row at this height, is furniture; of a scanned page also if it was misread a little."""
        if self.has_numbers and is_bare_number(as_digits(line.text) if scanned else line.text):
            return True
        keys = {squeeze(line.text), numbered(line.text)[0]}
        if keys & self.texts or scanned and any(is_near(key, text) for key in keys for text in self.texts):
            return True
        return self.changing and self.has_numbers and any(has_number_cell(other.text) for other in row)


@dataclass(frozen=True)
class Furniture:
    """What the pages of a document repeat. The empty one still takes a page number that stands alone at the bottom."""

    bands: tuple[Band, ...] = ()
    watermarks: tuple[tuple[str, float, float], ...] = ()

    def without(self, lines: Sequence[Line], page_height: float, scanned: bool = False) -> list[Line]:
        """The lines of the body, in their order. `page_height` is in points, like the lines' boxes; `scanned`: OCR read them."""
        return self.peeled(self.unmarked(lines), page_height, scanned)

    def unmarked(self, lines: Sequence[Line]) -> list[Line]:
        """The lines without watermarks."""
        return minus(lines, [line for line in lines if self._is_watermark(line)]) if self.watermarks else list(lines)

    def peeled(self, body: list[Line], page_height: float, scanned: bool, lone_numbers: bool = True) -> list[Line]:
        """The lines without the outer rows that are furniture; with `lone_numbers` also without an unexpected page number."""
        lone_numbers = lone_numbers and not any(band.has_numbers for band in self.bands)
        for edge in EDGES:
            for _ in range(MAX_ROWS):
                row = outer_row(body, page_height, edge)
                bands = self._near(distance(row, page_height, edge), edge, scanned)
                gone = [line for line in row if any(band.takes(line, row, scanned) for band in bands)]
                if not gone and lone_numbers and edge == "bottom":
                    gone = [line for line in row if _is_lone_number(line, row, body)]
                body = minus(body, gone)
                if not gone or len(gone) < len(row):
                    break
        return body

    def _is_watermark(self, line: Line) -> bool:
        text = squeeze(line.text)
        return any(text == mark and stands_at(line, left, bottom) for mark, left, bottom in self.watermarks)

    def _near(self, height: float, edge: Edge, scanned: bool) -> list[Band]:
        return [band for band in self.bands if band.edge == edge and abs(band.distance - height) <= same_height(scanned)]


def sample_of(count: int, limit: int = 60) -> list[int]:
    """Indices of up to `limit` of `count` pages, spread evenly in runs of three.

    Three pages in a row show twice what only left or only right pages repeat, even where it changes with the section.
    """
    if count <= max(limit, 3):
        return list(range(count))
    runs = max(limit // 3, 1)
    starts = [k * (count - 3) // max(runs - 1, 1) for k in range(runs)]
    return sorted({start + i for start in starts for i in range(3)})


def _is_lone_number(line: Line, row: list[Line], body: list[Line]) -> bool:
    """Whether the lowest row is a page number in a document whose pages don't show where it stands."""
    if len(row) > 1 or not is_bare_number(line.text) or len(body) == 1:
        return False
    above = min((other.box[1] for other in body if other is not line), default=line.box[3])
    return is_marked_number(line.text) or len(line.text.strip()) <= 3 and above - line.box[3] >= 0.5 * line.size
