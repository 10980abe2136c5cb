"""Web pages and the pages of e-books: the encoding that they declare, and what of their markup a reader sees."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from errors import DamagedDocumentError, EmptyDocumentError
from knowledge.text_file import INVISIBLE
from rag.parsing.office import OPTIONS, blocks_of_elements, use_chinese_segmentation
from rag.parsing.page import Block, Page

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import NavigableString

__all__ = ["decode_html", "html_blocks", "parse_html"]

_DECLARED = re.compile(rb"(?:charset\s*=|<\?xml[^>]{0,100}encoding\s*=)\s*[\"']?\s*([\w.:-]{2,40})", re.IGNORECASE)
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252"}
"""What browsers read under these names."""
_UNSEEN = (
    "nav, template, noscript, iframe, rt, rp, [hidden], [role=navigation], [style*='display:none'],"
    " [style*='display: none'], [style*='visibility:hidden']"
)
_WRAPPERS = "figure, details, form, label"
"""unstructured drops these with all that is in them."""
_DEEPEST = 100
"""From this depth on only the text is kept: at 256 libxml2 ends the document without a word."""
_MOST_ATTRIBUTES = 200
"""An element with more keeps none of them: libxml2's time for building it grows with the square of their number."""
_INLINE, _MAX_INLINE = frozenset({"a", "abbr", "b", "code", "em", "font", "i", "span", "strong", "sub", "sup", "u"}), 20


def parse_html(path: Path, max_pages: int) -> Iterator[Page]:
    """A web page as one page.

    Raises:
        DamagedDocumentError: it is not text, or its encoding is unknown.
        EmptyDocumentError: nothing in it that a reader sees.
    """
    blocks = html_blocks(decode_html(path.read_bytes()))
    if not blocks:
        raise EmptyDocumentError("HTML 文件里没有文字。如果内容是图片，或要联网才显示，请换成带文字的版本。")
    yield Page(1, blocks)


def decode_html(data: bytes) -> str:
    """The text of an HTML or XHTML file: by its byte order mark, as UTF-8, in the encoding it declares, as GB18030.

    UTF-8 stands before what is declared: text in another encoding is hardly ever valid UTF-8, and pages often lie.

    Raises:
        DamagedDocumentError: it is in none of these.
    """
    encodings = (
        ["utf-16"] if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else ["utf-8-sig", *_declared(data), "gb18030"]
    )
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    raise DamagedDocumentError("网页的编码无法识别。请用浏览器打开，另存为 UTF-8 编码的网页后再试。")


def _declared(data: bytes) -> list[str]:
    """The encoding named in `<meta charset>` or in the XML declaration, as Python calls it."""
    match = _DECLARED.search(data[:4096])
    if not match:
        return []
    try:
        codec = codecs.lookup(_WIDER.get(match.group(1).decode().lower(), match.group(1).decode()))
    except LookupError:
        return []
    name = _WIDER.get(codec.name, codec.name)
    return [name] if getattr(codec, "_is_text_encoding", True) else []


def html_blocks(html: str, picture: Callable[[str], str] = lambda source: "") -> tuple[Block, ...]:
    """What a reader sees of a page, in its order; empty if that is nothing.

    Args:
        picture: the text that stands for the picture with this `src`, as a paragraph of its own.
    """
    use_chinese_segmentation()
    from unstructured.partition.html import partition_html

    seen = _seen(html, picture)
    return blocks_of_elements(partition_html(text=seen, **OPTIONS)) if seen else ()


def _seen(html: str, picture: Callable[[str], str]) -> str:
    """The page without what is hidden, none of it nested so deep that the parser gives up; '' without any text."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(html, "lxml")
    for element in soup.select(_UNSEEN):
        if not element.decomposed:
            element.decompose()
    for element in soup.select(_WRAPPERS):
        element.name = "div"
    for element in soup.select("img, image"):
        paragraph = soup.new_tag("div")
        paragraph.string = picture(str(element.get("src") or element.get("href") or element.get("xlink:href") or ""))
        element.replace_with(paragraph) if paragraph.string else element.decompose()
    _raise_scripts(soup)
    for element in list(_too_deep(soup)):
        _flatten(soup, element)
    for element in soup.find_all(_is_overloaded):
        element.attrs.clear()
    return str(soup) if soup.get_text(strip=True) else ""


def _is_overloaded(element: Tag) -> bool:
    return len(element.attrs) > _MOST_ATTRIBUTES


def _raise_scripts(soup: BeautifulSoup) -> None:
    """Write a power as 2^10: without its markup it would read 210. Marks of footnotes are no powers."""
    for element in soup.select("sup"):
        text, before = element.get_text(strip=True), element.previous_sibling
        if re.fullmatch(r"[-+]?\w{1,6}", text, re.ASCII) and re.search(r"[0-9A-Za-z)]$", str(before or "")) and not element.a:
            element.replace_with(f"^{text}")


def _too_deep(soup: BeautifulSoup) -> Iterator[Tag]:
    """The outermost elements that are nested too deep."""
    from bs4 import Tag

    depth = {id(soup): 0}
    for element in soup.descendants:
        if isinstance(element, Tag):
            depth[id(element)] = depth[id(element.parent)] + 1
            if depth[id(element)] == _DEEPEST:
                yield element


def _flatten(soup: BeautifulSoup, element: Tag) -> None:
    """Leave of an element only its paragraphs of text."""
    paragraphs = ["".join(group) for _, group in groupby(element.strings, key=lambda text: id(_block_around(text)))]
    element.clear()
    for text in paragraphs:
        paragraph = soup.new_tag("p")
        paragraph.string = text
        element.append(paragraph)


def _block_around(text: NavigableString) -> Tag | None:
    """The element whose paragraph a text is part of, a few inline elements up."""
    holder = text.parent
    for _ in range(_MAX_INLINE):
        if holder is None or holder.name not in _INLINE:
            break
        holder = holder.parent
    return holder
