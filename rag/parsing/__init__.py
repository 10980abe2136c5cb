"""Any supported document to pages: `parse(path, settings)` chooses the reader by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISREG

from errors import DocumentTooLargeError, EmptyDocumentError, UnsupportedFormatError
from rag.parsing.office import parse_docx, parse_html, parse_pptx
from rag.parsing.page import Page
from rag.parsing.pdf import parse_pdf
from rag.parsing.plain import parse_markdown, parse_text
from settings import Settings

__all__ = ["PAGED_SUFFIXES", "SUFFIXES", "check_file", "parse"]

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
    check_file(path, settings)
    return _READERS[path.suffix.lower()](path, settings.max_pages)


def check_file(path: Path, settings: Settings) -> None:
    """Check what can be known of a file without reading it.

    Raises:
        DocumentError: no reader, empty, too large, or no regular file (a folder, a pipe or a device).
        OSError: it can't be looked at.
    """
    info = path.stat()
    if not S_ISREG(info.st_mode):
        raise UnsupportedFormatError("这不是普通文件（是文件夹、管道或设备）。请检查路径。")
    if path.suffix.lower() not in SUFFIXES:
        known = "、".join(sorted(SUFFIXES))
        raise UnsupportedFormatError(f"不支持 {path.suffix or '没有后缀的'} 文件。可以入库的格式：{known}。")
    size = info.st_size
    if not size:
        raise EmptyDocumentError("文件是空的（0 字节）。请检查是否下载或复制完整。")
    if size > settings.max_file_mb << 20:
        raise DocumentTooLargeError(
            f"文件有 {size >> 20} MB，超过上限 {settings.max_file_mb} MB。请拆分文件，或调大 TUTOR_MAX_FILE_MB。"
        )
