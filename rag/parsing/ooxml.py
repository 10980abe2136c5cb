"""What python-docx and python-pptx pass over, put where they read it: text boxes, formulas, content controls, notes.

The tree that they hold is changed in memory; the file is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.etree import ElementTree as ET

from knowledge.docx_numbers import Lists, Styles
from knowledge.docx_text import Paper

__all__ = ["notes_of", "simplify_document", "simplify_slides"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_WRAPPERS = tuple(_W + name for name in ("ins", "moveTo", "smartTag", "customXml", "fldSimple", "sdtContent", "sdt"))
_LEFT_OUT = tuple(_W + name for name in ("del", "moveFrom", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr"))
_GROUP = 6
"""MSO_SHAPE_TYPE.GROUP"""
_NOTES = ("footnotes", "endnotes")


def simplify_document(document: Any) -> Any:
    """A python-docx document whose body is paragraphs and tables alone, with all of its text in their runs."""
    body = document.element.body
    for control in list(body.iter(_W + "sdt")):
        if any(g.get(_W + "val") == "Table of Contents" for g in control.iter(_W + "docPartGallery")):
            control.getparent().remove(control)
    _choose(body)
    for element in list(body.iter(*_LEFT_OUT)):
        _drop(element)
    for element in reversed(list(body.iter(*_WRAPPERS))):
        _unwrap(element)
    for box in reversed(list(body.iter(_W + "txbxContent"))):
        _set_free(box)
    _write_powers(run for run in body.iter(_W + "r") if run.xpath("./w:rPr/w:vertAlign[@w:val='superscript']"))
    _write_formulas(body, _W)
    return document


def simplify_slides(show: Any) -> Any:
    """A python-pptx presentation whose slides have no alternatives; formulas are runs of text."""
    for slide in show.slides:
        _choose(slide.element)
        _ungroup(slide.shapes)
        _write_powers(run for run in slide.element.iter(_A + "r") if int(run.xpath("sum(./a:rPr/@baseline)") or 0) > 0)
        _write_formulas(slide.element, _A)
    return show


def notes_of(document: Any) -> Iterator[str]:
    """The footnotes and endnotes of a Word document, in their order."""
    for relation in document.part.rels.values():
        if relation.reltype.rsplit("/", 1)[-1] in _NOTES and not relation.is_external:
            for text in _paper_lines(relation.target_part.blob):
                yield f"注：{text}"


def _paper_lines(blob: bytes) -> list[str]:
    from docx.oxml import parse_xml

    root = _copied(parse_xml(blob))
    notes = [n for n in root if n.tag in ("footnote", "endnote") and n.get("type", "normal") == "normal"]
    return [text for note in notes if (text := " ".join(" ".join(_paper().lines(note)).split()))]


def _paper() -> Paper:
    styles = Styles(ET.Element("none"))
    return Paper(styles, Lists(ET.Element("none"), styles))


def _choose(root: Any) -> None:
    """Of alternatives keep the first: the others say the same for older programs."""
    for alternative in reversed(list(root.iter(_MC + "AlternateContent"))):
        branches = [b for b in alternative if b.tag in (_MC + "Choice", _MC + "Fallback")]
        for branch in branches[1:]:
            alternative.remove(branch)
        for branch in branches[:1]:
            _unwrap(branch)
        _unwrap(alternative)


def _ungroup(shapes: Any) -> None:
    """Give the members of groups their place on the slide: by it they are put in order, and left out if it is outside."""
    for group in [shape for shape in shapes if shape.shape_type == _GROUP]:
        _ungroup(group.shapes)
        for member in list(group.shapes):
            inner = group.element.grpSpPr.find(f"{_A}xfrm/{_A}chOff")
            if inner is not None and member.left is not None:
                member.left = max(group.left + member.left - int(inner.get("x")), 0)
                member.top = max(group.top + member.top - int(inner.get("y")), 0)
            group.element.addprevious(member.element)


def _write_powers(runs: Iterable[Any]) -> None:
    """Write a power as 2^10: without its raised letters it would read 210. Marks of notes are no powers."""
    raised = list(runs)
    for i, run in enumerate(raised):
        texts = [t for t in run if t.tag in (_W + "t", _A + "t")]
        before = run.getprevious()
        follows = i > 0 and before is raised[i - 1]
        words = "".join(before.itertext()) if before is not None else ""
        if texts and not follows and re.search(r"[0-9A-Za-z)]$", words) and re.match(r"[-+\w]", texts[0].text or "", re.ASCII):
            texts[0].text = f"^{texts[0].text}"


def _set_free(box: Any) -> None:
    """Move the paragraphs and tables of a text box behind the paragraph that it hangs on."""
    host = next((a for a in box.iterancestors() if a.tag == _W + "p"), None)
    for child in reversed(list(box)):
        if host is not None and child.tag in (_W + "p", _W + "tbl"):
            host.addnext(child)


def _write_formulas(root: Any, space: str) -> None:
    """Put a run with the formula in a line of text (x^2, (n+1)/2) in the place of each."""
    for formula in list(root.iter(_M + "oMath")):
        wrapped = ET.Element("body")
        ET.SubElement(wrapped, "p").append(_copied(formula))
        text = re.sub(r"\s+", " ", " ".join(_paper().lines(wrapped))).strip()
        outer = formula
        while outer.getparent().tag not in (space + "p", space + "hyperlink") and outer.getparent() is not root:
            outer = outer.getparent()
        run = formula.makeelement(space + "r")
        run.append(formula.makeelement(space + "t"))
        run[0].text = text
        outer.addprevious(run)
        formula.getparent().remove(formula)


def _copied(element: Any) -> ET.Element:
    """An lxml element as one of the standard library, with local names."""
    copy = ET.Element(element.tag.rpartition("}")[2], {name.rpartition("}")[2]: value for name, value in element.items()})
    copy.text, copy.tail = element.text, element.tail
    copy.extend(_copied(child) for child in element if isinstance(child.tag, str))
    return copy


def _unwrap(element: Any) -> None:
    for child in list(element):
        element.addprevious(child)
    element.getparent().remove(element)


def _drop(element: Any) -> None:
    if element.getparent() is not None:
        element.getparent().remove(element)
