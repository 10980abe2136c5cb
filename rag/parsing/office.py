"""DOCX and PPTX by unstructured, with a Chinese sentence segmentation that needs no download."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from knowledge.text_file import INVISIBLE
from rag.parsing.figures import Figures
from rag.parsing.layout import heading_level
from rag.parsing.ooxml import notes_of, simplify_document, simplify_slides
from rag.parsing.ooxml_figures import mark_document, mark_slide
from rag.parsing.page import Block, BlockKind, Page

if TYPE_CHECKING:
    from unstructured.documents.elements import Element

__all__ = ["NO_TEXT_ON_PAGE", "OPTIONS", "blocks_of_elements", "parse_docx", "parse_pptx", "use_chinese_segmentation"]

OPTIONS: dict[str, Any] = {"languages": ["zho"], "detect_language_per_element": False}
_NO_TEXT = "{} 文件里没有文字。如果内容是图片，请换成带文字的版本，或设置 TUTOR_OCR_IMAGES=true 识别图中文字。"
NO_TEXT_ON_PAGE = "没有文字（只有图片或空白）"


def parse_docx(path: Path, max_pages: int, figures: Figures | None = None) -> Iterator[Page]:
    """A Word document as one page: where its pages break is known to Word alone. Notes stand at its end.

    Args:
        figures: reads its pictures; without it they are counted.

    Raises:
        DamagedDocumentError, EncryptedDocumentError, DocumentTooLargeError, EmptyDocumentError
    """
    use_chinese_segmentation()
    from docx import Document
    from unstructured.partition.docx import partition_docx

    document = _opened(Document, path, "DOCX", "element")
    figures = figures or Figures()
    simplify_document(document)
    mark_document(document, figures)
    file = BytesIO()
    document.save(file)
    blocks = figures.filled(blocks_of_elements(partition_docx(file=file, include_page_breaks=False, **OPTIONS)))
    blocks += tuple(Block("text", text) for text in notes_of(document))
    if not blocks:
        raise EmptyDocumentError(_NO_TEXT.format("DOCX"))
    yield Page(1, blocks, pictures=figures.unread)


def parse_pptx(path: Path, max_pages: int, figures: Figures | None = None) -> Iterator[Page]:
    """The slides of a presentation, hidden ones too, a page each; slides without text come with `unread` set.

    Args:
        figures: reads its pictures; without it they are counted.

    Raises:
        DamagedDocumentError, EncryptedDocumentError, DocumentTooLargeError, EmptyDocumentError
    """
    use_chinese_segmentation()
    from pptx import Presentation
    from unstructured.partition.pptx import partition_pptx

    show = _opened(Presentation, path, "PPTX", "slides")
    if len(show.slides) > max_pages:
        raise DocumentTooLargeError(
            f"PPTX 有 {len(show.slides)} 张幻灯片，超过上限 {max_pages}。请拆分文件，或调大 TUTOR_MAX_PAGES。"
        )
    figures = figures or Figures()
    simplify_slides(show)
    pictures = [_mark(slide, figures) for slide in show.slides]
    file = BytesIO()
    show.save(file)
    elements = partition_pptx(file=file, include_page_breaks=False, **OPTIONS)
    slides = {n: list(group) for n, group in groupby(elements, key=lambda e: e.metadata.page_number or 1)}
    pages = [_slide(number, slides.get(number, []), slide, figures) for number, slide in enumerate(show.slides, 1)]
    pages = [replace(page, pictures=count) for page, count in zip(pages, pictures, strict=True)]
    if all(page.unread for page in pages):
        raise EmptyDocumentError(_NO_TEXT.format("PPTX"))
    yield from pages


def _mark(slide: Any, figures: Figures) -> int:
    """Mark the figures of a slide; the number of its pictures that are not read."""
    before = figures.unread
    mark_slide(slide, figures)
    return figures.unread - before


def _opened(reader: Callable[[BinaryIO], Any], path: Path, name: str, content: str) -> Any:
    """What python-docx or python-pptx makes of a file; `content` names what is looked up in it only when it is asked for.

    Raises:
        DamagedDocumentError: parts are missing, or their XML is broken.
    """
    try:
        with path.open("rb") as file:
            document = reader(file)
        getattr(document, content)
        return document
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - KeyError, XMLSyntaxError, PackageNotFoundError, AttributeError …
        if "Excessive depth" in str(error):  # libxml2 stops at 256
            raise DocumentTooLargeError(f"{name} 里的标签嵌套超过 255 层，已拒绝读取。请用办公软件打开并另存后再试。") from error
        raise DamagedDocumentError(f"文件内容不是 {name}，或已损坏。请用办公软件打开并另存为 {name} 后再试。") from error


def _slide(number: int, elements: list[Element], slide: Any, figures: Figures) -> Page:
    """A slide has one title: its title shape's, else its first; unstructured calls every short text box one."""
    blocks = blocks_of_elements(elements)
    shape = slide.shapes.title
    named = " ".join(shape.text_frame.text.split()) if shape is not None else ""
    title = next((i for i, b in enumerate(blocks) if named and b.kind == "title" and named.startswith(b.text)), 0)
    ordered = blocks[title : title + 1] + blocks[:title] + blocks[title + 1 :]
    rest = (replace(b, kind="item", level=0) if b.kind == "title" else b for b in ordered[1:])
    blocks = figures.filled((*ordered[:1], *rest, *_speaker_notes(slide)))
    return Page(number, blocks, unread="" if blocks else NO_TEXT_ON_PAGE)


def _speaker_notes(slide: Any) -> Iterator[Block]:
    frame = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    text = "\n".join(filter(None, (INVISIBLE.sub("", line).strip() for line in frame.text.splitlines()))) if frame else ""
    if text:
        yield Block("text", f"备注：{text}")


def use_chinese_segmentation() -> None:
    """Make unstructured segment sentences with Chinese rules instead of downloading an English model.

    The seam is `unstructured.nlp.tokenize._get_nlp`; a test fails when a new release moves it.
    """
    os.environ.setdefault("UNSTRUCTURED_DISABLE_NOTICE", "1")  # an advertisement on stderr
    os.environ.setdefault("DO_NOT_TRACK", "1")  # its usage statistics
    from unstructured.nlp import tokenize

    logging.getLogger("unstructured").setLevel(logging.ERROR)  # what it leaves out of a heuristic is no concern of a reader
    tokenize._get_nlp = _chinese_nlp


@lru_cache(maxsize=1)
def _chinese_nlp() -> Any:
    import spacy

    nlp = spacy.blank("zh")  # one token a character, so that 。 is a token of its own
    nlp.max_length = 20_000  # what follows is not looked at to tell headings from sentences: the time grows with its square
    nlp.add_pipe("sentencizer", config={"punct_chars": list("。！？；!?.")})
    return nlp


def blocks_of_elements(elements: Iterable[Element]) -> tuple[Block, ...]:
    """Our blocks for what unstructured found, in its order."""
    return tuple(block for element in elements for block in _blocks(element))


def _blocks(element: Element) -> Iterator[Block]:
    text = INVISIBLE.sub("", element.text or "")
    text = text.strip("\n") if element.category == "CodeSnippet" else re.sub(r"[ \t\u00a0]+", " ", text).strip()
    if not text.strip() or element.category in ("Header", "Footer", "PageNumber", "Image"):
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
