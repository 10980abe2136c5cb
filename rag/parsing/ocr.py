"""Text of page images by rapidocr (PP-OCR), whose models come with its wheel: nothing is downloaded.

The options are the fastest of those that read real exam pages equally well (measured by bench/ocr.py).
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.parsing.layout import Line
from rag.parsing.page import Box

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DPI", "LOW_CONFIDENCE", "Recogniser", "Segment", "ToPage", "lines_of"]

ToPage = Callable[[float, float], tuple[float, float]]

DPI = 120
"""Resolution of rendered pages. At 72 small print is lost, at 200 the reading takes three times as long and is no better."""
LOW_CONFIDENCE = 0.85
"""Below this mean confidence a page's text is not to be trusted; pages that read well have 0.95 and more."""
_CJK = r"[\u3400-\u9fff、。，；：？！“”《》]"
_NARROW = re.compile(rf"(?<={_CJK})[,;:?!()]|[()](?={_CJK})")
_WIDE = str.maketrans(",;:?!()", "，；：？！（）")
_CELL_GAP = 1.2
_BODY = 0.8
"""Height of the characters as a share of the box that is found around a line."""


@dataclass(frozen=True)
class Segment:
    """A piece of a printed line: its text, left, top, right, bottom in pixels from the upper left corner, and the confidence (0–1)."""

    text: str
    box: Box
    confidence: float


class Recogniser:
    """Reads page images; what was read is kept in `folder` (None: nowhere), so that a killed run goes on where it stopped."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def read(self, image: Image, page: int) -> list[Segment]:
        """The segments on the image of a physical page, from top to bottom."""
        kept = self._folder / f"{page}-{DPI}.json" if self._folder else None
        if kept and kept.exists():
            return [
                Segment(text, (a, b, c, d), confidence) for text, (a, b, c, d), confidence in json.loads(kept.read_text("utf-8"))
            ]
        segments = _recognise(image)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            draft = kept.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps([(s.text, s.box, s.confidence) for s in segments], ensure_ascii=False), "utf-8")
            draft.replace(kept)
        return segments


def lines_of(segments: Sequence[Segment], to_page: ToPage, scale: float) -> list[Line]:
    """Segments as printed lines in PDF points: those side by side are one line, a tab where the gap is a table's.

    Args:
        to_page: from a place on the image to one on the page (it knows the page's rotation and crop box).
        scale: pixels per point.
    """
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.box[1] + s.box[3]) / 2):
        if rows and _beside(rows[-1][-1], segment):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [_line(sorted(row, key=lambda s: s.box[0]), to_page, scale) for row in rows]


def _beside(before: Segment, segment: Segment) -> bool:
    """Whether two segments stand at the same height, one beside the other."""
    overlap = min(before.box[3], segment.box[3]) - max(before.box[1], segment.box[1])
    lower = min(before.box[3] - before.box[1], segment.box[3] - segment.box[1])
    apart = segment.box[0] >= before.box[2] or segment.box[2] <= before.box[0]
    return apart and overlap > 0.5 * lower


def _line(row: Sequence[Segment], to_page: ToPage, scale: float) -> Line:
    left, right = row[0].box[0], max(s.box[2] for s in row)
    top, bottom = min(s.box[1] for s in row), max(s.box[3] for s in row)
    size = _BODY * (bottom - top) / scale
    text = row[0].text
    for before, segment in zip(row, row[1:], strict=False):
        text += ("\t" if segment.box[0] - before.box[2] > _CELL_GAP * size * scale else " ") + segment.text
    (x0, y0), (x1, y1) = to_page(left, top), to_page(right, bottom)
    return Line(text, (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), size, text)


def _recognise(image: Image) -> list[Segment]:
    import numpy

    result = _engine()(numpy.asarray(image.convert("RGB")))
    if result.txts is None:
        return []
    found = zip(result.txts, result.boxes, result.scores, strict=True)
    return [Segment(_widened(text.strip()), _bounds(box), round(float(score), 3)) for text, box, score in found if text.strip()]


def _widened(text: str) -> str:
    """Punctuation beside Chinese characters in its Chinese form: the model reads some of it as ASCII."""
    return _NARROW.sub(lambda match: match.group().translate(_WIDE), text)


def _bounds(corners: Any) -> Box:
    """The upright rectangle around four corners."""
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


@lru_cache(maxsize=1)
def _engine() -> Any:
    """The engine, without the classifier of upside-down lines: it takes half the time and harms upright ones."""
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error"})
