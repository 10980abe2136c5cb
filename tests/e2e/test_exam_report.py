"""The report of an exam run in a real browser: hostile text stays text, nothing is fetched, a long list is made as it is looked at."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from eval.exams.records import Record, Retrieved
from eval.reporting.report import write_report
from knowledge.questions import Question
from tests.unit.eval.run_folders import marked, write_run
from tests.unit.eval.sample_exams import question, record

HOSTILE = (
    "</script><script>window.hacked=1</script><img src='http://203.0.113.9/x.png' onerror='window.hacked=1'>"
    "<svg onload='window.hacked=1'><a href='javascript:window.hacked=1'>点我</a>\x1b[31m\u202e--> ]]> {{7*7}}"
)
MANY = 2000


class Opened:
    """A page, and what went wrong on it or was asked for."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page, self.requests, self.faults = page, list[str](), list[str]()
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("console", lambda m: self.faults.append(m.text))
        page.on("pageerror", lambda e: self.faults.append(str(e)))
        page.on("dialog", lambda d: self.faults.append(d.message))
        page.goto(path.as_uri())


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Opened]:
    """A report whose every text is hostile."""
    asked = [
        question(
            1, HOSTILE, stem=HOSTILE + "甲", explanation=HOSTILE, options=(HOSTILE, "运行", "阻塞", "创建"), points=(HOSTILE,)
        ),
        question(2, "os", stem="信号量的初值是多少？"),
        question(3, "cn", stem="拥塞窗口怎样变化？"),
    ]
    passage = Retrieved("c1", HOSTILE, 7, HOSTILE, HOSTILE)
    answers = [
        replace(record(asked[0], "C"), raw=HOSTILE + "思考" * 500_000, retrieved=(passage,), finish_reason="length"),
        replace(record(asked[1], ""), raw="", reason=HOSTILE),
        record(asked[2], "D"),
    ]
    mark = {"score": 3, "full": 10, "reason": HOSTILE, "criterion": HOSTILE}
    folder = write_run(
        tmp_path / "run", asked, answers, run={"model": HOSTILE, "source": HOSTILE},
        unread=[{"place": HOSTILE, "reason": HOSTILE, "kind": HOSTILE}],
        problems=[marked([HOSTILE], marks=[mark], **dict.fromkeys(("id", "reason", "question", "answer", "reference"), HOSTILE))],
    )  # fmt: skip
    context = browser.new_context(locale="zh-CN", viewport={"width": 1400, "height": 900})
    yield Opened(context.new_page(), write_report(folder))
    context.close()


def test_no_script_of_theirs_runs_and_nothing_is_fetched(opened: Opened) -> None:
    page = opened.page
    expect(page.locator("#count")).to_have_text("3 条")
    expect(page.get_by_text("错题列表要用 JavaScript")).to_be_hidden()
    for entry in page.locator(".entry").all():
        entry.locator("summary").first.click()
    for details in page.locator("details.more").all():
        details.locator("summary").click()
    expect(page.locator("#list .entry .body")).to_have_count(3)
    expect(page.locator(".problem pre")).to_contain_text("</script><script>window.hacked=1</script>")
    expect(page.locator(".problem ol.marks")).to_contain_text("<img src=")
    expect(page.locator("#list .entry pre").last).to_contain_text("</script><script>window.hacked=1</script>")
    expect(page.locator("#list .entry pre").last).to_contain_text("此处省略")
    expect(page.locator("ul.passages .from")).to_contain_text("第 7 页")
    assert page.evaluate("window.hacked") is None
    assert page.locator("img, iframe, a[href^=javascript]").count() == 0
    assert opened.faults == []
    assert [url for url in opened.requests if not url.startswith("file:")] == [] and len(opened.requests) == 1


def test_the_policy_stops_a_script_that_got_in_all_the_same(opened: Opened) -> None:
    opened.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.hacked = 1'; document.body.append(s);"
        " const i = document.createElement('img'); i.src = 'http://203.0.113.9/x.png'; document.body.append(i); }"
    )
    assert opened.page.evaluate("window.hacked") is None
    assert len(opened.faults) == 2 and all("Content Security Policy" in fault for fault in opened.faults)


def test_filters_and_search(opened: Opened) -> None:
    page, count = opened.page, opened.page.locator("#count")
    page.select_option("#by-kind", label="未读出（1）")
    expect(count).to_have_text("1 条")
    expect(page.locator("#list .entry .line")).to_have_text("信号量的初值是多少？")
    page.select_option("#by-subject", label="计算机网络（1）")
    expect(count).to_contain_text("没有符合条件的记录")
    page.select_option("#by-kind", "")
    expect(page.locator("#list .entry .line")).to_have_text("拥塞窗口怎样变化？")
    page.select_option("#by-subject", "")
    page.fill("#search", "拥塞 变化")
    expect(count).to_have_text("1 条")
    page.fill("#search", "")
    page.select_option("#by-kind", label="截断（1）")
    expect(page.locator("#list .entry .line")).to_contain_text("window.hacked")


def test_an_entry_shows_the_question_as_it_was_asked(browser: Browser, tmp_path: Path) -> None:
    one = question(1)
    folder = write_run(
        tmp_path / "run", [one], [replace(record(one, "D", rotation=1), scores={"A": -0.5, "B": None, "C": -2.0}), record(one)]
    )
    page = Opened(browser.new_page(), write_report(folder)).page
    page.locator(".entry summary").click()
    options = page.locator("ol.options li")
    expect(options).to_have_text(["A.创建（原题 D）✗ 所选", "B.就绪（原题 A）", "C.运行（原题 B）✓ 正确答案", "D.阻塞（原题 C）"])
    expect(page.locator(".scores")).to_contain_text("未返回")
    expect(page.locator(".entry .body")).to_contain_text("生成 · 不检索：✓ 选原题 B")
    page.close()


def test_of_two_thousand_wrong_answers_only_those_looked_at_are_made(browser: Browser, tmp_path: Path) -> None:
    asked = [question(n, "os", stem=f"第 {n} 题：{'很长的题干' * 30}") for n in range(MANY)]
    folder = write_run(tmp_path / "run", asked, [long(one, n) for n, one in enumerate(asked)])
    path, page = write_report(folder), browser.new_page()
    opened = Opened(page, path)
    expect(page.locator("#count")).to_have_text(f"{MANY} 条")
    assert page.locator(".entry").count() == 50 and page.locator(".entry .body").count() == 0
    page.fill("#search", f"第 {MANY - 1} 题")
    expect(page.locator("#count")).to_have_text("1 条")
    page.locator(".entry summary").click()
    expect(page.locator(".entry pre")).to_contain_text("推理")
    assert page.locator(".entry .body").count() == 1
    page.fill("#search", "")
    page.locator("#more").click()
    expect(page.locator(".entry")).to_have_count(100)
    assert opened.faults == []
    page.close()


def long(one: Question, number: int) -> Record:
    passages = tuple(Retrieved(f"c{number}-{n}", "讲义.pdf", n, "", "段落里的话" * 60) for n in range(3))
    return replace(record(one, "A"), raw="推理" * 1500, retrieved=passages)


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_its_window(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    asked = [question(n, subject) for n, subject in enumerate(("ds", "co", "os", "cn", "a_task_with_a_very_long_name" * 3))]
    folder = write_run(tmp_path / "run", asked, [record(one, "C") for one in asked], run={"model": "m" * 200})
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = Opened(context.new_page(), write_report(folder)).page
    page.locator(".entry summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    label = page.evaluate("getComputedStyle(document.querySelector('svg.plot text')).fill")
    assert sum(map(int, paper[4:-1].split(", "))) > 600 if scheme == "light" else sum(map(int, paper[4:-1].split(", "))) < 120
    assert label != paper
    context.close()


def test_without_javascript_the_figures_are_there(browser: Browser, tmp_path: Path) -> None:
    one = question(1)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(write_report(write_run(tmp_path / "run", [one], [record(one, "C")])).as_uri())
    expect(page.locator("svg.plot").first).to_be_visible()
    expect(page.locator("table").first).to_contain_text("操作系统")
    expect(page.get_by_text("错题列表要用 JavaScript")).to_be_visible()
    expect(page.locator("#browser")).to_be_hidden()
    context.close()
