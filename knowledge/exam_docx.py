"""The text of a Word exam paper, a paragraph a line, with the numbers and letters that Word's lists only display.

Only the parts that hold text are unpacked. Their XML is read by local names: strict and transitional documents differ in
namespaces alone.
"""

from __future__ import annotations

import lzma
import posixpath
import struct
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

from errors import DamagedDocumentError
from knowledge.docx_numbers import Lists, Styles
from knowledge.docx_text import Paper

__all__ = ["read_docx"]

_LARGEST = 200 << 20
_LARGEST_XML = 50 << 20
"""Bytes of one part: parsed, it takes some twenty times as much memory."""
_HARMLESS, _RATIO = 20 << 20, 200
"""Below 20 MB any compression is accepted."""
_DEEPEST = 256
"""libxml2's limit; what Word writes stays far below it."""
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError),  # the archive
    *(ET.ParseError, LookupError, ValueError),  # the XML, or what is missing from it
    RuntimeError,  # encrypted members; NotImplementedError: unknown compression; RecursionError
)


def read_docx(path: Path) -> str:
    """Paragraphs and table rows in their order; list labels such as `12.` and `B.` are written out.

    Raised and lowered text comes as `2^10` and `x_i`, a text box after the paragraph it hangs on, a picture as `[图]`;
    tracked changes count as accepted.

    Raises:
        DamagedDocumentError: it can't be read, is no DOCX, or unpacks to absurd sizes.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            _check_sizes(archive, path)
            main = _related(archive, "", "officeDocument")
            body = _parsed(archive, main).find("body")
            if body is None:
                raise ValueError("no body")
            styles = Styles(_parsed(archive, _related(archive, main, "styles")))
            lists = Lists(_parsed(archive, _related(archive, main, "numbering")), styles)
        return "\n".join(Paper(styles, lists).lines(body))
    except _BROKEN as error:
        raise DamagedDocumentError(
            f"{path.name} 不是有效的 DOCX 文件，或已损坏、加了密码。请用办公软件打开、去掉密码并另存为 .docx 后再试。"
        ) from error
    except OSError as error:
        raise DamagedDocumentError(
            f"{path.name} 读不出来，不能当作 DOCX 打开。请确认文件存在、没有被别的程序占用，用办公软件打开并另存后再试。"
        ) from error


def _check_sizes(archive: zipfile.ZipFile, path: Path) -> None:
    size = sum(info.file_size for info in archive.infolist())
    if size > _LARGEST or size > max(_HARMLESS, _RATIO * path.stat().st_size):
        raise DamagedDocumentError(f"{path.name} 解压后有 {size >> 20} MB，不像一份试卷。请删去其中的大图片后再试。")


def _related(archive: zipfile.ZipFile, source: str, kind: str) -> str:
    """The name of the part that another one (or the package, '') refers to as its `kind`; '' without one."""
    folder, name = posixpath.split(source)
    references = posixpath.join(folder, "_rels", f"{name}.rels")
    if source and references not in archive.namelist():
        return ""
    for reference in _parsed(archive, references):
        if reference.get("Type", "").endswith(f"/{kind}"):
            return posixpath.normpath(posixpath.join("/", folder, reference.attrib["Target"])).lstrip("/")
    return ""


def _parsed(archive: zipfile.ZipFile, name: str) -> ET.Element:
    """The root of a part; an empty element for ''."""
    if not name:
        return ET.Element("none")
    if archive.getinfo(name).file_size > _LARGEST_XML:
        raise DamagedDocumentError(f"这份 DOCX 的正文有 {_LARGEST_XML >> 20} MB 以上，不像一份试卷。请分成几份后再试。")
    parser = ET.XMLParser(target=_Tree())
    parser.feed(archive.read(name))
    root: ET.Element = parser.close()
    return root


class _Tree(ET.TreeBuilder):
    """Elements and attributes by their local names; refuses what no word processor writes but hostile files hold."""

    _depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> ET.Element:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("nested too deep")
        return super().start(_local(tag), {_local(k): v for k, v in attrs.items()})

    def end(self, tag: str, /) -> ET.Element:
        self._depth -= 1
        return super().end(_local(tag))

    def doctype(self, name: str, public: str | None, system: str | None) -> None:
        """Entities that grow without bounds are declared here; OOXML allows none."""
        raise ValueError("document type declaration")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
