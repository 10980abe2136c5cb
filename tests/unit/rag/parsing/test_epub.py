import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from errors import DamagedDocumentError, DocumentTooLargeError, EncryptedDocumentError
from rag.parsing import epub
from rag.parsing.epub import parse_epub
from rag.splitting import split_pages

CONTAINER = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
ENCRYPTION = '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:EncryptionMethod Algorithm="{}"/></enc:EncryptedData></encryption>'


def book(path: Path, chapters: Sequence[tuple[str, str]], manifest: str = "", guide: str = "", **parts: str) -> Path:
    """An EPUB with these (file name, XHTML body) in its spine; `manifest` replaces the items' own attributes."""
    items = manifest or "".join(
        f'<item id="i{i}" href="{name}" media-type="application/xhtml+xml"/>' for i, (name, _) in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{i}"/>' for i in range(len(chapters)))
    package = f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{items}</manifest><spine>{spine}</spine><guide>{guide}</guide></package>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for name, text in {"META-INF/container.xml": CONTAINER, "OEBPS/book.opf": package, **parts}.items():
            archive.writestr(name, text)
        for name, body in dict(chapters).items():
            archive.writestr(
                f"OEBPS/{name}",
                f'<?xml version="1.0" encoding="utf-8"?><html><head><title>书</title></head><body>{body}</body></html>',
            )
    return path


def test_spine_documents_are_pages_in_reading_order_with_their_headings(tmp_path: Path) -> None:
    chapters = [("text/c9.xhtml", "<h1>第一章 绪论</h1><p>先读的一章。</p>"), ("c1.xhtml", "<h2>线性表</h2><p>后读的一章。</p>")]
    pages = list(parse_epub(book(tmp_path / "a.epub", chapters), 9))
    assert [p.number for p in pages] == [1, 2]
    assert [(b.kind, b.text, b.level) for b in pages[0].blocks] == [("title", "第一章 绪论", 1), ("text", "先读的一章。", 0)]
    sections = [c.metadata["section"] for c in split_pages(pages, "a.epub", "0", "ds")]
    assert sections == ["第一章 绪论", "第一章 绪论 > 线性表"]


def test_contents_and_cover_are_left_out_and_counted(tmp_path: Path) -> None:
    chapters = [
        ("cover.xhtml", "封面"),
        ("nav.xhtml", "目录一"),
        ("toc.xhtml", "目录二"),
        ("c.xhtml", "<p>正文在第四个位置。</p>"),
    ]
    items = "".join(f'<item id="i{i}" href="{n}" properties="{"nav" if i == 1 else ""}"/>' for i, (n, _) in enumerate(chapters))
    guide = '<reference type="cover" href="cover.xhtml"/><reference type="toc" href="toc.xhtml#top"/>'
    (page,) = parse_epub(book(tmp_path / "a.epub", chapters, items, guide), 9)
    assert (page.number, page.blocks[0].text) == (4, "正文在第四个位置。")


def test_names_are_decoded_and_a_document_is_read_once(tmp_path: Path) -> None:
    items = '<item id="i0" href="./%E7%AC%AC%E4%B8%80%20章.xhtml"/><item id="i1" href="x/../第一 章.xhtml"/>'
    (page,) = parse_epub(book(tmp_path / "a.epub", [("第一 章.xhtml", "<p>只读一次的章。</p>"), ("b.xhtml", "")], items), 9)
    assert page.blocks[0].text == "只读一次的章。"


def test_pages_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    path = book(tmp_path / "a.epub", [("a.xhtml", "<img src='a.png'/>"), ("b.xhtml", "<p>有字的一章。</p>"), ("c.xhtml", "")])
    items = '<item id="i0" href="a.xhtml"/><item id="i1" href="b.xhtml"/><item id="i2" href="none.xhtml"/>'
    path = book(path, [("a.xhtml", "<img src='a.png'/>"), ("b.xhtml", "<p>有字的一章。</p>"), ("c.xhtml", "")], items)
    pages = list(parse_epub(path, 9))
    assert [bool(p.unread) for p in pages] == [True, False, True]
    assert "没有文字" in pages[0].unread and "缺少" in pages[2].unread


def test_drm_is_refused_and_obscured_fonts_are_not(tmp_path: Path) -> None:
    chapters = [("a.xhtml", "<p>有字的一章。</p>")]
    font = ENCRYPTION.format("http://www.idpf.org/2008/embedding")
    assert list(parse_epub(book(tmp_path / "font.epub", chapters, **{"META-INF/encryption.xml": font}), 9))
    for method in ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", ""):
        locked = book(tmp_path / "drm.epub", chapters, **{"META-INF/encryption.xml": ENCRYPTION.format(method)})
        with pytest.raises(EncryptedDocumentError, match="DRM"):
            list(parse_epub(locked, 9))
    bare = "<encryption><EncryptedData/></encryption>"
    with pytest.raises(EncryptedDocumentError, match="DRM"):
        list(parse_epub(book(tmp_path / "bare.epub", chapters, **{"META-INF/encryption.xml": bare}), 9))


def test_parts_of_absurd_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "a.epub", [("a.xhtml", "<p>长的一章。</p>" * 99), ("b.xhtml", "<p>短的一章。</p>")])
    monkeypatch.setattr(epub, "_MAX_DOCUMENT_BYTES", 1000)
    assert ["超过" in page.unread for page in parse_epub(path, 9)] == [True, False]
    monkeypatch.setattr(epub, "_MAX_PACKAGE_BYTES", 10)
    with pytest.raises(DocumentTooLargeError, match="目录文件"):
        list(parse_epub(path, 9))


def test_broken_books(tmp_path: Path) -> None:
    empty = book(tmp_path / "a.epub", [])
    with pytest.raises(DamagedDocumentError, match="没有列出任何章节"):
        list(parse_epub(empty, 9))
    lost = book(tmp_path / "b.epub", [], **{"META-INF/container.xml": CONTAINER.replace("book.opf", "no.opf")})
    with pytest.raises(DamagedDocumentError, match="缺少 OEBPS/no.opf"):
        list(parse_epub(lost, 9))
    laughs = '<!DOCTYPE x [<!ENTITY a "哈哈哈哈">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 50}">' for a, b in zip("abcdefg", "bcdefgh", strict=True)
    )
    bomb = book(tmp_path / "c.epub", [], **{"OEBPS/book.opf": laughs + "]><package><spine>&h;</spine></package>"})
    with pytest.raises(DamagedDocumentError, match="没有列出任何章节"):
        list(parse_epub(bomb, 9))
    with pytest.raises(DocumentTooLargeError, match="TUTOR_MAX_PAGES"):
        list(parse_epub(book(tmp_path / "d.epub", [("a.xhtml", "字")] * 3), 2))
