"""The text of a Word document's blocks: paragraphs and table rows as lines, formulas written out, pictures marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from xml.etree import ElementTree as ET

from knowledge.docx_numbers import Lists, Styles

__all__ = ["Paper"]

_PICTURE = "[图]"
_PICTURES = frozenset({"drawing", "pict", "object", "contentPart"})
_HIDDEN = frozenset({"del", "moveFrom", "pPr", "rPr", "ctrlPr", "rt"})
"""Deleted text, formats (a tab stop is no tab), and the small text above a word that explains it."""
_CHARACTERS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_SYMBOLS = dict(enumerate("αβχδεφγηιϕκλμνοπθρστυϖωξψζ", 0x61)) | dict(enumerate("≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…", 0xA3))
_SYMBOLS |= dict(enumerate("⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇", 0xC4)) | dict(enumerate("∏√⋅¬∧∨⇔⇐⇑⇒⇓", 0xD5)) | {0xE5: "∑"}
"""Of the font Symbol."""
_SIMPLE = re.compile(r"[-+−]?[\w.]+|\([^()]*\)|\[[^][]*\]|[^\w\s]")
"""What needs no brackets to be read as one: 2^10, but 2^(n-1)."""


def shown(element: ET.Element) -> Iterator[ET.Element]:
    """The children, without deleted ones, and of alternatives the first: the others say the same for older programs."""
    for child in element:
        if child.tag == "AlternateContent":
            branch = child.find("Choice")
            branch = child.find("Fallback") if branch is None else branch
            yield from () if branch is None else shown(branch)
        elif child.tag not in _HIDDEN:
            yield child


def within(element: ET.Element, *tags: str) -> Iterator[ET.Element]:
    """The nearest descendants with these tags, through content controls, insertions and other wrappers."""
    for child in shown(element):
        if child.tag in tags:
            yield child
        else:
            yield from within(child, *tags)


class Paper:
    """Writes a document's blocks as lines, counting its lists on the way."""

    def __init__(self, styles: Styles, lists: Lists) -> None:
        self._styles, self._lists = styles, lists

    def lines(self, element: ET.Element) -> list[str]:
        blocks = within(element, "p", "tbl")
        return [line for b in blocks for line in (self._rows(b) if b.tag == "tbl" else self._paragraph(b))]

    def _rows(self, table: ET.Element) -> Iterator[str]:
        """A row each: its cells parted by a space, the paragraphs of a cell by a line end."""
        for row in within(table, "tr"):
            if row.find("trPr/del") is None:
                cells = ("\n".join(self.lines(cell)).strip() for cell in within(row, "tc") if not _continues(cell))
                yield " ".join(filter(None, cells))

    def _paragraph(self, paragraph: ET.Element) -> list[str]:
        boxes: list[ET.Element] = []
        text = _joined(self._pieces(paragraph, "", boxes))
        deleted = any(paragraph.find(f"pPr/rPr/{change}") is not None for change in ("del", "moveFrom"))
        own = [] if deleted and not text.strip() else [self._lists.label(paragraph) + text]
        inner = [line for box in boxes for line in self.lines(box)]
        return [line for line in own if line.strip() or not inner] + inner

    def _pieces(self, element: ET.Element, mark: str, boxes: list[ET.Element]) -> Iterator[tuple[str, str]]:
        """(`^`, `_` or '', text) of what stands in a paragraph; text boxes are put aside."""
        for child in shown(element):
            if child.tag in _PICTURES:
                held = list(within(child, "txbxContent"))
                boxes += held
                yield "", _PICTURE * _is_picture(child, held)
            elif child.tag == "oMath":
                yield mark, _formula(child)
            elif child.tag == "r":
                yield from self._pieces(child, self._styles.mark(child), boxes)
            elif text := _characters(child):
                yield mark, text
            else:
                yield from self._pieces(child, mark, boxes)


def _continues(cell: ET.Element) -> bool:
    """Whether it is the hidden rest of a cell that spans rows or columns."""
    merges = (cell.find(f"tcPr/{name}") for name in ("vMerge", "hMerge"))
    return any(merge is not None and merge.get("val") != "restart" for merge in merges)


def _is_picture(element: ET.Element, boxes: list[ET.Element]) -> bool:
    """Whether it shows anything but one text box; a horizontal rule says nothing."""
    if any(e.get("hr") in ("t", "true", "1") for e in element):
        return False
    texts = sum(any((t.text or "").strip() for t in box.iter("t")) for box in boxes)
    return texts != 1 or any(True for _ in within(element, "pic", "imagedata"))


def _characters(element: ET.Element) -> str:
    if element.tag == "t":
        return re.sub(r"[\t\r\n]", " ", element.text or "")
    if element.tag == "sym":
        code = int(element.get("char", ""), 16)
        symbol = _SYMBOLS.get(code & 0xFF, "") if element.get("font") == "Symbol" else chr(code)
        return symbol if symbol.isprintable() and symbol else _PICTURE
    if element.tag == "instrText" and re.match(r"\s*EQ\b", element.text or "", re.IGNORECASE):
        return _PICTURE  # a formula that Word draws
    return _CHARACTERS.get(element.tag, "")


def _joined(pieces: Iterator[tuple[str, str]]) -> str:
    """Neighbours with the same mark are one: Word splits what it once saved at different times."""
    text = ""
    for mark, group in groupby((p for p in pieces if p[1]), itemgetter(0)):
        script = _script(mark, "".join(piece for _, piece in group))
        text += script.removeprefix(mark) if mark and text.endswith(mark) else script
    return text


def _script(mark: str, text: str) -> str:
    core = text.strip()
    if not mark or not core or core == _PICTURE or core.startswith(("^", "_")):
        return text
    return text.replace(core, mark + _grouped(core), 1)


def _grouped(text: str) -> str:
    return text if not text or _SIMPLE.fullmatch(text) else f"({text})"


def _formula(element: ET.Element) -> str:
    """An Office Math element in a line: x^2, (n+1)/2, √(n), ∑_(i=1)^n."""
    children = [(child.tag, _characters(child) or _formula(child)) for child in shown(element) if not child.tag.endswith("Pr")]
    part = dict(children)
    entries = [text for tag, text in children if tag in ("e", "mr")]
    scripts = _script("_", part.get("sub", "") or part.get("lim", "")) + _script("^", part.get("sup", ""))

    def sign(name: str, default: str) -> str:
        found = element.find(f"{element.tag}Pr/{name}")
        return default if found is None else found.get("val", "")

    match element.tag:
        case "sSup" | "sSub" | "sSubSup" | "limLow" | "limUpp":
            return part.get("e", "") + scripts
        case "f":
            return f"{_grouped(part.get('num', ''))}/{_grouped(part.get('den', ''))}"
        case "rad":
            return f"{part.get('deg', '')}√{_grouped(part.get('e', ''))}"
        case "nary":
            return sign("chr", "∫") + scripts + part.get("e", "")
        case "d":
            return sign("begChr", "(") + sign("sepChr", "|").join(entries) + sign("endChr", ")")
        case "bar" | "acc":
            over = sign("chr", "\u0302" if element.tag == "acc" else "\u0305")
            return "".join(character + over for character in part.get("e", ""))
        case "m" | "eqArr":
            return "; ".join(entries)
        case "mr":
            return ", ".join(entries)
    return "".join(text for _, text in children)
