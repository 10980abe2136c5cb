"""EPUB books: the documents of the spine in reading order, a page each, read like web pages."""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from errors import DamagedDocumentError, DocumentTooLargeError, EncryptedDocumentError
from rag.parsing.figures import Figures
from rag.parsing.office import NO_TEXT_ON_PAGE
from rag.parsing.page import Page
from rag.parsing.web import decode_html, html_blocks

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

__all__ = ["parse_epub"]

_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Algorithms that obscure fonts only; the text of such a book is open."""
_DAMAGED = "EPUB 已损坏或不完整（{}）。请重新下载，或用 Calibre 转换为 .epub 后再试。"
_MAX_DOCUMENT_BYTES, _MAX_PACKAGE_BYTES = 50 << 20, 10 << 20
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


@dataclass(frozen=True)
class _Item:
    """A file of the book: its name in the archive and whether it only leads to other places (contents, cover)."""

    name: str
    leads: bool


def parse_epub(path: Path, max_pages: int, figures: Figures | None = None) -> Iterator[Page]:
    """Yield the documents of the spine, numbered by their place in it; tables of contents and the cover are left out.

    Args:
        figures: reads its pictures; without it they are counted.

    Raises:
        EncryptedDocumentError: its content is encrypted (DRM).
        DamagedDocumentError: the archive or its package file is broken.
        DocumentTooLargeError: it unpacks to absurd sizes, or its spine has more than `max_pages` documents.
    """
    with zipfile.ZipFile(path) as archive:
        _check_open(archive)
        spine = _spine(archive)
        if len(spine) > max_pages:
            raise DocumentTooLargeError(f"EPUB 有 {len(spine)} 章，超过上限 {max_pages}。请拆分文件，或调大 TUTOR_MAX_PAGES。")
        read, figures = set[str](), figures or Figures()
        for number, item in enumerate(spine, 1):
            if not item.leads and item.name not in read:
                yield _page(archive, number, item.name, figures)
            read.add(item.name)


def _page(archive: zipfile.ZipFile, number: int, name: str, figures: Figures) -> Page:
    """One document of the spine. A broken one does not cost the book."""
    before = figures.unread
    try:
        if archive.getinfo(name).file_size > _MAX_DOCUMENT_BYTES:
            return Page(number, unread=f"这一章超过 {_MAX_DOCUMENT_BYTES >> 20} MB")
        text = decode_html(archive.read(name))
        blocks = figures.filled(html_blocks(text, lambda source: _picture(archive, posixpath.dirname(name), source, figures)))
    except KeyError:
        return Page(number, unread="书里缺少这一章的文件")
    except (DamagedDocumentError, *_BROKEN):
        return Page(number, unread="这一章的文件已损坏")
    return Page(number, blocks, unread="" if blocks else NO_TEXT_ON_PAGE, pictures=figures.unread - before)


def _picture(archive: zipfile.ZipFile, folder: str, source: str, figures: Figures) -> str:
    """The mark of a picture in the book; none for one that is elsewhere, missing or broken."""
    try:
        info = archive.getinfo(_name(folder, source))
        return figures.picture(archive.read(info)) if 0 < info.file_size <= _MAX_DOCUMENT_BYTES else ""
    except (KeyError, *_BROKEN):
        return ""


def _check_open(archive: zipfile.ZipFile) -> None:
    """Refuse a book in which more than fonts is encrypted."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    for data in _xml(archive, "META-INF/encryption.xml").find_all("EncryptedData"):
        method = data.find("EncryptionMethod")
        if method is None or method.get("Algorithm") not in _FONT_METHODS:
            raise EncryptedDocumentError("EPUB 的内容加了密（DRM 版权保护）。请换用没有加密的版本，例如出版社提供的 PDF。")


def _spine(archive: zipfile.ZipFile) -> list[_Item]:
    """The documents in reading order, as the package file lists them."""
    root = _xml(archive, "META-INF/container.xml").find("rootfile")
    package_name = str(root.get("full-path", "")) if root else ""
    package = _xml(archive, package_name)
    folder = posixpath.dirname(package_name)
    leading = {_name(folder, str(r.get("href", ""))) for r in package.find_all("reference") if r.get("type") in ("toc", "cover")}
    items = dict[str, _Item]()
    for entry in package.find_all("item"):
        name = _name(folder, str(entry.get("href", "")))
        is_nav = "nav" in str(entry.get("properties", "")).split() or entry.get("media-type") == "application/x-dtbncx+xml"
        items[str(entry.get("id", ""))] = _Item(name, is_nav or name in leading)
    missing = _Item("", leads=False)
    spine = [items.get(str(ref.get("idref", "")), missing) for ref in package.find_all("itemref")]
    if not spine:
        raise DamagedDocumentError(_DAMAGED.format("没有列出任何章节"))
    return spine


def _name(folder: str, href: str) -> str:
    """Where a reference leads inside the archive."""
    return posixpath.normpath(posixpath.join("/", folder, unquote(href.split("#")[0]))).lstrip("/")


def _xml(archive: zipfile.ZipFile, name: str) -> BeautifulSoup:
    """A part of the package, read leniently; entities that grow without bounds are cut off by the parser.

    Raises:
        DamagedDocumentError: it is missing or can't be unpacked.
    """
    from bs4 import BeautifulSoup

    try:
        if archive.getinfo(name).file_size > _MAX_PACKAGE_BYTES:
            raise DocumentTooLargeError(f"EPUB 的目录文件 {name[:80]} 大得不正常，已拒绝读取。请用 Calibre 转换为 .epub 后再试。")
        return BeautifulSoup(archive.read(name), "lxml-xml")
    except KeyError as error:
        raise DamagedDocumentError(_DAMAGED.format(f"缺少 {name[:80] or '书的目录文件'}")) from error
    except _BROKEN as error:
        raise DamagedDocumentError(_DAMAGED.format(f"{name[:80]} 读不出来")) from error
