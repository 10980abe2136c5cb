"""Any supported document to pages: `parse(path, settings)` chooses the reader by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISREG

from errors import DocumentTooLargeError, EmptyDocumentError, UnsupportedFormatError
from rag.parsing.epub import parse_epub
from rag.parsing.formats import ADVICE, check_content
from rag.parsing.ocr import Recogniser
from rag.parsing.office import parse_docx, parse_pptx
from rag.parsing.page import Page
from rag.parsing.pdf import parse_pdf
from rag.parsing.plain import parse_markdown, parse_text
from rag.parsing.web import parse_html
from settings import Settings

__all__ = ["PAGED_SUFFIXES", "SUFFIXES", "check_file", "parse", "why_unsupported"]

_READERS: dict[str, Callable[[Path, int], Iterator[Page]]] = {
    ".pdf": parse_pdf,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".txt": parse_text,
    ".docx": parse_docx,
    ".pptx": parse_pptx,
    ".html": parse_html,
    ".htm": parse_html,
    ".epub": parse_epub,
}
SUFFIXES = frozenset(_READERS)
PAGED_SUFFIXES = frozenset({".pdf", ".pptx"})
"""Formats whose pages a reader can see; the others are cited by section."""


def parse(path: Path, settings: Settings, recogniser: Recogniser | None = None) -> Iterator[Page]:
    """Yield the pages of a document, within the limits of the settings; scanned pages are read by the `recogniser`, if any.

    Raises:
        DocumentError: the file can't be read; the message says why and what to do.
    """
    check_file(path, settings)
    check_content(path, path.suffix.lower())
    if path.suffix.lower() == ".pdf":
        return parse_pdf(path, settings.max_pages, recogniser)
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
        raise UnsupportedFormatError(why_unsupported(path))
    size = info.st_size
    if not size:
        raise EmptyDocumentError("文件是空的（0 字节）。请检查是否下载或复制完整。")
    if size > settings.max_file_mb << 20:
        raise DocumentTooLargeError(
            f"文件有 {size >> 20} MB，超过上限 {settings.max_file_mb} MB。请拆分文件，或调大 TUTOR_MAX_FILE_MB。"
        )


def why_unsupported(path: Path) -> str:
    """Why a file with this suffix can't be read, and what to do about exactly this format."""
    suffix = path.suffix.lower()
    if suffix in ADVICE:
        name, advice = ADVICE[suffix]
        return f"不支持 {suffix}（{name}）：{advice}。"
    known = "、".join(sorted(SUFFIXES))
    return f"不支持 {path.suffix or '没有后缀的'} 文件。可以入库的格式：{known}。"
