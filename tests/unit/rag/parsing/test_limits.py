"""Every limit at its border: what just fits is read, one more is refused with the name of the setting."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errors import DamagedDocumentError, DocumentTooLargeError
from rag.parsing import check_document, parse
from rag.parsing.limits import check_archive
from settings import Settings
from tests.conftest import archive, blank_pdf
from tests.unit.rag.parsing.test_epub import CONTAINER

MB = 1 << 20


def lines(size: int) -> bytes:
    return (b"x" * 99 + b"\n") * (size // 100) + b"y" * (size % 100)


def word(*parts: tuple[str, bytes]) -> bytes:
    return archive({"[Content_Types].xml": b"", "word/document.xml": b"", **dict(parts)})


BORDERS: dict[str, tuple[str, int, str, Callable[[int], bytes]]] = {
    "file": ("max_file_mb", 1, "a.pdf", lambda over: b"%PDF-1.7" + bytes(MB - 8 + over)),
    "text": ("max_text_mb", 1, "a.txt", lambda over: lines(MB + over)),
    "markdown": ("max_text_mb", 1, "a.md", lambda over: lines(MB + over)),
    "text in an archive": ("max_text_mb", 1, "a.docx", lambda over: word(("a.xml", lines(MB + over)))),
    "text of several members": (
        "max_text_mb",
        1,
        "a.docx",
        lambda o: word(("a.xml", bytes(MB // 2)), ("b.rels", bytes(MB // 2 + o))),
    ),
    "line": ("max_line_kb", 2, "a.txt", lambda over: b"a\n" + b"x" * (2048 + over) + b"\nb\n"),
    "last line": ("max_line_kb", 2, "a.md", lambda over: b"a\n" * 5000 + b"x" * (2048 + over)),
    "first line": ("max_line_kb", 2, "a.txt", lambda over: b"x" * (2048 + over) + b"\nb" * 5000),
    "text between tags": ("max_line_kb", 2, "a.html", lambda over: b"<p>" + b"\n" * (2046 + over) + b"<p>" * 900),
    "tags": ("max_tags", 50, "a.html", lambda over: b"<p>a</p>" * (50 + over)),
    "tags of a chapter": (
        "max_tags",
        50,
        "a.epub",
        lambda over: archive({"META-INF/container.xml": b"", "a.xhtml": b"<br/>" * (50 + over)}),
    ),
    "tags of XML": ("max_tags", 50, "a.docx", lambda over: word(("a.xml", b"<a/>" * (500 + over)))),
    "unpacked": ("max_unpacked_mb", 1, "a.docx", lambda over: word(("a.png", bytes(MB + over)))),
    "members": (
        "max_members",
        5,
        "a.epub",
        lambda o: archive({"META-INF/container.xml": b""} | {f"{i}": b"" for i in range(4 + o)}),
    ),
    "name": ("max_name_bytes", 10, "书", lambda over: b"x"),
}


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("case", BORDERS)
def test_border(case: str, over: int, write: Any) -> None:
    setting, limit, name, content = BORDERS[case]
    path = write("书" + "x" * (3 + over) + ".txt" if setting == "max_name_bytes" else name, content(over))
    settings = Settings(_env_file=None, **{setting: limit})
    if over:
        with pytest.raises(DocumentTooLargeError, match=f"TUTOR_{setting.upper()}"):
            check_document(path, settings)
    else:
        check_document(path, settings)


@pytest.mark.parametrize("over", [0, 1])
def test_pages(over: int, write: Any) -> None:
    settings = Settings(_env_file=None, max_pages=2)
    path = write("a.pdf", blank_pdf(2 + over))
    if over:
        with pytest.raises(DocumentTooLargeError, match="3 页.*TUTOR_MAX_PAGES"):
            list(parse(path, settings))
    else:
        assert len(list(parse(path, settings))) == 2


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("sign", ["> ", "- ", "1. ", "> - "])
def test_nesting_of_markdown(sign: str, over: int, write: Any) -> None:
    """markdown-it itself drops what is nested too deep without a word."""
    settings = Settings(_env_file=None, max_nesting=60)
    path = write("a.md", sign * ((60 + over) // len(sign.split()) + over * (len(sign.split()) - 1)) + "inside\n")
    if over:
        with pytest.raises(DocumentTooLargeError, match="60 层.*TUTOR_MAX_NESTING"):
            list(parse(path, settings))
    else:
        (page,) = parse(path, settings)
        assert "inside" in page.blocks[0].text


def test_the_deepest_nesting_that_may_be_set_is_read(write: Any) -> None:
    (page,) = parse(write("a.md", "- " * 150 + "inside\n"), Settings(_env_file=None, max_nesting=150))
    assert "inside" in page.blocks[0].text


@pytest.mark.parametrize(("size", "refused"), [(100 * MB, False), (100 * MB + 1, True)])
def test_ratio_counts_from_a_hundred_megabytes_on(size: int, refused: bool, write: Any) -> None:
    path = write("a.docx", word(("a.png", bytes(size))))
    if refused:
        with pytest.raises(DocumentTooLargeError, match="200 倍.*TUTOR_MAX_UNPACKED_RATIO"):
            check_document(path, Settings(_env_file=None))
        check_document(path, Settings(_env_file=None, max_unpacked_ratio=1100))
    else:
        check_document(path, Settings(_env_file=None))


def test_the_declared_size_is_not_believed(write: Any) -> None:
    data = bytearray(word(("a.png", bytes(2 * MB))))
    struct.pack_into("<I", data, data.rindex(b"PK\x01\x02") + 24, 10)
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.infolist()[-1].file_size == 10
    with pytest.raises(DocumentTooLargeError, match="TUTOR_MAX_UNPACKED_MB"):
        check_document(write("a.docx", bytes(data)), Settings(_env_file=None, max_unpacked_mb=1))


def test_stored_members_count_too(write: Any) -> None:
    path = write("a.docx", archive({"[Content_Types].xml": b"", "word/a.png": bytes(MB + 1)}, zipfile.ZIP_STORED))
    with pytest.raises(DocumentTooLargeError, match="TUTOR_MAX_UNPACKED_MB"):
        check_document(path, Settings(_env_file=None, max_unpacked_mb=1))


def test_members_that_share_their_bytes(write: Any, settings: Settings) -> None:
    data = word(("a.png", bytes(range(256)) * 40))
    end = data.rindex(b"PK\x05\x06")
    entry = data[data.rindex(b"PK\x01\x02") : end]
    start = struct.unpack("<I", data[end + 16 : end + 20])[0]
    twice = data[:end] + entry.replace(b"a.png", b"b.png") * 99
    twice += struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 102, 102, len(twice) - start, start, 0)
    with pytest.raises(DamagedDocumentError, match="互相重叠"):
        check_document(write("a.docx", twice), settings)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_without_a_bound(method: int, write: Any, settings: Settings) -> None:
    with pytest.raises(DamagedDocumentError, match="压缩方法"):
        check_document(write("a.epub", archive({"META-INF/container.xml": b"x"}, method)), settings)


def test_an_archive_without_its_beginning(write: Any, settings: Settings) -> None:
    with pytest.raises(DamagedDocumentError, match="损坏或不完整"):
        check_archive(write("a.docx", word(("a.png", bytes(999)))[40:]), "DOCX", settings)


def test_a_broken_member_is_left_to_its_reader(write: Any, settings: Settings) -> None:
    data = bytearray(archive({"META-INF/container.xml": b"x", "a.xhtml": b"words " * 99}))
    at = data.index(b"a.xhtml") + 7
    data[at : at + 6] = b"\xff" * 6
    path = write("a.epub", bytes(data))
    check_archive(path, "EPUB", settings)
    with pytest.raises(DamagedDocumentError):
        list(parse(path, settings))


@pytest.mark.parametrize("name", ["a.docx", "a.pptx"])
def test_entities_are_declared_in_no_office_file(name: str, write: Any, settings: Settings) -> None:
    data = archive({"a.xml": b"<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"})
    with pytest.raises(DamagedDocumentError, match="实体声明"):
        check_archive(write(name, data), name[-4:].upper(), settings)


def test_a_chapter_may_have_a_doctype(write: Any, settings: Settings) -> None:
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>'
        '</manifest><spine><itemref idref="a"/></spine></package>'
    )
    parts = {"META-INF/container.xml": CONTAINER.encode(), "OEBPS/book.opf": package.encode()}
    chapter = b"<!DOCTYPE html><html><body><p>words of a chapter</p></body></html>"
    path = write("a.epub", archive(parts | {"OEBPS/a.xhtml": chapter}))
    check_archive(path, "EPUB", settings)
    assert "words of a chapter" in "".join(block.text for page in parse(path, settings) for block in page.blocks)


def test_an_image_of_more_pixels(write: Any) -> None:
    from PIL import Image

    file = io.BytesIO()
    Image.new("L", (100, 50)).save(file, "PNG")
    path: Path = write("a.png", file.getvalue())
    assert [page.unread != "" for page in parse(path, Settings(_env_file=None, max_pixels=5000))] == [True]
    with pytest.raises(DocumentTooLargeError, match="TUTOR_MAX_PIXELS"):
        list(parse(path, Settings(_env_file=None, max_pixels=4999)))
