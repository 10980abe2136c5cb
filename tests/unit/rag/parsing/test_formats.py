"""Files that are not what their name says, broken and hostile ones: each is refused with its reason or read in full."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document as Word
from pptx import Presentation

from errors import (
    DamagedDocumentError,
    DocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
    UnsupportedFormatError,
)
from rag.ingest import _print_skipped
from rag.parsing import formats, parse, why_unsupported
from rag.splitting import split_pages
from settings import Settings
from tests.conftest import blank_pdf

HTML = b"<!DOCTYPE html><html><body><p>\xe7\xbd\x91\xe9\xa1\xb5</p></body></html>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
CONTAINER = b'<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>'
OPF = b'<package><manifest><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>'


def ole(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le") + bytes(512)


def saved(document: Any) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def word(text: str = "产生死锁有四个必要条件。") -> bytes:
    document = Word()
    document.add_paragraph(text)
    return saved(document)


def show(text: str = "页面置换") -> bytes:
    made = Presentation()
    made.slides.add_slide(made.slide_layouts[5]).shapes.title.text = text
    return saved(made)


def archive(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return file.getvalue()


def epub(text: bytes, **more: bytes) -> bytes:
    return archive(
        {"mimetype": b"application/epub+zip", "META-INF/container.xml": CONTAINER, "b.opf": OPF, "a.xhtml": text} | more
    )


def changed(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """An archive with one part changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = {n: packed.read(n) for n in packed.namelist()}
    return archive(parts | {name: change(parts[name])})


def locked(data: bytes) -> bytes:
    """An archive whose members all say that they are encrypted."""
    out, start = bytearray(data), 0
    while (start := data.find(b"PK\x01\x02", start) + 1) > 0:
        out[start + 7] |= 1
    return bytes(out)


def spans(cell: bytes) -> bytes:
    """A Word table with a cell that claims to be ten million columns wide."""
    table = b'<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr><w:gridSpan w:val="10000000"/></w:tcPr>'
    return cell.replace(b"<w:body>", b"<w:body>" + table + b"<w:p><w:r><w:t>wide</w:t></w:r></w:p></w:tc></w:tr></w:tbl>")


def deep(document: bytes) -> bytes:
    return document.replace(b"<w:body>", b"<w:body>" + b"<w:sdt><w:sdtContent>" * 5000 + b"</w:sdtContent></w:sdt>" * 5000)


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "haha">' + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 60) for i in range(8))
PDF = blank_pdf(1)
REFUSED: dict[str, tuple[str, Callable[[], bytes], type[DocumentError], str]] = {
    "html as pdf": ("a.pdf", lambda: HTML, DamagedDocumentError, r"不是 PDF，而是网页.*后缀改成 \.html"),
    "html with a mark of order as pdf": ("a.pdf", lambda: b"\xef\xbb\xbf" + HTML, DamagedDocumentError, "而是网页"),
    "doc as docx": ("a.docx", lambda: ole("WordDocument"), DamagedDocumentError, r"不是 DOCX，而是旧版 Word.*另存为 \.docx"),
    "ppt as pptx": ("a.pptx", lambda: ole("PowerPoint Document"), DamagedDocumentError, "而是旧版 PowerPoint"),
    "xls as docx": ("a.docx", lambda: ole("Workbook"), DamagedDocumentError, "而是旧版 Excel"),
    "bare ole as pdf": ("a.pdf", lambda: OLE, DamagedDocumentError, "而是旧版 Office 文件"),
    "docx with a password": ("a.docx", lambda: ole("EncryptedPackage"), EncryptedDocumentError, "打开密码"),
    "pdf as txt": ("a.txt", lambda: PDF, DamagedDocumentError, r"而是PDF。请把后缀改成 \.pdf"),
    "pdf as docx": ("a.docx", lambda: PDF, DamagedDocumentError, "不是 DOCX，而是PDF"),
    "docx as pptx": ("a.pptx", word, DamagedDocumentError, r"不是 PPTX，而是Word 文档.*后缀改成 \.docx"),
    "pptx as docx": ("a.docx", show, DamagedDocumentError, "而是PowerPoint 演示文稿"),
    "docx as md": ("a.md", word, DamagedDocumentError, "而是Word 文档"),
    "epub as docx": ("a.docx", lambda: epub(HTML), DamagedDocumentError, "而是EPUB 电子书"),
    "xlsx as docx": ("a.docx", lambda: archive({"[Content_Types].xml": b"", "xl/workbook.xml": b""}), DamagedDocumentError, "而是Excel 表格"),
    "odt as docx": ("a.docx", lambda: archive({"content.xml": b"", "META-INF/manifest.xml": b""}), DamagedDocumentError, "而是OpenDocument"),
    "zip as epub": ("a.epub", lambda: archive({"a.txt": b"x"}), DamagedDocumentError, "不是 EPUB，而是ZIP 压缩包。请先解压"),
    "rar as pdf": ("a.pdf", lambda: b"Rar!\x1a\x07\x00abc", DamagedDocumentError, "而是RAR 压缩包"),
    "rtf as docx": ("a.docx", lambda: b"{\\rtf1 x}", DamagedDocumentError, "而是RTF 文档"),
    "picture as html": ("a.html", lambda: b"\x89PNG\r\n\x1a\n", DamagedDocumentError, "而是图片"),
    "djvu as pdf": ("a.pdf", lambda: b"AT&TFORM\0\0\0\0DJVM", DamagedDocumentError, "而是DjVu"),
    "mht as html": ("a.html", lambda: b"MIME-Version: 1.0\r\n\r\n", DamagedDocumentError, "单个文件的网页"),
    "text as docx": ("a.docx", lambda: b"no archive", DamagedDocumentError, "损坏或不完整"),
    "nothing": ("a.docx", lambda: b"", EmptyDocumentError, "0 字节"),
    "blank": ("a.txt", lambda: b" \n\t\n", EmptyDocumentError, "没有文字"),
    "NUL bytes": ("a.txt", lambda: bytes(4096), DamagedDocumentError, "不是文本"),
    "NUL bytes as pdf": ("a.pdf", lambda: bytes(4096), DamagedDocumentError, "不是 PDF"),
    "only marks of direction": ("a.html", lambda: "<p>\u202e\u200f\u2066</p>".encode(), EmptyDocumentError, "没有文字"),
    "docx cut short": ("a.docx", lambda: word()[:2000], DamagedDocumentError, "损坏"),
    "pptx cut short": ("a.pptx", lambda: show()[:-30], DamagedDocumentError, "损坏"),
    "docx of empty parts": ("a.docx", lambda: archive({"[Content_Types].xml": b"", "word/document.xml": b""}), DamagedDocumentError, "不是 DOCX"),
    "docx with broken XML": (
        "a.docx", lambda: changed(word(), "word/document.xml", lambda xml: xml[:-40]), DamagedDocumentError, "不是 DOCX，或已损坏",
    ),
    "docx with NUL bytes": (
        "a.docx", lambda: changed(word(), "word/document.xml", lambda xml: xml + bytes(9)), DamagedDocumentError, "已损坏",
    ),
    "docx nested deep": ("a.docx", lambda: changed(word(), "word/document.xml", deep), DocumentTooLargeError, "嵌套超过 255 层"),
    "docx with a bad sum": ("a.docx", lambda: word().replace(b"PK\x01\x02", b"PK\x01\x03", 1), DamagedDocumentError, "损坏"),
    "docx of entities": (
        "a.docx", lambda: changed(word(), "word/document.xml", lambda xml: LAUGHS + b"]><x>&i;</x>"), DamagedDocumentError, "实体声明",
    ),
    "pptx without slides": ("a.pptx", lambda: saved(Presentation()), EmptyDocumentError, "没有文字"),
    "pptx with a lost slide": (
        "a.pptx", lambda: changed(show(), "ppt/_rels/presentation.xml.rels", lambda x: x.replace(b"slides/slide1", b"slides/slide7")),
        DamagedDocumentError, "已损坏",
    ),
    "docx locked as ZIP": ("a.docx", lambda: locked(word()), EncryptedDocumentError, "加了密码"),
    "zip bomb": (
        "a.docx", lambda: changed(word(), "word/document.xml", lambda xml: bytes(150 << 20)), DocumentTooLargeError, "TUTOR_MAX_TEXT_MB",
    ),
    "epub bomb": ("a.epub", lambda: epub(bytes(150 << 20)), DocumentTooLargeError, "TUTOR_MAX_TEXT_MB"),
    "thirty thousand members": (
        "a.epub", lambda: epub(HTML, **{f"{i}": b"" for i in range(30000)}), DocumentTooLargeError, "30004 个部件",
    ),
    "epub cut short": ("a.epub", lambda: epub(HTML)[:-50], DamagedDocumentError, "损坏"),
    "epub without a package": ("a.epub", lambda: archive({"META-INF/container.xml": b"<x/>"}), DamagedDocumentError, "缺少 书的目录文件"),
    "epub out of its archive": (
        "a.epub", lambda: archive({"META-INF/container.xml": CONTAINER.replace(b"b.opf", b"../../../etc/hosts")}),
        DamagedDocumentError, "缺少",
    ),
    "broken encoding": ("a.html", lambda: b"<p>\xff\xff\xff</p>", DamagedDocumentError, "编码无法识别"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_with_its_reason(case: str, write: Any, settings: Settings) -> None:
    name, content, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        list(parse(write(name, content()), settings))


READ: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "table of ten million columns": ("a.docx", lambda: changed(word(), "word/document.xml", spans), "wide"),
    "html table of ten million columns": (
        "a.html",
        lambda: b"<table><tr><td colspan=9999999 rowspan=9999999>wide</td></tr></table>",
        "wide",
    ),
    "deep html": ("a.html", lambda: b"<div>" * 50_000 + b"inside" + b"</div>" * 50_000, "inside"),
    "deep epub": ("a.epub", lambda: epub(b"<html><body>" + b"<ul><li>" * 2000 + b"inside</body></html>"), "inside"),
    "unclosed tags": ("a.html", lambda: b"<p>" * 5000 + b"inside <table><tr><td", "inside"),
    "marks of direction": ("a.txt", lambda: "进程\u202e线程\u200f。".encode(), "进程线程。"),
    "html on PDF": ("a.html", lambda: b"<html><body>%PDF-1.4 is a header</body></html>", "header"),
    "html kept as text": ("a.txt", lambda: b"<html>literal</html>", "literal"),
    "name of the part in upper case": ("A.DOCX", word, "必要条件"),
    "name of 240 bytes": ("书" * 78 + ".docx", word, "必要条件"),
    "lone surrogate": ("a.html", lambda: b"<p>&#xD800;&#0;&#x110000;inside</p>", "inside"),
    "one line of a megabyte": ("a.html", lambda: b"<p>" + b"x" * (1 << 20) + b"</p>", "xxxx"),
    "GBK page": ("a.htm", lambda: "<meta charset=gb2312><p>进程与线程</p>".encode("gbk"), "进程与线程"),
}


@pytest.mark.parametrize("case", READ)
def test_read_in_spite_of_it(case: str, write: Any, settings: Settings) -> None:
    name, content, text = READ[case]
    chunks = list(split_pages(parse(write(name, content()), settings), name, "0", "os"))
    assert any(text in chunk.page_content for chunk in chunks)


def test_an_epub_with_one_broken_chapter_is_read(write: Any, settings: Settings) -> None:
    package = OPF.replace(b"</manifest>", b'<item id="b" href="b.xhtml"/></manifest>').replace(
        b"</spine>", b'<itemref idref="b"/></spine>'
    )
    data = bytearray(epub(b"<p>first chapter</p>" * 9, **{"b.opf": package, "b.xhtml": b"<p>second chapter</p>"}))
    name_at = data.find(b"a.xhtml", data.find(b"b.opf"))
    data[name_at + 9 : name_at + 13] = b"\xff\xff\xff\xff"
    first, second = parse(write("a.epub", bytes(data)), settings)
    assert "损坏" in first.unread and second.blocks[0].text == "second chapter"


ADVISED = {
    ".doc": "旧版 Word.*另存为 .docx", ".ppt": "另存为 .pptx", ".xls": "Excel", ".wps": "用 WPS 打开，另存为 .docx", ".rtf": "另存为 .docx",
    ".pages": "导出为 → Word", ".caj": "CAJViewer.*PDF", ".djvu": "PDF", ".zip": "先解压", ".rar": "先解压", ".GIF": "另存为 .png 或 .jpg",
    ".exe": "可以入库的格式（.bmp、.docx、.epub", "": "没有后缀的",
}  # fmt: skip


@pytest.mark.parametrize("suffix", ADVISED)
def test_each_unread_format_has_its_own_advice(suffix: str, write: Any, settings: Settings) -> None:
    with pytest.raises(UnsupportedFormatError, match=ADVISED[suffix]):
        list(parse(write(f"a{suffix}", "x"), settings))


def test_every_kind_of_content_has_a_name() -> None:
    kinds = {kind for _, kind in formats._MAGIC} | {kind for _, kind in formats._STREAMS if kind} | {".xlsx", ".odt"}
    assert kinds <= set(formats.ADVICE) | set(formats._READABLE)


def test_skipped_files_are_named_with_their_reason(capsys: pytest.CaptureFixture[str]) -> None:
    _print_skipped(["/b/甲.doc", "/b/乙.doc", "/b/丙.caj", *(f"/b/{i}.zip" for i in range(9))])
    one, two, three = capsys.readouterr().out.splitlines()
    assert one == f"跳过：甲.doc、乙.doc：{why_unsupported(Path('a.doc'))}"
    assert "丙.caj" in two and "CAJViewer" in two
    assert "4.zip 等 9 个文件" in three and "5.zip" not in three
