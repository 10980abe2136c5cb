"""Any supported document to pages: `parse(path, settings)` chooses the reader by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from errors import DocumentTooLargeError, EmptyDocumentError, UnsupportedFormatError
from rag.parsing.office import parse_docx, parse_html, parse_pptx
from rag.parsing.page import Page
from rag.parsing.pdf import parse_pdf
from rag.parsing.plain import parse_markdown, parse_text
from settings import Settings

__all__ = ["PAGED_SUFFIXES", "SUFFIXES", "parse"]

_READERS: dict[str, Callable[[Path, int], Iterator[Page]]] = {
    ".pdf": parse_pdf,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".txt": parse_text,
    ".docx": parse_docx,
    ".pptx": parse_pptx,
    ".html": parse_html,
    ".htm": parse_html,
}
SUFFIXES = frozenset(_READERS)
PAGED_SUFFIXES = frozenset({".pdf", ".pptx"})
"""Formats whose pages a reader can see; the others count as one page and are cited by section."""


def parse(path: Path, settings: Settings) -> Iterator[Page]:
    """Yield the pages of a document, within the limits of the settings.

    Raises:
        DocumentError: the file can't be read; the message says why and what to do.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        known = "、".join(sorted(SUFFIXES))
        raise UnsupportedFormatError(f"不支持 {path.suffix or '没有后缀的'} 文件。可以入库的格式：{known}。")
    size = path.stat().st_size
    if not size:
        raise EmptyDocumentError("文件是空的（0 字节）。请检查是否下载或复制完整。")
    if size > settings.max_file_mb << 20:
        raise DocumentTooLargeError(
            f"文件有 {size >> 20} MB，超过上限 {settings.max_file_mb} MB。请拆分文件，或调大 TUTOR_MAX_FILE_MB。"
        )
    return reader(path, settings.max_pages)
