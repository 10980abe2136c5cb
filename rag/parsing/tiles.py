"""Large images read piece by piece: where the pieces are cut, and how what was read twice or cut through becomes one again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from math import ceil
from statistics import median
from typing import TYPE_CHECKING

from rag.parsing.page import Box

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Segment", "is_blank", "read_whole_or_in_tiles"]

_SIDE = 2000
"""Longest side in pixels that the engine takes as it is; it shrinks what is larger."""
_TILE, _OVERLAP = 1600, 200
"""Side of a piece and what it shares with the next, in pixels: a line of print is lower than that."""
_SLENDER = 2.5
"""An image so much longer than wide is a long screenshot: shrunk to one piece nothing of it could be read."""
_SMALL = 16.0
"""Height in pixels, after shrinking, of lines that are read badly."""
_STRIP = 4
"""No piece is longer than so many times its other side when it is read."""
_FAINT = 40
"""An image whose lightest and darkest pixels differ by less (of 255) shows nothing."""


@dataclass(frozen=True)
class Segment:
    """A piece of a printed line: its text, left, top, right, bottom in pixels from the upper left corner, and the confidence (0–1)."""

    text: str
    box: Box
    confidence: float


Read = Callable[["Image"], list[Segment]]


def read_whole_or_in_tiles(image: Image, read: Read) -> list[Segment]:
    """The segments of an image: in one go, or, where shrinking would make the print too small, in overlapping tiles."""
    longest, shortest = max(image.size), min(image.size)
    if longest <= _SIDE:
        return read(_padded(image))
    if longest < _SLENDER * shortest:
        segments = read(image)
        if segments and median(s.box[3] - s.box[1] for s in segments) * _SIDE / longest >= _SMALL:
            return segments
    found: list[list[Segment]] = []
    for tile in _tiles(*image.size):
        piece = image.crop(tile)
        if not is_blank(piece):
            found.append([_moved(segment, tile[0], tile[1]) for segment in read(_padded(piece))])
    return sorted(_merged(found), key=lambda s: (s.box[1], s.box[0]))


def _padded(image: Image) -> Image:
    """A strip with its ground going on below or to the right: the engine enlarges its shorter side to hundreds of pixels."""
    from PIL import Image

    least = ceil(max(image.size) / _STRIP)
    if min(image.size) >= least:
        return image
    paper = Image.new("RGB", (max(image.width, least), max(image.height, least)), image.convert("RGB").getpixel((0, 0)))
    paper.paste(image)
    return paper


def is_blank(image: Image) -> bool:
    """Whether an image shows nothing."""
    darkest, lightest = image.convert("L").getextrema()
    return float(lightest) - float(darkest) < _FAINT  # type: ignore[arg-type]  # one band


def _tiles(width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Left, top, right, bottom of the pieces, row by row."""
    for top, bottom in _cuts(height):
        for left, right in _cuts(width):
            yield left, top, right, bottom


def _cuts(length: int) -> list[tuple[int, int]]:
    """Pieces of equal length, each sharing `_OVERLAP` with the next; one if it can be read in one go."""
    if length <= _SIDE:
        return [(0, length)]
    count = ceil((length - _OVERLAP) / (_TILE - _OVERLAP))
    step = (length - _OVERLAP) / count
    return [(round(i * step), round((i + 1) * step) + _OVERLAP) for i in range(count)]


def _moved(segment: Segment, x: int, y: int) -> Segment:
    left, top, right, bottom = segment.box
    return replace(segment, box=(left + x, top + y, right + x, bottom + y))


def _merged(found: Sequence[Sequence[Segment]]) -> list[Segment]:
    """The segments of all tiles, each line once: whole where a tile holds it whole, joined where two hold a half each."""
    merged: list[Segment] = []
    for segments in found:
        earlier = len(merged)
        for segment in segments:
            for i in reversed(range(earlier)):
                if _same_row(merged[i].box, segment.box):
                    segment = _union(merged.pop(i), segment)
                    earlier -= 1
            merged.append(segment)
    return merged


def _same_row(one: Box, other: Box) -> bool:
    """Whether two boxes overlap as the two readings of one line do."""
    lower = min(one[3] - one[1], other[3] - other[1])
    return _overlap(one, other, 0) > 0 and _overlap(one, other, 1) > 0.5 * lower


def _overlap(one: Box, other: Box, axis: int) -> float:
    return min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])


def _union(one: Segment, other: Segment) -> Segment:
    """Two readings of the same line: the fuller one where it holds the other, else both halves joined."""
    left, right = sorted((one, other), key=lambda s: s.box[0])
    slack = (one.box[3] - one.box[1]) / 2
    if left.box[2] > right.box[2] - slack or right.box[0] < left.box[0] + slack:
        return max(one, other, key=lambda s: (s.box[2] - s.box[0]) * (s.box[3] - s.box[1]))
    box = (left.box[0], min(left.box[1], right.box[1]), right.box[2], max(left.box[3], right.box[3]))
    characters = len(left.text) + len(right.text)
    mean = (left.confidence * len(left.text) + right.confidence * len(right.text)) / max(characters, 1)
    return Segment(_joined(left, right), box, round(mean, 3))


def _joined(left: Segment, right: Segment) -> str:
    """The text of two halves: what both read is there once; a character that a cut went through gives way to the whole one."""
    both = left.box[2] - right.box[0]
    tail, head = _characters_in(left, both) + 2, _characters_in(right, both) + 2
    start = max(len(left.text) - tail, 0)
    match = SequenceMatcher(None, left.text[start:], right.text[:head], autojunk=False).find_longest_match()
    if match.size < 2:
        return left.text[: max(len(left.text) - (tail - 2) // 2, 0)] + right.text[(head - 1) // 2 :]
    return left.text[: start + match.a + match.size] + right.text[match.b + match.size :]


def _characters_in(segment: Segment, pixels: float) -> int:
    """About how many characters of a segment stand on so many pixels."""
    return ceil(len(segment.text) * pixels / max(segment.box[2] - segment.box[0], 1.0))
