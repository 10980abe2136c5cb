"""Scanned pages: images of the handouts' pages, whose own text layer is the reference."""

from difflib import SequenceMatcher
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from rag.parsing import ocr
from rag.parsing.columns import Row, in_reading_order
from rag.parsing.ocr import Recogniser, Segment, lines_of
from rag.parsing.page import Page
from rag.parsing.pdf import parse_pdf
from rag.parsing.scan import BLANK
from rag.splitting import split_pages
from tests.conftest import DOCS

OS_PDF = DOCS / "操作系统讲义.pdf"
PAGES = (4, 9)
SHOWN = 0.338
"""The upper part of a page that the scans show, up to between two lines: reading costs by the character and by the pixel."""


def page_image(page: int, dpi: int = 150) -> Image.Image:
    with pypdfium2.PdfDocument(OS_PDF) as pdf:
        image = pdf[page - 1].render(scale=dpi / 72).to_pil().convert("RGB")
    return image.crop((0, 0, image.width, round(SHOWN * image.height)))


def corner_image() -> Image.Image:
    """A few short lines of a page, where no more is needed."""
    return page_image(PAGES[1]).crop((90, 100, 560, 500))


def shown(page: Page, height: float) -> str:
    """The text of the handout's own page that its scan shows."""
    lowest = (1 - SHOWN) * height
    return printed("".join(b.text[s.start : s.end] for b in page.blocks for s in b.spans if s.box[1] > lowest))


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pages as images without text, then a blank one."""
    path = tmp_path_factory.mktemp("scan") / "扫描.pdf"
    images = [page_image(page) for page in PAGES]
    images[0].save(path, save_all=True, append_images=[*images[1:], Image.new("RGB", images[0].size, "white")], resolution=150)
    return path


@pytest.fixture(scope="module")
def pages(scanned: Path) -> list:
    return list(parse_pdf(scanned, 10, Recogniser()))


def printed(text: str) -> str:
    return "".join(text.replace("·", "•").split())


def test_text_of_scans_is_nearly_the_text_layers(pages: list) -> None:
    originals = {p.number: p for p in parse_pdf(OS_PDF, 100)}
    with pypdfium2.PdfDocument(OS_PDF) as pdf:
        references = [shown(originals[number], pdf[number - 1].get_height()) for number in PAGES]
    for page, reference, number in zip(pages, references, PAGES, strict=False):
        read = printed("".join(b.text for b in page.blocks))
        same = sum(m.size for m in SequenceMatcher(None, reference, read, autojunk=False).get_matching_blocks())
        assert same / len(reference) > 0.96
        assert len(reference) > 180 and len(read) < 1.05 * len(reference)
        assert page.confidence > 0.9 and originals[number].confidence is None


def test_boxes_lie_on_the_words(scanned: Path, pages: list) -> None:
    chunk = next(c for c in split_pages(pages, "s", "d", "os") if "互斥条件" in c.page_content and c.metadata["page"] == 2)
    import json

    start, end, *box, _ = next(b for b in json.loads(chunk.metadata["boxes"]) if "互斥条件" in chunk.page_content[b[0] : b[1]])
    with pypdfium2.PdfDocument(scanned) as scan, pypdfium2.PdfDocument(OS_PDF) as original:
        scale = original[PAGES[1] - 1].get_width() / scan[1].get_width()
        lower = (1 - SHOWN) * original[PAGES[1] - 1].get_height()
        left, bottom, right, top = (x * scale for x in box)
        inside = original[PAGES[1] - 1].get_textpage().get_text_bounded(left, lower + bottom, right, lower + top)
    assert "互斥条件" in printed(inside)


def test_punctuation_beside_chinese_is_chinese() -> None:
    assert ocr._widened("线程(Thread)是:执行流,见(2)式?f(x, y)") == "线程（Thread）是：执行流，见（2）式？f(x, y)"


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("复杂度O(n)是线性的", "复杂度O(n)是线性的"),
        ("(1)进程", "（1）进程"),
        ("（1)进程与(2）线程", "（1）进程与（2）线程"),
        ("传输控制协议(TCP", "传输控制协议（TCP"),
        ("连接)是可靠的", "连接）是可靠的"),
        ("TCP(传输控制协议)", "TCP（传输控制协议）"),
        ("比较n(n-1)/2次", "比较n(n-1)/2次"),
        ("n)是", "n)是"),
    ],
)
def test_brackets_are_changed_in_pairs_and_those_of_formulas_stay(read: str, meant: str) -> None:
    assert ocr._widened(read) == meant


def test_a_blank_page_is_named(pages: list) -> None:
    assert (pages[2].unread, pages[2].blocks, pages[2].confidence) == (BLANK, (), None)


def test_a_rotated_page_is_read_upright_with_boxes_in_its_own_space(scanned: Path, tmp_path: Path) -> None:
    writer = PdfWriter()
    lying = corner_image().rotate(90, expand=True)  # as a scanner leaves it; the viewer turns it by /Rotate
    lying.save(tmp_path / "lying.pdf", resolution=150)
    leaf = PdfReader(tmp_path / "lying.pdf").pages[0]
    leaf.rotate(90)
    writer.add_page(leaf)
    writer.write(tmp_path / "turned.pdf")
    (page,) = parse_pdf(tmp_path / "turned.pdf", 10, Recogniser())
    assert page.confidence > 0.9
    with pypdfium2.PdfDocument(tmp_path / "turned.pdf") as pdf:
        right, top = pdf[0].get_mediabox()[2:]
    boxes = [span.box for block in page.blocks for span in block.spans]
    assert all(0 <= b[0] < b[2] <= right + 1 and 0 <= b[1] < b[3] <= top + 1 for b in boxes)
    assert sum(b[3] - b[1] > b[2] - b[0] for b in boxes) > len(boxes) / 2, "lines of print stand upright in the page's space"


def test_without_a_recogniser_scans_are_named(scanned: Path) -> None:
    assert all("没有文字层" in page.unread for page in parse_pdf(scanned, 10))


def test_what_was_read_is_kept_by_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "ocr"
    first = Recogniser(folder).read(corner_image(), 4)
    assert first and len(list(folder.iterdir())) == 1, "no draft is left"

    def broken() -> None:
        raise AssertionError("the page was read again")

    monkeypatch.setattr(ocr, "_engine", broken)
    assert Recogniser(folder).read(corner_image(), 4) == first


def test_segments_side_by_side_are_one_line_with_a_tab_between_cells() -> None:
    segments = [
        Segment("正文", (10, 100, 60, 120), 1.0), Segment("右格", (300, 12, 340, 30), 1.0),
        Segment("左格", (10, 10, 50, 30), 1.0), Segment("接着", (52, 11, 90, 29), 1.0),
    ]  # fmt: skip
    first, second = lines_of(segments, lambda x, y: (x, 200 - y), 1.0)
    assert (first.text, second.text) == ("左格 接着\t右格", "正文")
    assert first.box == (10, 170, 340, 190)


def test_a_line_with_wide_gaps_keeps_its_cells() -> None:
    row = [
        Segment("左栏的一行", (10, 10, 110, 30), 1.0),
        Segment("接着", (112, 10, 150, 30), 1.0),
        Segment("右栏", (300, 12, 340, 30), 1.0),
    ]
    (line,) = lines_of(row, lambda x, y: (x / 2, 100 - y / 2), 2.0)
    assert isinstance(line, Row)
    assert [(cell.text, cell.box) for cell in line.cells] == [("左栏的一行 接着", (5, 85, 75, 95)), ("右栏", (150, 85, 170, 94))]


def test_two_columns_on_common_baselines_are_read_one_after_the_other() -> None:
    sides = [(10, 400, "左栏里写着很长的第{}行文字，写满"), (440, 830, "右栏里写着很长的第{}行文字，写满")]
    segments = [
        Segment(text.format(n), (left, 30 * n, right, 30 * n + 20), 1.0) for n in range(1, 9) for left, right, text in sides
    ]
    read = in_reading_order(lines_of(segments, lambda x, y: (x, 300 - y), 1.0))
    assert [line.text for line in read] == [text.format(n) for _, _, text in sides for n in range(1, 9)]


def test_what_stands_above_one_of_a_row_is_not_in_it() -> None:
    """A fraction: the denominator is at the height of the text beside it, and below the numerator."""
    segments = [
        Segment("等于", (10, 20, 60, 44), 1.0),
        Segment("n+1", (70, 12, 100, 34), 1.0),
        Segment("2", (75, 32, 95, 52), 1.0),
    ]
    assert [line.text for line in lines_of(segments, lambda x, y: (x, 100 - y), 1.0)] == ["等于 n+1", "2"]


def test_a_worker_reads_with_the_threads_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("rapidocr.RapidOCR", lambda params: asked.append(params))
    monkeypatch.setattr(ocr, "_threads", -1)
    ocr._engine.cache_clear()
    try:
        ocr._engine()
        ocr.set_threads(1)
        ocr._engine()
    finally:
        ocr._engine.cache_clear()
    assert [params["EngineConfig.onnxruntime.intra_op_num_threads"] for params in asked] == [-1, 1]
