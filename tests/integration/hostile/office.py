"""Word and PowerPoint files, and what others call their formats."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from typing import Any

from docx import Document as Word
from pptx import Presentation

from tests.conftest import archive
from tests.integration.hostile.case import Case

__all__ = ["CASES", "show", "word"]

_TEXT = "The semaphore guards the bounded buffer."
_MB = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
_LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "haha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 60) for i in range(8))
    + b"]>"
)
_FILE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
_TABLE = b"<w:tbl><w:tblPr/><w:tblGrid><w:gridCol/></w:tblGrid><w:tr><w:tc><w:p><w:r><w:t>semaphore</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
_MAIN = "word/document.xml"


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def word() -> bytes:
    document = Word()
    document.add_paragraph(_TEXT)
    return saved(document)


def show(slides: int = 1) -> bytes:
    made = Presentation()
    for _ in range(slides):
        made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = _TEXT
    return saved(made)


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def changed(change: Callable[[bytes], bytes], data: bytes | None = None, name: str = _MAIN) -> bytes:
    """An archive with one part changed."""
    parts = parts_of(data or word())
    return archive(parts | {name: change(parts[name])})


def within(body: bytes) -> bytes:
    """A Word document with something more in its body."""
    return changed(lambda xml: xml.replace(b"<w:body>", b"<w:body>" + body))


def entity(declared: bytes, name: bytes) -> bytes:
    return changed(
        lambda xml: xml.replace(b"?>", b"?>" + declared, 1).replace(
            b"<w:body>", b"<w:body><w:p><w:r><w:t>%s</w:t></w:r></w:p>" % name
        )
    )


def ole(stream: str) -> bytes:
    return _OLE + stream.encode("utf-16-le") + bytes(512)


def overlapping(copies: int) -> bytes:
    """An archive whose members are all the same bytes of the file."""
    data = archive(parts_of(word()) | {"word/media/a.bin": bytes(_MB)})
    end = data.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", data[end + 12 : end + 20])
    entry = data[data.rindex(b"PK\x01\x02") : end]
    entries = data[start:end] + b"".join(entry.replace(b"a.bin", b"%05d" % i) for i in range(copies))
    count = struct.unpack("<H", data[end + 8 : end + 10])[0] + copies
    return data[:start] + entries + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), start, 0)


def lying() -> bytes:
    """A member that says that it unpacks to ten bytes, and unpacks to 120 MB."""
    data = bytearray(archive(parts_of(word()) | {"word/media/a.bin": bytes(120 * _MB)}))
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 10)
    return bytes(data)


def locked() -> bytes:
    """An archive whose members all say that they are encrypted."""
    data, start = bytearray(word()), 0
    while (start := data.find(b"PK\x01\x02", start) + 1) > 0:
        data[start + 7] |= 1
    return bytes(data)


CASES = (
    Case("good.docx", word),
    Case("no archive.docx", lambda: b"semaphore", "损坏或不完整"),
    Case("cut.docx", lambda: word()[:2000], "损坏或不完整"),
    Case("cut at the tail.pptx", lambda: show()[:-30], "损坏或不完整"),
    Case("bad central directory.docx", lambda: word().replace(b"PK\x01\x02", b"PK\x01\x03", 1), "损坏"),
    Case("no members.docx", lambda: archive({}), "损坏"),
    Case("no document.docx", lambda: archive({n: d for n, d in parts_of(word()).items() if n != _MAIN}), "损坏"),
    Case("empty parts.docx", lambda: archive(dict.fromkeys(parts_of(word()), b"")), "已损坏"),
    Case("broken XML.docx", lambda: changed(lambda xml: xml[:-40]), "已损坏"),
    Case("NUL bytes.docx", lambda: changed(lambda xml: xml + bytes(9)), "已损坏"),
    Case("no text.docx", lambda: saved(Word()), "没有文字"),
    Case("entity of a file.docx", lambda: entity(_FILE, b"&a;semaphore"), "实体声明"),
    Case("billion laughs.docx", lambda: entity(_LAUGHS, b"&i;"), "实体声明"),
    Case("deep XML.docx", lambda: within(b"<w:sdt><w:sdtContent>" * 5000 + b"</w:sdtContent></w:sdt>" * 5000), "嵌套"),
    Case("3000 tables.docx", lambda: within(_TABLE * 3000)),
    Case("2000 paragraphs.docx", lambda: within(b"<w:p><w:r><w:t>semaphore</w:t></w:r></w:p>" * 2000)),
    Case("5 million tags.docx", lambda: within(b"<w:p/>" * 5_000_000), "TUTOR_MAX_TAGS"),
    Case("wide cell.docx", lambda: within(_TABLE.replace(b"<w:tc>", b'<w:tc><w:tcPr><w:gridSpan w:val="10000000"/></w:tcPr>'))),
    Case("bomb.docx", lambda: changed(lambda xml: bytes(110 * _MB)), "TUTOR_MAX_TEXT_MB"),
    Case(
        "bomb of an image.docx",
        lambda: archive(parts_of(word()) | {"word/media/a.bmp": bytes(110 * _MB)}),
        "TUTOR_MAX_UNPACKED_RATIO",
    ),
    Case("lying bomb.docx", lying, "TUTOR_MAX_UNPACKED_RATIO"),
    Case("overlapping bomb.docx", lambda: overlapping(15_000), "互相重叠"),
    Case("20017 members.docx", lambda: archive(parts_of(word()) | {f"{i}.bin": b"" for i in range(20_000)}), "TUTOR_MAX_MEMBERS"),
    Case("bzip2.docx", lambda: archive(parts_of(word()), zipfile.ZIP_BZIP2), "压缩方法"),
    Case("out of the archive.docx", lambda: archive(parts_of(word()) | {"../../../escaped.xml": b"x", "/escaped.xml": b"x"})),
    Case("locked.docx", locked, "加了密码"),
    Case("password.docx", lambda: ole("EncryptedPackage"), "打开密码"),
    Case("old.docx", lambda: ole("WordDocument"), "另存为 .docx"),
    Case("old.pptx", lambda: ole("PowerPoint Document"), "另存为 .pptx"),
    Case("is a docx.pptx", word, "后缀改成 .docx"),
    Case("is a docx.pdf", word, "后缀改成 .docx"),
    Case("is a pptx.docx", show, "后缀改成 .pptx"),
    Case("is a docx.md", word, "后缀改成 .docx"),
    Case("macros.docm", word, "另存为 .docx"),
    Case("old.doc", lambda: ole("WordDocument"), "另存为 .docx"),
    Case("old.ppt", lambda: ole("PowerPoint Document"), "另存为 .pptx"),
    Case("old.wps", lambda: ole("WordDocument"), "用 WPS 打开"),
    Case("good.pptx", show),
    Case("no slides.pptx", lambda: saved(Presentation()), "没有文字"),
    Case(
        "lost slide.pptx",
        lambda: changed(lambda x: x.replace(b"slides/slide1", b"slides/slide7"), show(), "ppt/_rels/presentation.xml.rels"),
        "已损坏",
    ),
    Case("broken slide.pptx", lambda: changed(lambda xml: xml[:200], show(2), "ppt/slides/slide1.xml"), "已损坏"),
)
