"""Any supported document to pages: `parse(path, settings)` chooses the reader by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from stat import S_ISREG

from errors import DamagedDocumentError, DocumentError, DocumentTooLargeError, EmptyDocumentError, UnsupportedFormatError
from rag.parsing.epub import parse_epub
from rag.parsing.figures import Figures
from rag.parsing.formats import ADVICE, check_content
from rag.parsing.image import IMAGE_SUFFIXES, parse_image
from rag.parsing.limits import ARCHIVES, check_archive, check_name, check_text
from rag.parsing.ocr import Recogniser
from rag.parsing.office import parse_docx, parse_pptx
from rag.parsing.page import Page
from rag.parsing.pdf import parse_pdf
from rag.parsing.plain import parse_markdown, parse_text
from rag.parsing.web import parse_html
from settings import Settings

__all__ = ["PAGED_SUFFIXES", "SUFFIXES", "UNREADABLE", "check_document", "check_file", "parse", "why_unsupported"]

UNREADABLE = "读取时出错，文件多半已损坏。请用相应软件打开并另存一份后再试。"
_READERS: dict[str, Callable[[Path, int], Iterator[Page]]] = {
    ".pdf": parse_pdf,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".txt": parse_text,
    ".html": parse_html,
    ".htm": parse_html,
}
_WITH_FIGURES: dict[str, Callable[[Path, int, Figures], Iterator[Page]]] = {
    ".docx": parse_docx,
    ".pptx": parse_pptx,
    ".epub": parse_epub,
}
SUFFIXES = frozenset(_READERS) | frozenset(_WITH_FIGURES) | IMAGE_SUFFIXES
PAGED_SUFFIXES = frozenset({".pdf", ".pptx", ".tif", ".tiff"})
"""Formats whose pages a reader can see; the others are cited by section."""


def parse(path: Path, settings: Settings, recogniser: Recogniser | None = None) -> Iterator[Page]:
    """Yield the pages of a document, within the limits of the settings; scanned pages are read by the `recogniser`, if any.

    Raises:
        DocumentError: the file can't be read; the message says why and what to do.
    """
    check_document(path, settings)
    return _guarded(_reader(path, settings, recogniser))


def _reader(path: Path, settings: Settings, recogniser: Recogniser | None) -> Iterator[Page]:
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return parse_pdf(path, settings.max_pages, recogniser)
    if suffix in IMAGE_SUFFIXES:
        return parse_image(path, settings.max_pages, settings.max_pixels, recogniser)
    if suffix in _WITH_FIGURES:
        figures = Figures(recogniser if settings.ocr_images else None, settings.max_pixels)
        return _WITH_FIGURES[suffix](path, settings.max_pages, figures)
    if suffix in (".md", ".markdown"):
        return parse_markdown(path, settings.max_pages, settings.max_nesting)
    return _READERS[suffix](path, settings.max_pages)


def _guarded(pages: Iterator[Page]) -> Iterator[Page]:
    """The pages; whatever a library raises at a broken file is ours. Where memory ends is for the caller to say."""
    try:
        yield from pages
    except (DocumentError, OSError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - parsers raise errors of a dozen libraries
        raise DamagedDocumentError(UNREADABLE) from error


def check_document(path: Path, settings: Settings) -> None:
    """Check a file as far as that is possible without its reader: name, size, what it is, and the limits on what it holds.

    Raises:
        DocumentError: the message says why and what to do.
        OSError: it can't be read.
    """
    check_file(path, settings)
    suffix = path.suffix.lower()
    check_content(path, suffix)
    if suffix in ARCHIVES:
        check_archive(path, ARCHIVES[suffix], settings)
    check_text(path, suffix, settings)


def check_file(path: Path, settings: Settings) -> None:
    """Check what can be known of a file without opening it.

    Raises:
        DocumentError: no reader, empty, its name or size too large, or no regular file (a folder, a pipe or a device).
        OSError: it can't be looked at.
    """
    check_name(path, settings)
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
    return f"不支持 {path.suffix or '没有后缀的'} 文件。请另存为可以入库的格式（{known}）后再试。"
