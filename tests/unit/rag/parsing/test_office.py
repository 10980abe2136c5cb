from pathlib import Path
from typing import Any

import pytest
from docx import Document as Word
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from pptx import Presentation
from pptx.oxml import parse_xml as parse_pptx_xml
from pptx.util import Emu

from errors import DocumentTooLargeError, EmptyDocumentError
from rag.parsing.office import parse_docx, parse_pptx, use_chinese_segmentation
from rag.parsing.page import Page

SPACES = (
    f"{nsdecls('w')} xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'"
    " xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006' xmlns:v='urn:schemas-microsoft-com:vml'"
    " xmlns:wps='http://schemas.microsoft.com/office/word/2010/wordprocessingShape'"
)


def word_page(tmp_path: Path, *inner: str) -> Page:
    """What is read of a Word document whose body is these elements."""
    word = Word()
    for xml in inner:
        word.element.body.insert(len(word.element.body) - 1, parse_xml(xml.replace(">", f" {SPACES}>", 1)))
    word.save(str(tmp_path / "a.docx"))
    (page,) = parse_docx(tmp_path / "a.docx", 1)
    return page


def texts(page: Page) -> list[str]:
    return [block.text for block in page.blocks]


def slide(show: Any, title: str, body: str = "") -> Any:
    made = show.slides.add_slide(show.slide_layouts[1])
    made.shapes.title.text = title
    made.placeholders[1].text = body
    return made


def test_the_segmentation_seam_is_still_there_and_needs_no_download() -> None:
    use_chinese_segmentation()
    from unstructured.nlp import tokenize

    assert tokenize.sent_tokenize("进程有三态。线程更轻！你懂了吗？") == ["进程有三态。", "线程更轻！", "你懂了吗？"]


def test_docx_headings_lists_and_tables(tmp_path: Path) -> None:
    word = Word()
    word.add_heading("死锁", 1)
    word.add_heading("必要条件", 2)
    word.add_paragraph("产生死锁有四个必要条件，缺一不可。")
    word.add_paragraph("互斥条件", style="List Bullet")
    table = word.add_table(rows=2, cols=2)
    for i, text in enumerate(("策略", "代价", "预防", "高 & 大")):
        table.cell(i // 2, i % 2).text = text
    word.save(tmp_path / "a.docx")
    (page,) = parse_docx(tmp_path / "a.docx", 1)
    assert [(b.kind, b.text, b.level) for b in page.blocks] == [
        ("title", "死锁", 1), ("title", "必要条件", 2), ("text", "产生死锁有四个必要条件，缺一不可。", 0),
        ("item", "互斥条件", 0), ("table", "策略 | 代价\n预防 | 高 & 大", 0),
    ]  # fmt: skip


def test_docx_table_in_a_table(tmp_path: Path) -> None:
    word = Word()
    cell = word.add_table(rows=1, cols=2).cell(0, 1)
    cell.text = "外层的格子"
    cell.add_table(rows=1, cols=1).cell(0, 0).text = "里层的格子"
    word.save(tmp_path / "a.docx")
    (page,) = parse_docx(tmp_path / "a.docx", 1)
    assert "外层的格子 里层的格子" in texts(page)[0]


def test_docx_text_box_is_read_once_behind_its_paragraph(tmp_path: Path) -> None:
    box = "<w:txbxContent><w:p><w:r><w:t>框里的第一段话。</w:t></w:r></w:p><w:p><w:r><w:t>框里的第二段话。</w:t></w:r></w:p></w:txbxContent>"
    shape = f"<mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing></mc:Choice>"
    shape += f"<mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent>"
    paragraph = f"<w:p><w:r><w:t>挂着文本框的段落。</w:t></w:r><w:r>{shape}</w:r></w:p>"
    page = word_page(tmp_path, paragraph, "<w:p><w:r><w:t>后面的一个段落。</w:t></w:r></w:p>")
    assert texts(page) == ["挂着文本框的段落。", "框里的第一段话。", "框里的第二段话。", "后面的一个段落。"]


def test_docx_controls_insertions_and_deletions(tmp_path: Path) -> None:
    control = "<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>内容控件里的话。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    contents = "<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj></w:sdtPr>"
    contents += "<w:sdtContent><w:p><w:r><w:t>第一章 绪论 1</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    changed = "<w:p><w:r><w:t>进程</w:t></w:r><w:ins><w:r><w:t>可以</w:t></w:r></w:ins><w:del><w:r><w:delText>不可</w:delText></w:r><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></w:del><w:r><w:t>并发。</w:t></w:r></w:p>"
    assert texts(word_page(tmp_path, contents, control, changed)) == ["内容控件里的话。", "进程可以并发。"]


def test_docx_formulas_and_powers(tmp_path: Path) -> None:
    formula = "<m:oMath><m:sSup><m:e><m:r><m:t>n</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath>"
    raised = "<w:r><w:rPr><w:vertAlign w:val='superscript'/></w:rPr><w:t>{}</w:t></w:r>"
    page = word_page(
        tmp_path,
        f"<w:p><w:r><w:t>最坏比较次数是</w:t></w:r>{formula}<w:r><w:t>次。</w:t></w:r></w:p>",
        f"<w:p><m:oMathPara>{formula}</m:oMathPara></w:p>",
        f"<w:p><w:r><w:t>页内有2</w:t></w:r>{raised.format('1')}{raised.format('0')}<w:r><w:t>字节</w:t></w:r>{raised.format('[1]')}</w:p>",
    )
    assert texts(page) == ["最坏比较次数是n^2次。", "n^2", "页内有2^10字节[1]"]


def test_docx_footnotes_stand_at_the_end(tmp_path: Path) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part

    notes = f"<w:footnotes {nsdecls('w')}><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>—</w:t></w:r></w:p></w:footnote>"
    notes += "<w:footnote w:id='1'><w:p><w:r><w:t>管程由霍尔提出。</w:t></w:r></w:p></w:footnote></w:footnotes>"
    word = Word()
    word.add_paragraph("管程把同步操作集中起来。")
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), word.part.package)
    word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    word.save(str(tmp_path / "a.docx"))
    (page,) = parse_docx(tmp_path / "a.docx", 1)
    assert texts(page) == ["管程把同步操作集中起来。", "注：管程由霍尔提出。"]


def test_pptx_slides_are_pages_and_bare_ones_are_named(tmp_path: Path) -> None:
    show = Presentation()
    slide(show, "页面置换", "最近最久未使用算法淘汰最长时间没有访问的页面。")
    show.slides.add_slide(show.slide_layouts[6])
    show.save(tmp_path / "a.pptx")
    one, two = parse_pptx(tmp_path / "a.pptx", 2)
    assert (one.number, one.blocks[0].kind, one.blocks[0].text) == (1, "title", "页面置换")
    assert "最近最久未使用" in one.blocks[1].text
    assert two.number == 2 and "没有文字" in two.unread
    with pytest.raises(DocumentTooLargeError, match="TUTOR_MAX_PAGES"):
        list(parse_pptx(tmp_path / "a.pptx", 1))


def test_pptx_notes_behind_the_slide_and_hidden_slides_counted(tmp_path: Path) -> None:
    show = Presentation()
    hidden = slide(show, "附录", "讲的时候跳过这一页。")
    hidden._element.set("show", "0")
    slide(show, "抖动", "页面频繁换入换出。").notes_slide.notes_text_frame.text = "先讲现象。\n再讲工作集。"
    show.slides.add_slide(show.slide_layouts[6]).notes_slide.notes_text_frame.text = "这一页只有图。"
    show.save(tmp_path / "a.pptx")
    pages = list(parse_pptx(tmp_path / "a.pptx", 9))
    assert [texts(p) for p in pages] == [
        ["附录", "讲的时候跳过这一页。"],
        ["抖动", "页面频繁换入换出。", "备注：先讲现象。\n再讲工作集。"],
        ["备注：这一页只有图。"],
    ]
    assert [(p.number, p.unread) for p in pages] == [(1, ""), (2, ""), (3, "")]


def test_pptx_tables_groups_and_the_title_wherever_it_stands(tmp_path: Path) -> None:
    show = Presentation()
    made = slide(show, "调度算法")
    made.shapes.title.top = Emu(6_000_000)
    table = made.shapes.add_table(2, 2, Emu(0), Emu(4_000_000), Emu(900_000), Emu(900_000)).table
    for i, text in enumerate(("算法", "抢占", "轮转", "是")):
        table.cell(i // 2, i % 2).text = text
    made.shapes.add_textbox(Emu(0), Emu(1_900_000), Emu(90_000), Emu(90_000)).text_frame.text = "框的前面写着一句话。"
    group = made.shapes.add_group_shape()
    for text, top in (("下面的框里写着第二句。", 300_000), ("上面的框里写着第一句。", 100_000)):
        group.shapes.add_textbox(Emu(-500_000), Emu(top - 900_000), Emu(90_000), Emu(90_000)).text_frame.text = text
    group.left, group.top = Emu(100_000), Emu(2_000_000)
    show.save(tmp_path / "a.pptx")
    (page,) = parse_pptx(tmp_path / "a.pptx", 1)
    assert [(b.kind, b.text) for b in page.blocks] == [
        ("title", "调度算法"),
        ("text", "框的前面写着一句话。"),
        ("text", "上面的框里写着第一句。"),
        ("text", "下面的框里写着第二句。"),
        ("table", "算法 | 抢占\n轮转 | 是"),
    ]


def test_pptx_formulas_and_powers(tmp_path: Path) -> None:
    spaces = f"{nsdecls('a')} xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math' xmlns:d='urn:d'"
    formula = (
        "<d:m><m:oMath><m:f><m:num><m:r><m:t>n</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath></d:m>"
    )
    runs = "<a:r><a:t>页长2</a:t></a:r><a:r><a:rPr baseline='30000'/><a:t>12</a:t></a:r><a:r><a:t>字节，平均</a:t></a:r>"
    show = Presentation()
    body = slide(show, "分页", "字").placeholders[1].text_frame
    body._txBody.replace(body.paragraphs[0]._p, parse_pptx_xml(f"<a:p {spaces}>{runs}{formula}<a:r><a:t>次。</a:t></a:r></a:p>"))
    show.save(tmp_path / "a.pptx")
    (page,) = parse_pptx(tmp_path / "a.pptx", 1)
    assert texts(page) == ["分页", "页长2^12字节，平均n/2次。"]


def test_office_files_without_text_say_so(tmp_path: Path) -> None:
    Word().save(str(tmp_path / "a.docx"))
    Presentation().save(str(tmp_path / "a.pptx"))
    with pytest.raises(EmptyDocumentError, match="DOCX 文件里没有文字"):
        list(parse_docx(tmp_path / "a.docx", 1))
    with pytest.raises(EmptyDocumentError, match="PPTX 文件里没有文字"):
        list(parse_pptx(tmp_path / "a.pptx", 1))
