"""Pictures, diagrams and charts inside office documents and e-books: their words, as blocks at their place.

Where a figure stands its reader puts a mark into the text; when the text has become blocks, the marks give way to the figures.
"""

from __future__ import annotations

import hashlib
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

from rag.parsing.columns import in_reading_order
from rag.parsing.image import flattened
from rag.parsing.layout import blocks_of
from rag.parsing.ocr import Recogniser, lines_of
from rag.parsing.page import Block
from rag.parsing.tiles import is_blank

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FROM_PICTURE", "Figures"]

FROM_PICTURE = "［图中文字］"
"""Stands alone on the line before the text of a picture: a quote is whole lines, and so never holds it."""
_MARK = re.compile(r"\ue4a8(\d+)\ue4a9")
_ICON = 80
"""Pixels: what is smaller both ways is a bullet, a logo or an ornament."""
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


class Figures:
    """The figures of one document. Pictures are read by the `recogniser`; without one they are counted in `unread`."""

    def __init__(self, recogniser: Recogniser | None = None, max_pixels: int = 50_000_000) -> None:
        self._recogniser, self._max_pixels = recogniser, max_pixels
        self._known = set[str]()
        self._blocks: list[tuple[Block, ...]] = []
        self.unread = 0
        """Pictures so far that were not read: without a recogniser, too large, or in a format that can't be drawn."""

    def picture(self, data: bytes) -> str:
        """The mark of a picture; '' if it is an icon, stood in the document before, says nothing, or is not read."""
        name = hashlib.sha256(data).hexdigest()[:20]
        if name in self._known:
            return ""
        self._known.add(name)
        size = _size(data)
        if size and max(size) < _ICON:
            return ""
        image = _decoded(data) if self._recogniser and size and size[0] * size[1] <= self._max_pixels else None
        if image is None or self._recogniser is None:
            self.unread += 1
            return ""
        text = "" if is_blank(image) else _text_of(image, f"picture-{name}", self._recogniser)
        return self._marked([Block("text", f"{FROM_PICTURE}\n{text}")] if text else [])

    def diagram(self, data: bytes) -> str:
        """The mark of a SmartArt drawing, from its data part: its nodes are list items."""
        root = _xml(data)
        return self._marked([] if root is None else [Block("item", text) for text in _node_texts(root)])

    def chart(self, data: bytes) -> str:
        """The mark of a chart, from its part: title, names of the series, categories."""
        root = _xml(data)
        text = "" if root is None else "\n".join(_chart_lines(root))
        return self._marked([Block("text", text)] if text else [])

    def _marked(self, blocks: Sequence[Block]) -> str:
        if not blocks:
            return ""
        self._blocks.append(tuple(blocks))
        return f"\ue4a8{len(self._blocks) - 1}\ue4a9"

    def filled(self, blocks: Iterable[Block]) -> tuple[Block, ...]:
        """The blocks with the figures in the place of their marks; inside a table in one line, as its rows are."""
        return tuple(filled for block in blocks for filled in self._filled(block))

    def _filled(self, block: Block) -> Iterator[Block]:
        if not _MARK.search(block.text):
            yield block
        elif block.kind == "table":
            yield replace(block, text=_MARK.sub(lambda mark: self._in_a_line(int(mark[1])), block.text))
        else:
            for i, part in enumerate(_MARK.split(block.text)):
                if i % 2:
                    yield from self._blocks[int(part)]
                elif part.strip():
                    yield replace(block, text=part.strip())

    def _in_a_line(self, index: int) -> str:
        return " ".join(" ".join(block.text.split("\n")) for block in self._blocks[index])


def _size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, from the header; None if Pillow doesn't know the format."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data)) as image:
                return image.size
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None


def _decoded(data: bytes) -> Image | None:
    """The picture; None if it is broken, or a drawing (EMF, WMF), which needs its own program."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")) as image:
                return flattened(image)
    except (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, OverflowError):
        return None


def _text_of(image: Image, name: str, recogniser: Recogniser) -> str:
    segments = recogniser.read(image, name)
    lines = in_reading_order(lines_of(segments, lambda x, y: (x, image.height - y), 1.0))
    return "\n".join(block.text for block in blocks_of(lines, [])) if lines else ""


def _xml(data: bytes) -> Any:
    """A part's tree; None if it is broken. Entities are not followed."""
    from docx.oxml import parse_xml

    try:
        return parse_xml(data)
    except (SyntaxError, ValueError):
        return None


def _node_texts(root: Any) -> Iterator[str]:
    """The texts of a SmartArt's nodes in their order: each before its children."""
    points = {p.get("modelId"): p for p in root.iter(_DGM + "pt") if p.get("type", "node") in ("node", "doc", "asst")}
    children: dict[str, list[tuple[int, str]]] = {}
    for link in root.iter(_DGM + "cxn"):
        if link.get("type", "parOf") == "parOf" and link.get("destId") in points:
            children.setdefault(link.get("srcId"), []).append((int(link.get("srcOrd", 0)), link.get("destId")))
    seen = set[str]()
    waiting = [name for name, point in reversed(points.items()) if point.get("type") != "doc"]  # those that nothing leads to
    waiting += [name for name, point in points.items() if point.get("type") == "doc"]
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += [child for _, child in sorted(children.get(name, ()), reverse=True)]
        if text := " ".join(_paragraphs(points[name])):
            yield text


def _paragraphs(element: Any) -> Iterator[str]:
    for paragraph in element.iter(_A + "p"):
        if text := " ".join("".join(t.text or "" for t in paragraph.iter(_A + "t")).split()):
            yield text


def _chart_lines(root: Any) -> Iterator[str]:
    title = root.find(f".//{_C}chart/{_C}title")
    yield "图表：" + " ".join(_paragraphs(title)) if title is not None and any(_paragraphs(title)) else "图表"
    series = [text for one in root.iter(_C + "ser") for text in _values(one, "tx")]
    categories = [text for one in root.iter(_C + "ser") for text in _values(one, "cat")]
    if series:
        yield "系列：" + "、".join(dict.fromkeys(series))
    if categories:
        yield "类别：" + "、".join(dict.fromkeys(categories))


def _values(series: Any, part: str) -> list[str]:
    texts = ((v.text or "").strip() for element in series.findall(_C + part) for v in element.iter(_C + "v"))
    return [text for text in texts if text]
