"""Pictures, SmartArt and charts inside DOCX, PPTX and EPUB."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from docx import Document as Word
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from rag.parsing import parse
from rag.parsing.epub import parse_epub
from rag.parsing.figures import FROM_PICTURE, Figures
from rag.parsing.ocr import Recogniser, Segment
from rag.parsing.office import parse_docx, parse_pptx
from rag.parsing.page import Page
from settings import Settings
from tests.unit.rag.parsing.test_epub import book
from tests.unit.rag.parsing.test_image import leaf

DGM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"


class Told(Recogniser):
    """Reads every picture as its size, and keeps the names that it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[int | str] = []

    def read(self, image: Image.Image, page: int | str) -> list[Segment]:
        self.asked.append(page)
        return [Segment(f"宽{image.width}的图", (0, 0, 90, 20), 0.9), Segment("下一行", (0, 60, 60, 80), 0.9)]


def png(width: int, height: int = 90) -> bytes:
    image, file = Image.linear_gradient("L").resize((width, height)), io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def texts(page: Page) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in page.blocks]


def shown(width: int) -> str:
    return f"{FROM_PICTURE}\n宽{width}的图\n下一行"


def word_with_pictures(path: Path) -> Path:
    word = Word()
    word.add_paragraph("图一之前写着这一句话。").add_run().add_picture(io.BytesIO(png(300)))
    word.paragraphs[0].add_run().add_picture(io.BytesIO(png(310)))
    word.add_paragraph("图一之后写着这一句话。").add_run().add_picture(io.BytesIO(png(300)))  # the same once more
    word.paragraphs[1].add_run().add_picture(io.BytesIO(png(40, 40)))
    table = word.add_table(rows=1, cols=2)
    table.cell(0, 0).text = "格子里的字"
    table.cell(0, 1).paragraphs[0].add_run().add_picture(io.BytesIO(png(320)))
    word.save(str(path))
    return path


def test_docx_pictures_are_read_at_their_place_once_each(tmp_path: Path) -> None:
    told = Told()
    (page,) = parse_docx(word_with_pictures(tmp_path / "a.docx"), 1, Figures(told))
    assert texts(page) == [
        ("text", "图一之前写着这一句话。"), ("text", shown(300)), ("text", shown(310)), ("text", "图一之后写着这一句话。"),
        ("table", f"格子里的字 | {FROM_PICTURE} 宽320的图 下一行"),
    ]  # fmt: skip
    assert page.pictures == 0 and page.confidence is None
    assert len(set(told.asked)) == 3 and all(str(name).startswith("picture-") for name in told.asked)


def test_docx_pictures_that_are_not_read_are_counted(tmp_path: Path) -> None:
    path = word_with_pictures(tmp_path / "a.docx")
    (page,) = parse_docx(path, 1)
    assert page.pictures == 3 and [kind for kind, _ in texts(page)] == ["text", "text", "table"]
    (page,) = parse_docx(path, 1, Figures(Told(), max_pixels=310 * 90))
    assert page.pictures == 1 and ("text", shown(310)) in texts(page)


def test_only_by_request(tmp_path: Path, settings: Settings) -> None:
    path, told = word_with_pictures(tmp_path / "a.docx"), Told()
    assert next(parse(path, settings, told)).pictures == 3 and not told.asked
    asked = settings.model_copy(update={"ocr_images": True})
    assert next(parse(path, asked, told)).pictures == 0 and told.asked
    assert next(parse(path, asked, None)).pictures == 3


def test_pptx_pictures_stand_in_the_order_of_the_slide(tmp_path: Path) -> None:
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "进程状态"
    for top, text in ((2, "上面的框里写着第一句。"), (5, "下面的框里写着第二句。")):
        slide.shapes.add_textbox(Inches(1), Inches(top), Inches(5), Inches(1)).text_frame.text = text
    slide.shapes.add_picture(io.BytesIO(png(300)), Inches(1), Inches(4))
    bare = show.slides.add_slide(show.slide_layouts[6])
    bare.shapes.add_group_shape().shapes.add_picture(io.BytesIO(png(310)), Inches(1), Inches(1))
    show.save(tmp_path / "a.pptx")
    one, two = parse_pptx(tmp_path / "a.pptx", 2, Figures(Told()))
    assert texts(one) == [
        ("title", "进程状态"), ("text", "上面的框里写着第一句。"), ("text", shown(300)), ("text", "下面的框里写着第二句。"),
    ]  # fmt: skip
    assert texts(two) == [("text", shown(310))] and not two.unread
    one, two = parse_pptx(tmp_path / "a.pptx", 2)
    assert (one.pictures, two.pictures) == (1, 1) and "没有文字" in two.unread


def test_epub_pictures(tmp_path: Path) -> None:
    body = "<p>图前的一段话写在这里。<img src='../img/a.png'/>图后的一段话写在这里。</p><img src='http://x.org/b.png'/><img src='gone.png'/>"
    path = book(tmp_path / "a.epub", [("text/c.xhtml", body), ("text/d.xhtml", "<p>没有图的一章。</p>")])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("OEBPS/img/a.png", png(300))
    one, two = parse_epub(path, 9, Figures(Told()))
    assert texts(one) == [("text", "图前的一段话写在这里。"), ("text", shown(300)), ("text", "图后的一段话写在这里。")]
    assert [page.pictures for page in parse_epub(path, 9)] == [1, 0]


def test_a_picture_is_really_read(tmp_path: Path) -> None:
    word, file = Word(), io.BytesIO()
    leaf().save(file, "PNG")
    word.add_paragraph("下面是一页讲义的照片。").add_run().add_picture(file)
    word.save(str(tmp_path / "a.docx"))
    (page,) = parse_docx(tmp_path / "a.docx", 1, Figures(Recogniser()))
    lead, *lines = page.blocks[1].text.split("\n")
    assert lead == FROM_PICTURE and any("互斥条件" in line for line in lines)


@pytest.mark.parametrize("data", [b"", b"no picture", png(300)[:60], b"\x01\0\0\0" + bytes(80)])
def test_broken_pictures_are_counted(data: bytes) -> None:
    figures = Figures(Told())
    assert figures.picture(data) == "" and figures.unread == 1


def nodes() -> bytes:
    """A SmartArt's data: 进程 over 就绪 and 运行, stored in another order, with the points that only draw."""

    def point(name: str, text: str, kind: str) -> str:
        return f"<d:pt modelId='{name}' type='{kind}'><d:t><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>"

    points = point("3", "运行", "node") + point("0", "", "doc") + point("9", "画", "pres") + point("2", "就绪", "node")
    points += point("1", "进程", "node") + point("7", "箭头", "sibTrans")
    links = "".join(
        f"<d:cxn modelId='{10 + i}' srcId='{a}' destId='{b}' srcOrd='{n}'{kind}/>"
        for i, (a, b, n, kind) in enumerate(
            [("1", "3", 1, ""), ("0", "1", 0, ""), ("1", "2", 0, ""), ("9", "3", 0, " type='presOf'")]
        )
    )
    return f"<d:dataModel xmlns:d='{DGM}' xmlns:a='{DRAWING}'><d:ptLst>{points}</d:ptLst><d:cxnLst>{links}</d:cxnLst></d:dataModel>".encode()


def smart_art(part: Any) -> str:
    """A drawing that shows a SmartArt, whose data become a part of the document."""
    data = Part(
        PackURI("/word/diagrams/data1.xml"),
        "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml",
        nodes(),
        part.package,
    )
    name = part.relate_to(data, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/diagramData")
    ids = f"<d:relIds xmlns:d='{DGM}' r:dm='{name}'/>"
    graphic = f"<a:graphic><a:graphicData uri='{DGM}'>{ids}</a:graphicData></a:graphic>"
    return f"<w:p {nsdecls('w', 'wp', 'a', 'r')}><w:r><w:drawing><wp:inline>{graphic}</wp:inline></w:drawing></w:r></w:p>"


def test_docx_smart_art_is_read_in_its_order(tmp_path: Path) -> None:
    word = Word()
    before = word.add_paragraph("图示之前写着这一句话。")
    before._p.addnext(parse_xml(smart_art(word.part)))
    word.save(str(tmp_path / "a.docx"))
    (page,) = parse_docx(tmp_path / "a.docx", 1)
    assert texts(page) == [("text", "图示之前写着这一句话。"), ("item", "进程"), ("item", "就绪"), ("item", "运行")]


def test_smart_art_that_leads_in_circles_ends() -> None:
    figures = Figures()
    mark = figures.diagram(nodes().replace(b"srcId='9' destId='3' srcOrd='0' type='presOf'", b"srcId='3' destId='1'"))
    from rag.parsing.page import Block

    assert [b.text for b in figures.filled([Block("text", f"前{mark}后")])] == ["前", "进程", "就绪", "运行", "后"]
    assert figures.diagram(b"<broken") == figures.chart(b"") == ""


def test_pptx_chart_title_series_and_categories(tmp_path: Path) -> None:
    data = CategoryChartData()
    data.categories = ["轮转", "短作业优先"]
    data.add_series("周转时间", (1.5, 2.5))
    data.add_series("等待时间", (3.5, 4.5))
    show = Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "调度算法"
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(2), Inches(5), Inches(3), data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "两种算法的比较"
    show.save(tmp_path / "a.pptx")
    (page,) = parse_pptx(tmp_path / "a.pptx", 1)
    assert texts(page) == [
        ("title", "调度算法"), ("text", "图表：两种算法的比较\n系列：周转时间、等待时间\n类别：轮转、短作业优先"),
    ]  # fmt: skip
