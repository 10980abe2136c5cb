"""Text of page images by rapidocr (PP-OCR), whose models come with its wheel: nothing is downloaded.

The options are the fastest of those that read real exam pages equally well (measured by bench/ocr.py).
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.parsing.columns import Row
from rag.parsing.layout import Line
from rag.parsing.page import Box
from rag.parsing.tiles import Segment, read_whole_or_in_tiles

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DPI", "LOW_CONFIDENCE", "Recogniser", "Segment", "ToPage", "lines_of", "mean_confidence", "set_threads"]

ToPage = Callable[[float, float], tuple[float, float]]

DPI = 120
"""Resolution of rendered pages. At 72 small print is lost, at 200 the reading takes three times as long and is no better."""
_OPTIONS = 2
"""Counts the changes of the engine's options: what was read with others is read again."""
LOW_CONFIDENCE = 0.85
"""Below this mean confidence a page's text is not to be trusted; pages that read well have 0.95 and more."""
_CJK = r"[\u3400-\u9fff、。，；：？！“”《》]"
_NARROW = re.compile(rf"(?<={_CJK})[,;:?!]")
_WIDE = str.maketrans(",;:?!", "，；：？！")
_CELL_GAP = 1.2
_threads = -1
"""Of the engine; -1: one for each processor."""
_BODY = 0.8
"""Height of the characters as a share of the box that is found around a line."""


class Recogniser:
    """Reads page images; what was read is kept in `folder` (None: nowhere), so that a killed run goes on where it stopped."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def read(self, image: Image, page: int | str) -> list[Segment]:
        """The segments on the image of a physical page (or on the picture of that name), from top to bottom."""
        known = self.kept(page)
        if known is not None:
            return known
        segments = read_whole_or_in_tiles(image, _recognise)
        if kept := self._file(page):
            kept.parent.mkdir(parents=True, exist_ok=True)
            draft = kept.with_suffix(f".{os.getpid()}")
            draft.write_text(json.dumps([(s.text, s.box, s.confidence) for s in segments], ensure_ascii=False), "utf-8")
            draft.replace(kept)
        return segments

    def kept(self, page: int | str) -> list[Segment] | None:
        """What was read of a page before; None if nothing is kept of it."""
        file = self._file(page)
        if file is None or not file.exists():
            return None
        return [Segment(text, (a, b, c, d), confidence) for text, (a, b, c, d), confidence in json.loads(file.read_text("utf-8"))]

    def _file(self, page: int | str) -> Path | None:
        return self._folder / f"{page}-{DPI}-{_OPTIONS}.json" if self._folder else None


def mean_confidence(segments: Sequence[Segment]) -> float:
    """Weighted by characters: a doubtful page number says little about a page."""
    characters = sum(len(s.text) for s in segments)
    return round(sum(s.confidence * len(s.text) for s in segments) / max(characters, 1), 3)


def lines_of(segments: Sequence[Segment], to_page: ToPage, scale: float) -> list[Line]:
    """Segments as printed lines in PDF points: those side by side are one line, a tab where the gap is a table's.

    Args:
        to_page: from a place on the image to one on the page (it knows the page's rotation and crop box).
        scale: pixels per point.
    """
    rows: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (s.box[1] + s.box[3]) / 2):
        if rows and _beside(rows[-1], segment):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    return [_line(sorted(row, key=lambda s: s.box[0]), to_page, scale) for row in rows]


def _beside(row: Sequence[Segment], segment: Segment) -> bool:
    """Whether a segment stands at the height of a row's last one, and above or below none of the row."""
    before = row[-1]
    overlap = min(before.box[3], segment.box[3]) - max(before.box[1], segment.box[1])
    lower = min(before.box[3] - before.box[1], segment.box[3] - segment.box[1])
    return overlap > 0.5 * lower and all(segment.box[0] >= s.box[2] or segment.box[2] <= s.box[0] for s in row)


def _line(row: Sequence[Segment], to_page: ToPage, scale: float) -> Line:
    """The line that segments make, in their order; with its cells where a gap is as wide as a table's or between columns."""
    size = _size(row) / scale
    cells: list[list[Segment]] = []
    for segment in row:
        if cells and segment.box[0] - cells[-1][-1].box[2] <= _CELL_GAP * size * scale:
            cells[-1].append(segment)
        else:
            cells.append([segment])
    parts = tuple(_cell(cell, to_page, scale) for cell in cells)
    if len(parts) == 1:
        return parts[0]
    text, box = "\t".join(part.text for part in parts), _around([part.box for part in parts])
    return Row(text, box, size, text, parts)


def _cell(segments: Sequence[Segment], to_page: ToPage, scale: float) -> Line:
    corners = [to_page(x, y) for s in segments for x, y in (s.box[:2], s.box[2:])]
    text = " ".join(s.text for s in segments)
    return Line(text, _around([(*corner, *corner) for corner in corners]), _size(segments) / scale, text)


def _size(segments: Sequence[Segment]) -> float:
    """Height of the characters of segments side by side, in pixels."""
    return _BODY * (max(s.box[3] for s in segments) - min(s.box[1] for s in segments))


def _around(boxes: Sequence[Box]) -> Box:
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _recognise(image: Image) -> list[Segment]:
    import numpy

    result = _engine()(numpy.asarray(image.convert("RGB")))
    if result.txts is None:
        return []
    found = zip(result.txts, result.boxes, result.scores, strict=True)
    return [Segment(_widened(text.strip()), _bounds(box), round(float(score), 3)) for text, box, score in found if text.strip()]


def _widened(text: str) -> str:
    """Punctuation beside Chinese characters in its Chinese form: the model reads some of it as ASCII.

    Brackets are changed in pairs, and those of a function or a formula stay: 复杂度O(n)是, f(x), but 线程（Thread）.
    """
    chars = list(_NARROW.sub(lambda match: match.group().translate(_WIDE), text))
    opened: list[int] = []
    for i, char in enumerate(chars):
        if char in "(（":
            opened.append(i)
        elif char in ")）":
            start = opened.pop() if opened else -1
            pair = (i, start) if start >= 0 else (i,)
            if any(chars[at] in "（）" for at in pair) or _in_prose(chars, start, i):
                for at, wide in zip(pair, "）（", strict=False):
                    chars[at] = wide
    for i in opened:  # it is closed on the next line
        if _is_chinese(chars, i - 1):
            chars[i] = "（"
    return "".join(chars)


def _in_prose(chars: Sequence[str], start: int, end: int) -> bool:
    """Whether the brackets at `start` (-1: on an earlier line) and `end` are those of Chinese text."""
    if start < 0:
        return _is_chinese(chars, end - 1) or _is_chinese(chars, end + 1) and not chars[end - 1].isascii()
    inside = any(_is_chinese(chars, i) for i in range(start + 1, end))
    attached = start > 0 and chars[start - 1].isascii() and not chars[start - 1].isspace()
    return inside or _is_chinese(chars, start - 1) or _is_chinese(chars, end + 1) and not attached


def _is_chinese(chars: Sequence[str], at: int) -> bool:
    return 0 <= at < len(chars) and re.match(_CJK, chars[at]) is not None


def _bounds(corners: Any) -> Box:
    """The upright rectangle around four corners."""
    xs, ys = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


def set_threads(count: int) -> None:
    """Read with so many threads from now on: worker processes that share the processors take one each."""
    global _threads
    _threads = count
    _engine.cache_clear()


@lru_cache(maxsize=1)
def _engine() -> Any:
    """The engine, without the classifier of upside-down lines: it takes half the time and harms upright ones.

    Lines are read one by one: in a batch each is filled up to the widest, which costs a quarter more time and some characters;
    a short one is filled up to 160 pixels instead of 320.
    """
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    from rapidocr import RapidOCR

    reading = {"Rec.rec_batch_num": 1, "Rec.rec_img_shape": [3, 48, 160]}
    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": _threads}
    return RapidOCR(params={"Global.use_cls": False, "Global.log_level": "error"} | reading | threads)
