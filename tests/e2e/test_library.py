"""The tab 资料 in a real browser: a real PDF, a hostile one, progress that outlives a reload, pages, deleting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from weasyprint import HTML

from tests.conftest import blank_pdf
from tests.e2e.asking import answered, ask, new_conversation
from tests.e2e.conftest import Served

EVIL = "<img src=x onerror='window.__pwned=1'>"
TEXT = f"""<h1>哲学家就餐</h1><p>哲学家就餐问题的解法之一，是至多允许四位哲学家同时拿起左边的筷子，这样至少有一位能够进餐。</p>
<p>{EVIL.replace("<", "&lt;")}&lt;script&gt;window.__pwned=2&lt;/script&gt; ![x](http://127.0.0.1:9/leak) ${{window.__pwned=3}} {{{{value}}}}</p>"""


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "${window.__pwned=4}{{value}}<b>就餐讲义.pdf"
    HTML(
        string=f"<body style='font-family: Noto Sans CJK SC'>{TEXT}<div style='break-before: page'>第二页</div></body>"
    ).write_pdf(path)
    return path


def upload(page: Page, *paths: Path) -> None:
    page.locator("#upload input[type=file]").set_input_files(paths)
    expect(page.locator("#upload")).to_contain_text(paths[-1].stem[-4:])
    page.locator("#add").click()
    expect(page.locator("#library-message")).to_contain_text("已收下")


def test_a_real_pdf_is_uploaded_asked_about_and_stays_text(open_tab: Callable[[str], Page], pdf: Path) -> None:
    page = open_tab("资料")
    page.on("dialog", lambda dialog: pytest.fail("a dialog opened"))
    upload(page, pdf)
    page.reload()  # the reading goes on
    expect(page.locator("#uploads li", has_text="就餐讲义.pdf")).to_contain_text("已入库，2 页")
    row = page.locator("#documents li", has_text="就餐讲义.pdf")
    expect(row).to_contain_text("window.__pwned=4")
    row.locator("[data-act=show]").click()
    expect(page.locator("#preview-caption")).to_contain_text("第 1 / 2 页")
    page.locator("#preview-on").click()
    expect(page.locator("#preview-caption")).to_contain_text("第 2 / 2 页")
    expect(page.locator("#coverage")).to_contain_text("涉及的考点")
    open_tab("答疑")
    new_conversation(page)
    ask(page, "哲学家就餐问题最多允许几位哲学家同时拿起左边的筷子？")
    answered(page)
    page.locator("#chat a[href*='#cite-']", has_text="就餐讲义").first.click()
    expect(page.locator("#citation-caption")).to_contain_text("就餐讲义.pdf")
    page.locator("#citation-page img").wait_for()
    assert page.evaluate("window.__pwned") is None


def test_a_file_that_can_not_be_read_says_why_and_a_document_is_deleted_after_a_question(
    open_tab: Callable[[str], Page], served: Served, tmp_path: Path
) -> None:
    good, bad = tmp_path / "临时.txt", tmp_path / "扫描.pdf"
    good.write_text("哲学家就餐问题是经典的进程同步问题，可以用信号量解决。", encoding="gb18030")
    bad.write_bytes(blank_pdf(2))
    page = open_tab("资料")
    upload(page, good, bad)
    expect(page.locator("#uploads")).to_contain_text("全部 2 页都没有读到文字")
    failed = page.locator("#documents li", has_text="扫描.pdf")
    expect(failed).to_contain_text("失败")
    failed.locator("[data-act=retry]").click()
    expect(page.locator("#library-message")).to_contain_text("重新读取")
    row = page.locator("#documents li", has_text="临时.txt")
    row.locator("[data-act=show]").click()
    expect(page.locator("#preview-text")).to_contain_text("信号量解决")
    row.locator("[data-act=delete]").click()
    expect(page.locator("#delete-confirm").first).to_contain_text("临时.txt")
    page.locator("#delete").click()
    expect(page.locator("#library-message")).to_contain_text("已删除：临时.txt")
    expect(row).to_have_count(0)
    assert not (served.settings.vector_db_dir / "incoming").exists() or not list(
        (served.settings.vector_db_dir / "incoming").iterdir()
    )
