"""Pages of a PDF that are images: how much of a page images cover, and its lines read by OCR."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

from rag.parsing.layout import Line
from rag.parsing.ocr import DPI, Recogniser, lines_of, mean_confidence
from rag.parsing.tiles import is_blank

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

__all__ = ["BLANK", "NOTHING_RECOGNISED", "Scan", "image_share", "read_scan"]

BLANK = "空白页"
NOTHING_RECOGNISED = "页面是图像，没有识别出文字"
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

    kinds = {raw.FPDFPageObj_GetType(raw.FPDFPage_GetObject(page, i)) for i in range(raw.FPDFPage_CountObjects(page))}
    if kinds.isdisjoint((raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM)):  # a drawing may have a hundred thousand paths
        return 0.0
    width, height = page.get_size()
    boxes = [image.get_bounds() for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)]
    covered = sum(max(right - left, 0.0) * max(top - bottom, 0.0) for left, bottom, right, top in boxes)
    return float(min(covered / max(width * height, 1.0), 1.0))


def read_scan(page: PdfPage, number: int, recogniser: Recogniser) -> Scan:
    """Read the image of a page; `number` is physical, from 1. A page that was read before isn't rendered."""
    from pypdfium2 import PdfPosConv

    width, height = page.get_size()
    scale = min(DPI / 72, sqrt(_MAX_PIXELS / max(width * height, 1.0)))
    segments = recogniser.kept(number)
    if segments is None:
        image = page.render(scale=scale).to_pil()
        if is_blank(image):
            return Scan(unread=BLANK)
        segments = recogniser.read(image, number)
    if not segments:
        return Scan(unread=NOTHING_RECOGNISED)
    position = PdfPosConv(page, (0, 0, ceil(width * scale), ceil(height * scale), 0))  # as the page is rendered
    lines = lines_of(segments, lambda x, y: position.to_page(round(x), round(y)), scale)  # pdfium counts whole pixels
    return Scan(tuple(lines), mean_confidence(segments))
