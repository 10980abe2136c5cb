"""DOCX, PPTX and HTML by unstructured, with a Chinese sentence segmentation that needs no download."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from knowledge.text_file import INVISIBLE, read_text
from rag.parsing.layout import heading_level
from rag.parsing.page import Block, BlockKind, Page

if TYPE_CHECKING:
    from unstructured.documents.elements import Element

__all__ = ["parse_docx", "parse_html", "parse_pptx", "use_chinese_segmentation"]

_MAX_UNPACKED_BYTES = 1 << 30
_MAX_RATIO = 200
_OPTIONS: dict[str, Any] = {"languages": ["zho"], "detect_language_per_element": False}


def parse_docx(path: Path, max_pages: int) -> Iterator[Page]:
    """A Word document as one page: where its pages break is known to Word alone."""
    _check_archive(path, "word/document.xml", "DOCX")
    use_chinese_segmentation()
    from unstructured.partition.docx import partition_docx

    with path.open("rb") as file:
        elements = _partition(partition_docx, "DOCX", file=file, include_page_breaks=False, **_OPTIONS)
    yield _page(1, elements)


def parse_pptx(path: Path, max_pages: int) -> Iterator[Page]:
    """The slides of a presentation, a page each; slides without text come with `unread` set."""
    _check_archive(path, "ppt/presentation.xml", "PPTX")
    use_chinese_segmentation()
    from pptx import Presentation
    from unstructured.partition.pptx import partition_pptx

    with path.open("rb") as file:
        elements = _partition(partition_pptx, "PPTX", file=file, include_page_breaks=False, **_OPTIONS)
        total = len(Presentation(file).slides)
    slides = {n: list(group) for n, group in groupby(elements, key=lambda e: e.metadata.page_number or 1)}
    for number in range(1, total + 1):
        yield _slide(number, slides[number]) if number in slides else Page(number, unread="没有文字（只有图片或空白）")


def _slide(number: int, elements: list[Element]) -> Page:
    """A slide has one title, its first; unstructured calls every short text box one."""
    blocks = _page(number, elements).blocks
    return Page(number, blocks[:1] + tuple(replace(b, kind="item", level=0) if b.kind == "title" else b for b in blocks[1:]))


def parse_html(path: Path, max_pages: int) -> Iterator[Page]:
    """A web page as one page."""
    text = read_text(path)
    use_chinese_segmentation()
    from unstructured.partition.html import partition_html

    yield _page(1, _partition(partition_html, "HTML", text=_without_hidden(text), **_OPTIONS))


def _without_hidden(html: str) -> str:
    """The page without the elements that a reader does not see."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "lxml")
    for element in soup.select("[hidden], [style*='display:none'], [style*='display: none'], [style*='visibility:hidden']"):
        element.decompose()
    return str(soup)


def use_chinese_segmentation() -> None:
    """Make unstructured segment sentences with Chinese rules instead of downloading an English model.

    The seam is `unstructured.nlp.tokenize._get_nlp`; a test fails when a new release moves it.
    """
    os.environ.setdefault("UNSTRUCTURED_DISABLE_NOTICE", "1")  # an advertisement on stderr
    os.environ.setdefault("DO_NOT_TRACK", "1")  # its usage statistics
    from unstructured.nlp import tokenize

    tokenize._get_nlp = _chinese_nlp


@lru_cache(maxsize=1)
def _chinese_nlp() -> Any:
    import spacy

    nlp = spacy.blank("zh")  # one token a character, so that 。 is a token of its own
    nlp.add_pipe("sentencizer", config={"punct_chars": list("。！？；!?.")})
    return nlp


def _partition(partition: Any, name: str, **arguments: Any) -> list[Element]:
    elements: list[Element] = partition(**arguments)
    if not any(e.text and e.text.strip() for e in elements):
        raise EmptyDocumentError(f"{name} 文件里没有文字。如果内容是图片，请换成带文字的版本。")
    return elements


def _page(number: int, elements: list[Element]) -> Page:
    return Page(number, tuple(block for element in elements for block in _blocks(element)))


def _blocks(element: Element) -> Iterator[Block]:
    text = re.sub(r"[ \t\u00a0]+", " ", INVISIBLE.sub("", element.text or "")).strip()
    if not text or element.category in ("Header", "Footer", "PageNumber", "Image"):
        return
    if element.category == "Title":
        depth = (element.metadata.category_depth or 0) + 1
        # A short bold line is a Title to unstructured; without a style or a number it would cut the text to pieces.
        if len(text) <= 40 and text[-1] not in "。；，;":
            yield Block("title", text, heading_level(text) or depth)
            return
    if element.category == "Table":
        yield Block("table", _rows(element) or text)
        return
    kinds: dict[str, BlockKind] = {"ListItem": "item", "CodeSnippet": "code"}
    yield Block(kinds.get(element.category, "text"), text)


def _rows(element: Element) -> str:
    """A table's rows, a line each, cells parted by ` | `, from unstructured's HTML."""
    rows = re.findall(r"<tr>(.*?)</tr>", element.metadata.text_as_html or "", re.DOTALL)
    cells = ([_unescape(c) for c in re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)] for row in rows)
    return "\n".join(" | ".join(row) for row in cells if any(row))


def _unescape(cell: str) -> str:
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split())


def _check_archive(path: Path, member: str, name: str) -> None:
    """Refuse what is not an Office archive, and archives that unpack to absurd sizes.

    Raises:
        DamagedDocumentError, DocumentTooLargeError
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
            if member not in archive.namelist():
                raise DamagedDocumentError(f"文件内容不是 {name}。请用办公软件打开并另存为 {name} 后再试。")
    except zipfile.BadZipFile as error:
        raise DamagedDocumentError(f"{name} 文件已损坏，或加了密码。请用办公软件打开、去掉密码并另存后再试。") from error
    packed = max(path.stat().st_size, 1)
    if unpacked > _MAX_UNPACKED_BYTES or (unpacked > 100 << 20 and unpacked / packed > _MAX_RATIO):
        raise DocumentTooLargeError(f"{name} 解压后有 {unpacked >> 20} MB，已拒绝读取。请删去其中的大图片或视频后再试。")
