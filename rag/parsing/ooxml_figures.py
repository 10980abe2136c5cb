"""Marks of pictures, diagrams and charts, put into the tree of a Word document or a presentation at their place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rag.parsing.figures import Figures

__all__ = ["mark_document", "mark_slide"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_V = "{urn:schemas-microsoft-com:vml}"


def mark_document(document: Any, figures: Figures) -> None:
    """Put a paragraph with the mark of each figure behind the paragraph that it hangs on."""
    body = document.element.body
    last: dict[Any, Any] = {}  # the paragraph behind which the next figure of a paragraph goes
    for holder in list(body.iter(_W + "drawing", _W + "pict", _W + "object")):
        for host in [a for a in holder.iterancestors() if a.tag == _W + "p"][:1]:
            for mark in _marks(holder, document.part, figures):
                paragraph = _paragraph(body, mark)
                last.get(host, host).addnext(paragraph)
                last[host] = paragraph


def _paragraph(body: Any, text: str) -> Any:
    paragraph = body.makeelement(_W + "p")
    run = paragraph.makeelement(_W + "r")
    run.append(run.makeelement(_W + "t"))
    run[0].text = text
    paragraph.append(run)
    return paragraph


def mark_slide(slide: Any, figures: Figures) -> None:
    """Put a text box with the mark of each figure at its place: by the place boxes are put in order."""
    for shape in list(slide.shapes):
        if shape.element.tag in (_P + "pic", _P + "graphicFrame"):
            for mark in _marks(shape.element, slide.part, figures):
                box = slide.shapes.add_textbox(shape.left or 0, shape.top or 0, shape.width or 1, shape.height or 1)
                box.text_frame.text = mark


def _marks(holder: Any, part: Any, figures: Figures) -> Iterator[str]:
    """The marks of what a drawing shows; '' is left out."""
    kinds = (
        (_A + "blip", _R + "embed", figures.picture),
        (_V + "imagedata", _R + "id", figures.picture),
        (_DGM + "relIds", _R + "dm", figures.diagram),
        (_C + "chart", _R + "id", figures.chart),
    )
    for tag, attribute, read in kinds:
        for element in holder.iter(tag):
            data = _data(part, element.get(attribute))
            if data and (mark := read(data)):
                yield mark


def _data(part: Any, name: str | None) -> bytes:
    """The bytes of a related part; none if it is missing or lies outside the file."""
    relation = part.rels.get(name) if name else None
    return b"" if relation is None or relation.is_external else bytes(relation.target_part.blob)
