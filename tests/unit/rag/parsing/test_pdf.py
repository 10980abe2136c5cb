from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader, PdfWriter

from errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from rag.parsing.pdf import NO_TEXT_LAYER, parse_pdf, render_page
from rag.splitting import split_pages
from tests.conftest import DOCS, blank_pdf

OS_PDF = DOCS / "操作系统讲义.pdf"


def test_pages_are_physical_and_hold_the_text() -> None:
    pages = list(parse_pdf(OS_PDF, 100))
    with pypdfium2.PdfDocument(OS_PDF) as pdf:
        assert [p.number for p in pages] == list(range(1, len(pdf) + 1))
        for page in pages:
            literal = "".join(pdf[page.number - 1].get_textpage().get_text_range().split())
            paragraph = max((b.text for b in page.blocks if b.kind == "text"), key=len)
            assert "".join(paragraph.split()) in literal


def test_boxes_hold_their_words() -> None:
    chunk = next(c for c in split_pages(parse_pdf(OS_PDF, 100), "s", "d", "os") if "互斥条件" in c.page_content)
    import json

    start, end, *box = json.loads(chunk.metadata["boxes"])[0]
    with pypdfium2.PdfDocument(OS_PDF) as pdf:
        inside = pdf[chunk.metadata["page"] - 1].get_textpage().get_text_bounded(*box)
    assert "".join(chunk.page_content[start:end].split())[2:-2] in "".join(inside.split())


def test_outline_gives_the_sections() -> None:
    sections = {c.metadata["section"] for c in split_pages(parse_pdf(OS_PDF, 100), "s", "d", "os")}
    assert any(s.count(" > ") >= 2 and s.startswith("操作系统讲义 > 第") for s in sections)


def test_page_without_text_is_named_not_dropped(write) -> None:
    pages = list(parse_pdf(write("scan.pdf", blank_pdf(2)), 100))
    assert [(p.number, p.unread, p.blocks) for p in pages] == [(1, NO_TEXT_LAYER, ()), (2, NO_TEXT_LAYER, ())]


def test_bad_files_say_what_to_do(write, tmp_path: Path) -> None:
    writer = PdfWriter(clone_from=PdfReader(OS_PDF))
    writer.encrypt("secret")
    locked = tmp_path / "locked.pdf"
    writer.write(locked)
    cases = [
        (locked, EncryptedDocumentError, "解除密码"),
        (write("zero.pdf", blank_pdf(0)), EmptyDocumentError, "没有页面"),
        (write("page.pdf", "<html>不是 PDF</html>"), DamagedDocumentError, "不是 PDF"),
        (write("cut.pdf", OS_PDF.read_bytes()[:3000]), DamagedDocumentError, "损坏"),
    ]
    for path, error, message in cases:
        with pytest.raises(error, match=message):
            list(parse_pdf(path, 100))
    with pytest.raises(DocumentTooLargeError, match="TUTOR_MAX_PAGES"):
        list(parse_pdf(OS_PDF, 3))


def test_rendered_page_is_marked_where_the_box_is() -> None:
    box = (100.0, 600.0, 300.0, 620.0)
    plain, marked = render_page(OS_PDF, 2, []), render_page(OS_PDF, 2, [box])
    scale = marked.width / 595.28
    inside = (int(200 * scale), int((841.89 - 610) * scale))
    assert plain.getpixel(inside) != marked.getpixel(inside)
    assert plain.getpixel((10, 10)) == marked.getpixel((10, 10))
    with pytest.raises(DamagedDocumentError, match="没有第 99 页"):
        render_page(OS_PDF, 99, [])


def test_a_page_of_absurd_size_is_rendered_small(write) -> None:
    huge = blank_pdf(1).replace(b"0 0 300 400", b"0 0 3e5 4e5")
    image = render_page(write("huge.pdf", huge), 1, [])
    assert image.width * image.height <= 21_000_000
