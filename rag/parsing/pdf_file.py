"""PDF files opened by pypdfium2: what is wrong with those that can't be, and the outline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from rag.parsing.layout import OutlineEntry

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

__all__ = ["open_pdf", "outline_of"]

_NO_PAGES = "PDF 里没有页面。请检查文件是否完整，重新导出后再试。"


@contextmanager
def open_pdf(path: Path) -> Iterator[PdfDocument]:
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


def outline_of(pdf: PdfDocument) -> tuple[OutlineEntry, ...]:
    entries = []
    for bookmark in pdf.get_toc(max_depth=6):
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        if index is not None and (title := bookmark.get_title().strip()):
            entries.append(OutlineEntry(index + 1, bookmark.level + 1, title))
    return tuple(entries)
