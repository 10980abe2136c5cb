"""The text of a Word exam paper, a paragraph a line, with the numbers and letters that Word's lists only display."""

from __future__ import annotations

import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import DamagedDocumentError

if TYPE_CHECKING:
    from docx.document import Document

__all__ = ["read_docx"]

_LARGEST = 200 << 20


def read_docx(path: Path) -> str:
    """Paragraphs and table rows in their order; list labels such as `12.` and `B.` are written out.

    Raises:
        DamagedDocumentError: it is no DOCX, or unpacks to more than 200 MB.
    """
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
        if size > _LARGEST:
            raise DamagedDocumentError(f"{path.name} 解压后有 {size >> 20} MB，不像一份试卷。请删去其中的大图片后再试。")
        document = docx.Document(str(path))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise DamagedDocumentError(f"{path.name} 不是有效的 DOCX 文件，或加了密码。请用办公软件打开并另存后再试。") from error
    return "\n".join(_lines(document))


def _lines(document: Document) -> Iterator[str]:
    from docx.table import Table

    labels = _Labels(document)
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                cells = dict.fromkeys(row.cells)  # a merged cell comes once for every column it covers
                yield " ".join(labels.of(p) + p.text for cell in cells for p in cell.paragraphs)
        else:
            yield labels.of(block) + block.text


class _Labels:
    """Counts the list levels of a document as Word does, for the formats that number questions and options."""

    def __init__(self, document: Document) -> None:
        self._levels = _numbering(document)
        self._counts: Counter[tuple[str, int]] = Counter()

    def of(self, paragraph: Any) -> str:
        """The label that Word shows before a paragraph, with a space; '' without one."""
        properties = paragraph._p.pPr
        numbered = None if properties is None else properties.numPr
        if numbered is None or numbered.numId is None:
            return ""
        number, level = str(numbered.numId.val), 0 if numbered.ilvl is None else int(numbered.ilvl.val)
        style, pattern, start = self._levels.get((number, level), ("", "", 1))
        if style not in ("decimal", "upperLetter"):
            return ""
        for deeper in [k for k in self._counts if k[0] == number and k[1] > level]:
            del self._counts[deeper]
        self._counts[number, level] += 1
        value = self._counts[number, level] + start - 1
        text = str(value) if style == "decimal" else chr(ord("A") + (value - 1) % 26)
        return pattern.replace(f"%{level + 1}", text) + " "


def _numbering(document: Document) -> dict[tuple[str, int], tuple[str, str, int]]:
    """(list, level) → (format, pattern such as `%1.`, first value), from the document's numbering part."""
    from docx.oxml.ns import qn

    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):  # no list in the document
        return {}
    levels = {}
    abstract = {a.get(qn("w:abstractNumId")): a for a in root.findall(qn("w:abstractNum"))}
    for number in root.findall(qn("w:num")):
        base = abstract.get(number.find(qn("w:abstractNumId")).get(qn("w:val")))
        for level in () if base is None else base.findall(qn("w:lvl")):
            form, text, start = (level.find(qn(f"w:{name}")) for name in ("numFmt", "lvlText", "start"))
            if form is not None and text is not None:
                first = 1 if start is None else int(start.get(qn("w:val")))
                key = (number.get(qn("w:numId")), int(level.get(qn("w:ilvl"))))
                levels[key] = (form.get(qn("w:val")), text.get(qn("w:val")) or "", first)
    return levels
