"""A PDF page as a reader sees it: its image, with the cited lines marked."""

from __future__ import annotations

import threading
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from errors import DamagedDocumentError
from rag.parsing.page import Box
from rag.parsing.pdf_file import open_pdf

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfPage

__all__ = ["page_count", "render_page"]

_HIGHLIGHT = (255, 236, 130)
_PDFIUM = threading.Lock()
"""PDFium must not be used by two threads at once, and several readers may open pages at the same moment."""
_MAX_SCALE, _MAX_PIXELS = 4.0, 20_000_000


def render_page(path: Path, page: int, boxes: list[Box], width: int = 1000) -> Image:
    """Image of a physical page (from 1), `width` pixels wide, with `boxes` (PDF points) marked like a highlighter.

    Raises:
        DamagedDocumentError: the page can't be rendered.
    """
    from PIL import Image, ImageChops, ImageDraw

    with _PDFIUM, open_pdf(path) as pdf:
        if not 1 <= page <= len(pdf):
            raise DamagedDocumentError(f"这份 PDF 没有第 {page} 页（共 {len(pdf)} 页）。请重新入库后再打开。")
        leaf = pdf[page - 1]
        bitmap = leaf.render(scale=_scale(leaf, width))
        image, position = bitmap.to_pil().convert("RGB"), bitmap.get_posconv(leaf)
        marker = Image.new("RGB", image.size, "white")
        draw = ImageDraw.Draw(marker)
        for left, bottom, right, top in boxes:
            (x0, y0), (x1, y1) = position.to_bitmap(left, bottom), position.to_bitmap(right, top)
            draw.rectangle((min(x0, x1) - 2, min(y0, y1) - 1, max(x0, x1) + 2, max(y0, y1) + 1), fill=_HIGHLIGHT)
        return ImageChops.multiply(image, marker)  # the ink stays black, as under a highlighter


def page_count(path: Path) -> int:
    """Number of pages of a PDF.

    Raises:
        DocumentError: it can't be opened.
    """
    with _PDFIUM, open_pdf(path) as pdf:
        return len(pdf)


def _scale(page: PdfPage, width: int) -> float:
    """Pixels per point; bounded, so that a page with absurd dimensions can't exhaust the memory."""
    points_wide, points_high = page.get_size()
    by_pixels = sqrt(_MAX_PIXELS / max(points_wide * points_high, 1.0))
    return float(min(width / max(points_wide, 1.0), _MAX_SCALE, by_pixels))
