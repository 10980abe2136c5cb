import pickle
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from rag.parsing.ocr import Recogniser, Segment
from rag.parsing.page import Page
from rag.parsing.pdf import BROKEN, NO_TEXT_LAYER, count_pages, parse_pdf, parse_range, plan_pdf
from rag.parsing.pdf_image import render_page
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

    start, end, *box, _ = json.loads(chunk.metadata["boxes"])[0]
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


def test_ranges_of_any_size_are_the_whole() -> None:
    whole = list(parse_pdf(OS_PDF, 100))
    plan = pickle.loads(pickle.dumps(plan_pdf(OS_PDF, 100)))  # as it goes to another process
    assert (plan.pages, plan.chinese, plan.scanned) == (len(whole), True, 0.0) and plan.outline
    for size in (1, 3, 7, len(whole), 100):
        ranges = [parse_range(OS_PDF, plan, start, start + size) for start in range(0, len(whole), size)]
        assert [page for pages in ranges for page in pages] == whole


def test_the_plan_checks_the_number_of_pages_and_a_count_does_not(write) -> None:
    assert count_pages(OS_PDF) == len(list(parse_pdf(OS_PDF, 100)))
    with pytest.raises(DocumentTooLargeError):
        plan_pdf(OS_PDF, 3)
    with pytest.raises(EmptyDocumentError):
        count_pages(write("zero.pdf", blank_pdf(0)))


def with_broken_pages(path: Path, *broken: int) -> Path:
    """The lecture notes with the objects of some pages (indices) made something else."""
    writer = PdfWriter(clone_from=PdfReader(OS_PDF))
    writer.write(path)
    data = path.read_bytes()
    for index in broken:
        number = writer.pages[index].indirect_reference.idnum
        start = data.index(b"\n%d 0 obj" % number) + len(b"\n%d 0 obj" % number)
        end = data.index(b"endobj", start)
        data = data[:start] + b"\n42".ljust(end - start) + data[end:]
    path.write_bytes(data)
    return path


def test_a_broken_page_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    path = with_broken_pages(tmp_path / "a.pdf", 2, 9)
    whole, pages = list(parse_pdf(OS_PDF, 100)), list(parse_pdf(path, 100))
    assert [(p.number, p.unread) for p in pages if p.unread] == [(3, BROKEN), (10, BROKEN)]
    assert BROKEN == "页面损坏，无法读取"
    assert [p.blocks for p in pages if not p.unread] == [p.blocks for p in whole if p.number not in (3, 10)]
    assert list(parse_range(path, plan_pdf(path, 100), 1, 4)) == pages[1:4]
    assert plan_pdf(path, 100).scanned == 0.0


class Reader(Recogniser):
    """Gives a header that is misread, on each page elsewhere, a page number and a body, and notes which pages it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int] = []

    def read(self, image: Image.Image, page: int | str) -> list[Segment]:
        self.asked.append(int(page))
        header = list("计算机操作系统原理与应用教程第四版")
        header[int(page) % len(header)] = "口"
        rows = [
            ("".join(header), 20),
            *((f"第{page}页的第{row}行与别处不同", 100 + 20 * row) for row in range(20)),
            (str(page), 640),
        ]
        return [Segment(text, (100, top, 100 + 12 * len(text), top + 12), 0.9) for text, top in rows]


@pytest.fixture
def scanned(tmp_path: Path) -> Path:
    """Forty pages of 300 x 400 points that show a grey block."""
    path, image = tmp_path / "scan.pdf", Image.new("L", (300, 400), 255)
    image.paste(0, (50, 50, 250, 350))
    image.save(path, save_all=True, append_images=[image] * 39, resolution=72)
    return path


def texts(pages: list[Page]) -> list[str]:
    return ["".join(block.text for block in page.blocks) for page in pages]


def test_scanned_pages_lose_their_headers_after_a_few_were_read(scanned: Path) -> None:
    reader = Reader()
    plan = plan_pdf(scanned, 100, reader)
    assert plan.scanned == 1.0 and len(reader.asked) == 12
    pages = list(parse_range(scanned, plan, 0, 40, reader))
    assert len(pages) == 40 and all(page.confidence == 0.9 for page in pages)
    assert texts(pages) == ["".join(f"第{n}页的第{row}行与别处不同" for row in range(20)) for n in range(1, 41)]


def test_scanned_pages_are_read_once_and_in_ranges_alike(scanned: Path) -> None:
    reader = Reader()
    whole = list(parse_pdf(scanned, 100, reader))
    assert sorted(reader.asked) == list(range(1, 41))
    plan = plan_pdf(scanned, 100, Reader())
    assert [*parse_range(scanned, plan, 0, 13, Reader()), *parse_range(scanned, plan, 13, 40, Reader())] == whole


def test_what_was_read_before_counts_for_the_plan_and_is_not_rendered(scanned: Path, tmp_path: Path) -> None:
    class Known(Reader):
        def kept(self, page: int | str) -> list[Segment] | None:
            return Reader().read(Image.new("L", (1, 1)), page) if int(page) % 2 else None

    reader = Known()
    assert plan_pdf(scanned, 100, reader).furniture.bands
    assert len(reader.asked) == 12 and not any(page % 2 for page in reader.asked)
    pages = parse_range(scanned, plan_pdf(scanned, 100, Reader()), 0, 40, Reader())
    assert list(parse_pdf(scanned, 100, Known())) == list(pages)


def test_an_image_page_without_recogniser_is_counted(scanned: Path) -> None:
    assert plan_pdf(scanned, 100).scanned == 1.0
    assert {page.unread for page in parse_pdf(scanned, 100)} == {NO_TEXT_LAYER}


def test_a_stamp_on_an_image_is_no_text_layer(tmp_path: Path) -> None:
    import weasyprint

    Image.new("L", (60, 80), 200).save(tmp_path / "page.png")
    style = "@page { size: A4; margin: 0 } img { width: 210mm; height: 290mm } p { position: absolute; top: 9cm; left: 5cm }"
    paths = [tmp_path / "scan.pdf", tmp_path / "text.pdf"]
    for path, text in zip(paths, ("扫描全能王 创建", "背景图上的一段正文，" * 10), strict=True):
        weasyprint.HTML(string=f"<style>{style}</style><img src=page.png><p>{text}</p>", base_url=str(tmp_path)).write_pdf(path)
    assert [next(parse_pdf(path, 10)).unread for path in paths] == [NO_TEXT_LAYER, ""]
