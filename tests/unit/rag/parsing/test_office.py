import zipfile
from pathlib import Path

import pytest
from docx import Document as Word
from pptx import Presentation

from errors import DamagedDocumentError, DocumentTooLargeError
from rag.parsing.office import parse_docx, parse_html, parse_pptx, use_chinese_segmentation


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


def test_pptx_slides_are_pages_and_bare_ones_are_named(tmp_path: Path) -> None:
    show = Presentation()
    first = show.slides.add_slide(show.slide_layouts[1])
    first.shapes.title.text = "页面置换"
    first.placeholders[1].text = "最近最久未使用算法淘汰最长时间没有访问的页面。"
    show.slides.add_slide(show.slide_layouts[6])
    show.save(tmp_path / "a.pptx")
    one, two = parse_pptx(tmp_path / "a.pptx", 1)
    assert (one.number, one.blocks[0].kind, one.blocks[0].text) == (1, "title", "页面置换")
    assert "最近最久未使用" in one.blocks[1].text
    assert two.number == 2 and "没有文字" in two.unread


def test_html(write) -> None:
    html = "<html><body><h1>路由</h1><p>路由选择协议有 RIP 与 OSPF。</p><script>alert(1)</script><p style='display:none'>暗中\u200b的话</p><p>明\u200b处</p></body></html>"
    (page,) = parse_html(write("a.html", html), 1)
    assert [(b.kind, b.text) for b in page.blocks] == [
        ("title", "路由"),
        ("text", "路由选择协议有 RIP 与 OSPF。"),
        ("text", "明处"),
    ]


def test_what_is_no_office_file_and_bombs(write, tmp_path: Path) -> None:
    with pytest.raises(DamagedDocumentError, match="另存"):
        list(parse_docx(write("a.docx", "not a zip"), 1))
    with zipfile.ZipFile(tmp_path / "b.docx", "w") as archive:
        archive.writestr("hello.txt", "x")
    with pytest.raises(DamagedDocumentError, match="不是 DOCX"):
        list(parse_docx(tmp_path / "b.docx", 1))
    with zipfile.ZipFile(tmp_path / "bomb.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (150 << 20))
    with pytest.raises(DocumentTooLargeError, match="解压后"):
        list(parse_docx(tmp_path / "bomb.docx", 1))
