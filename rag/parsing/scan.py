"""Pages of a PDF that are images: how much of a page images cover, and its lines read by OCR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from rag.parsing.layout import Line
from rag.parsing.ocr import DPI, Recogniser, Segment, lines_of

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

__all__ = ["BLANK", "NOTHING_RECOGNISED", "Scan", "image_share", "read_scan"]

BLANK = "空白页"
NOTHING_RECOGNISED = "页面是图像，没有识别出文字"
_FAINT = 40
"""A page whose lightest and darkest pixels differ by less (of 255) shows nothing."""
_MAX_PIXELS = 12_000_000


@dataclass(frozen=True)
class Scan:
    """What OCR read from a page: lines in PDF points, mean confidence (0–1) over the characters; `unread` says why there are none."""

    lines: tuple[Line, ...] = ()
    confidence: float = 0.0
    unread: str = ""


def image_share(page: PdfPage) -> float:
    """The share (0–1) of a page that its images cover."""
    from pypdfium2 import raw

    width, height = page.get_size()
    boxes = [image.get_bounds() for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)]
    covered = sum(max(right - left, 0.0) * max(top - bottom, 0.0) for left, bottom, right, top in boxes)
    return float(min(covered / max(width * height, 1.0), 1.0))


def read_scan(page: PdfPage, number: int, recogniser: Recogniser) -> Scan:
    """Read the image of a page; `number` is physical, from 1."""
    width, height = page.get_size()
    scale = min(DPI / 72, sqrt(_MAX_PIXELS / max(width * height, 1.0)))
    bitmap = page.render(scale=scale)
    image, position = bitmap.to_pil(), bitmap.get_posconv(page)
    darkest, lightest = image.convert("L").getextrema()
    if lightest - darkest < _FAINT:
        return Scan(unread=BLANK)
    segments = recogniser.read(image, number)
    if not segments:
        return Scan(unread=NOTHING_RECOGNISED)
    lines = lines_of(segments, lambda x, y: position.to_page(round(x), round(y)), scale)  # pdfium counts whole pixels
    return Scan(tuple(lines), _mean_confidence(segments))


def _mean_confidence(segments: Sequence[Segment]) -> float:
    """Weighted by characters: a doubtful page number says little about a page."""
    characters = sum(len(s.text) for s in segments)
    return round(sum(s.confidence * len(s.text) for s in segments) / max(characters, 1), 3)
