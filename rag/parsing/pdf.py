"""PDF pages, read by pypdfium2: characters and their boxes, the outline, and the page's image; scanned pages go to OCR."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from rag.parsing.columns import in_reading_order
from rag.parsing.furniture import Furniture, find_furniture, sample_of
from rag.parsing.layout import Line, OutlineEntry, blocks_of
from rag.parsing.ocr import Recogniser
from rag.parsing.page import SOFT_HYPHEN, Box, Page
from rag.parsing.routing import is_garbled, is_image_page
from rag.parsing.scan import image_share, read_scan

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

__all__ = ["GARBLED", "NO_TEXT_LAYER", "parse_pdf", "render_page"]

_NO_PAGES = "PDF 里没有页面。请检查文件是否完整，重新导出后再试。"
NO_TEXT_LAYER = "没有文字层（多半是扫描件或图片）"
GARBLED = "文字层是乱码（字体没有文字编码）"
_CELL_GAP = 1.2
"""Blank between two cells of a table, in heights of a character; between words it is a third at most."""
_LINE_HYPHENS = (0x2, 0xFFFE)
_PROBED, _MIN_CHINESE = 20, 20


@dataclass(frozen=True)
class _Char:
    text: str
    box: Box


def parse_pdf(path: Path, max_pages: int, recogniser: Recogniser | None = None) -> Iterator[Page]:
    """Yield the pages of a PDF in order. Those without a usable text layer are read by OCR, or have `unread` set without it.

    Raises:
        EncryptedDocumentError: it wants a password.
        DamagedDocumentError: it is not a PDF, or is broken.
        EmptyDocumentError: it has no page.
        DocumentTooLargeError: it has more than `max_pages` pages.
    """
    with _open(path) as pdf:
        if len(pdf) > max_pages:
            raise DocumentTooLargeError(f"PDF 有 {len(pdf)} 页，超过上限 {max_pages} 页。请拆分文件，或调大 TUTOR_MAX_PAGES。")
        outline, chinese, furniture = _outline(pdf), _is_chinese(pdf), _furniture(pdf)
        for index in range(len(pdf)):
            yield _parse_page(pdf, index, outline, chinese, recogniser, furniture)


def render_page(path: Path, page: int, boxes: list[Box], width: int = 1000) -> Image:
    """Image of a physical page (from 1), `width` pixels wide, with `boxes` (PDF points) marked like a highlighter.

    Raises:
        DamagedDocumentError: the page can't be rendered.
    """
    from PIL import Image, ImageChops, ImageDraw

    with _open(path) as pdf:
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


_HIGHLIGHT = (255, 236, 130)
_MAX_SCALE, _MAX_PIXELS = 4.0, 20_000_000


def _scale(page: PdfPage, width: int) -> float:
    """Pixels per point; bounded, so that a page with absurd dimensions can't exhaust the memory."""
    points_wide, points_high = page.get_size()
    by_pixels = sqrt(_MAX_PIXELS / max(points_wide * points_high, 1.0))
    return float(min(width / max(points_wide, 1.0), _MAX_SCALE, by_pixels))


@contextmanager
def _open(path: Path) -> Iterator[PdfDocument]:
    import pypdfium2
    from pypdfium2 import raw

    with path.open("rb") as file:
        if b"%PDF-" not in file.read(1024):
            raise DamagedDocumentError("文件名是 .pdf，内容却不是 PDF。请重新下载或导出这份文件。")
    try:
        pdf = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if _opens_without_pages(path):
            raise EmptyDocumentError(_NO_PAGES) from error
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            raise EncryptedDocumentError("PDF 加了密码。请先解除密码（另存为不加密的 PDF）再入库。") from error
        raise DamagedDocumentError("PDF 已损坏，无法打开。请重新下载或导出这份文件。") from error
    try:
        yield pdf
    except pypdfium2.PdfiumError as error:
        raise DamagedDocumentError(f"PDF 有损坏的页面，无法读取（{error}）。请重新下载或导出这份文件。") from error
    finally:
        pdf.close()


def _opens_without_pages(path: Path) -> bool:
    """Whether pdfium opens the file and finds no page: pypdfium2 refuses that with the error code of some earlier file."""
    from pypdfium2 import raw

    document = raw.FPDF_LoadDocument(str(path).encode(), None)
    if not document:
        return False
    try:
        return int(raw.FPDF_GetPageCount(document)) == 0
    finally:
        raw.FPDF_CloseDocument(document)


def _outline(pdf: PdfDocument) -> tuple[OutlineEntry, ...]:
    entries = []
    for bookmark in pdf.get_toc(max_depth=6):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None and (title := bookmark.get_title().strip()):
            entries.append(OutlineEntry(index + 1, bookmark.level + 1, title))
    return tuple(entries)


def _parse_page(
    pdf: PdfDocument,
    index: int,
    outline: Sequence[OutlineEntry],
    chinese: bool,
    recogniser: Recogniser | None,
    furniture: Furniture,
) -> Page:
    page, number, confidence = pdf[index], index + 1, None
    try:
        lines = _page_lines(page)
        fault = _fault(page, lines, chinese)
        if fault and recogniser is None:
            return Page(number, unread=fault)
        if fault and recogniser:
            scan = read_scan(page, number, recogniser)
            if not scan.lines:
                return Page(number, unread=scan.unread)
            lines, confidence = list(scan.lines), scan.confidence
        lines = in_reading_order(furniture.without(lines, page.get_bbox()[3]))
    finally:
        page.close()
    blocks = blocks_of(lines, [e for e in outline if e.page == number]) if lines else ()
    return Page(number, blocks, confidence=confidence)


def _furniture(pdf: PdfDocument) -> Furniture:
    """What repeats over a sample of the pages."""
    pages = [pdf[index] for index in sample_of(len(pdf))]
    try:
        return find_furniture([_page_lines(page) for page in pages], [page.get_bbox()[3] for page in pages])
    finally:
        for page in pages:
            page.close()


def _fault(page: PdfPage, lines: Sequence[Line], chinese: bool) -> str:
    """Why the text layer can't be used; '' if it can."""
    if is_image_page(lines, image_share(page)):
        return NO_TEXT_LAYER
    return GARBLED if is_garbled("\n".join(line.text for line in lines), chinese) else ""


def _page_lines(page: PdfPage) -> list[Line]:
    text = page.get_textpage()
    try:
        return list(_lines(text))
    finally:
        text.close()


def _is_chinese(pdf: PdfDocument) -> bool:
    """Whether Chinese characters abound on some of the first pages that hold text."""
    for index in range(min(len(pdf), _PROBED)):
        page = pdf[index]
        text = page.get_textpage()
        printed = "".join(text.get_text_bounded().split())
        text.close()
        page.close()
        if sum("\u3400" <= c <= "\u9fff" for c in printed) > max(_MIN_CHINESE, 0.2 * len(printed)):
            return True
    return False


def _lines(text: PdfTextPage) -> Iterator[Line]:
    """Printed lines in the order of the content stream; pdfium puts a line break between them."""
    run: list[_Char] = []
    for char in _chars(text):
        if char.text in "\r\n":
            yield from _line(run)
            run = []
        else:
            run.append(char)
    yield from _line(run)


def _line(run: list[_Char]) -> Iterator[Line]:
    inked = [c for c in run if not c.text.isspace() and c.box[2] > c.box[0]]
    if not inked:
        return
    boxes = [c.box for c in inked]
    box = (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))
    size = median(b[3] - b[1] for b in boxes)
    printed = "".join(c.text for c in run)
    yield Line(_with_cells(run, size), box, size, printed.strip())


def _with_cells(run: list[_Char], size: float) -> str:
    """The line's text, single-spaced, with a tab where the gap is as wide as between a table's cells."""
    text, right = "", None
    for char in run:
        if char.text.isspace():
            text += " "
            continue
        if right is not None and char.box[2] and char.box[0] - right > _CELL_GAP * size:
            text = text.rstrip() + "\t"
        text, right = text + char.text, char.box[2] or right
    return "\t".join(" ".join(cell.split()) for cell in text.split("\t"))


def _chars(text: PdfTextPage) -> Iterator[_Char]:
    from pypdfium2 import raw

    rect, left, bottom, right, top = raw.FS_RECTF(), *(ctypes.c_double() for _ in range(4))
    high, last = 0, ""
    for i in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, i)
        if 0xD800 <= code < 0xDC00:  # the first half of a surrogate pair
            high = code
            continue
        if 0xDC00 <= code < 0xE000 and high:
            code, high = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00), 0
        char = chr(code)
        if code in _LINE_HYPHENS:  # pdfium swallows the line break behind it; `FF-` keeps its sign, `infor-` does not
            yield _Char("-" if last.isupper() or last.isdigit() else SOFT_HYPHEN, (0.0, 0.0, 0.0, 0.0))
            yield _Char("\n", (0.0, 0.0, 0.0, 0.0))
            continue
        last = char
        if code in (0xFFFE, 0xFFFF, 0) or (unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\r\n\t"):
            continue  # soft hyphens, zero-width and control characters are not what the page shows
        if raw.FPDFText_GetLooseCharBox(text, i, rect):
            yield _Char(char, (rect.left, rect.bottom, rect.right, rect.top))
        elif raw.FPDFText_GetCharBox(text, i, left, right, bottom, top):
            yield _Char(char, (left.value, bottom.value, right.value, top.value))
        else:
            yield _Char(char, (0.0, 0.0, 0.0, 0.0))
