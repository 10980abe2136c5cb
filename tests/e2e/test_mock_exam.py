"""A mock exam in a real browser: sat by keyboard, over a reload, two windows and a restart of the app, to its report and what follows."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

import app
from settings import Settings
from tests.e2e.conftest import MovableClock, Served, new_page
from tests.integration.server.conftest import free_port, listening

Start = Callable[[], tuple[str, MovableClock, ExitStack]]


@pytest.fixture
def start(prepared_data: Path, tmp_path: Path) -> Iterator[Start]:
    """A starter of the app, always on the same data folder; each comes with what stops it."""
    data = Path(shutil.copytree(prepared_data, tmp_path / "data"))
    with ExitStack() as all_of_them:

        def begin() -> tuple[str, MovableClock, ExitStack]:
            stack, clock = all_of_them.enter_context(ExitStack()), MovableClock()
            application = stack.enter_context(
                app.opened(Settings(_env_file=None, data_dir=data), "127.0.0.1", free_port(), clock)
            )
            return stack.enter_context(listening(application)), clock, stack

        yield begin


def exam_page(browser: Browser, url: str) -> Page:
    page = new_page(browser)
    page.goto(url)
    page.get_by_role("tab", name="模考", exact=True).click()
    return loaded(page)


def loaded(page: Page) -> Page:
    """The page once the app has answered its first questions; it begins to prepare at the same time."""
    expect(page.locator("#exam-history, #exam-desk, #exam-break, #exam-report").locator("visible=true").first).to_contain_text(
        re.compile("还没有考过|第 .* 题|还剩|成绩单|返回"), timeout=120_000
    )
    return page


def at_number(page: Page, number: int) -> None:
    expect(page.locator("#exam-question [data-number]")).to_have_attribute("data-number", str(number))


def seconds_left(words: str) -> int:
    found = re.search(r"(?:(\d+):)?(\d+):(\d\d)", words)
    assert found, words
    return int(found[1] or 0) * 3600 + int(found[2]) * 60 + int(found[3])


def test_an_exam_over_a_reload_two_windows_and_a_restart(browser: Browser, start: Start) -> None:
    url, _, running = start()
    page = exam_page(browser, url)
    page.locator("#exam-start").click()
    at_number(page, 1)
    saved = page.locator("#exam-saved")
    for number, key in ((1, "b"), (2, "3")):
        page.keyboard.press(key)
        expect(saved).to_contain_text("已保存")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("d")  # the next question is not there yet: meant for it, not for this one
        at_number(page, number + 1)
    chosen = page.locator("#exam-choice input[type=radio]:checked")
    for number, letter in ((2, "C"), (1, "B")):
        page.keyboard.press("ArrowLeft")
        at_number(page, number)
        expect(chosen).to_have_value(letter)
    page.locator("#exam-palette .n3").click()
    at_number(page, 3)
    expect(chosen).to_have_count(0)
    page.keyboard.press("m")
    expect(page.locator("#exam-palette .n3")).to_have_class(re.compile("later"))
    page.locator("#exam-palette .n41").click()
    at_number(page, 41)
    first_part = page.locator("#exam-part-1 textarea")
    first_part.press_sequentially("先序遍历 <script>alert(1)</script>")
    expect(saved).to_contain_text("已保存")

    other = exam_page(browser, url)
    at_number(other, 41)
    other.locator("#exam-part-2 textarea").press_sequentially("另一个窗口写的")
    expect(other.locator("#exam-saved")).to_contain_text("已保存")
    expect(page.locator("#exam-desk-message")).to_contain_text("另一个窗口刚改过这道题")
    expect(page.locator("#exam-part-2 textarea")).to_have_value("另一个窗口写的")
    other.context.close()

    page.locator("#exam-pause").click()
    told = page.locator("#exam-break-told")
    expect(told).to_contain_text("已暂停")
    expect(page.locator("#exam-question")).not_to_be_visible()
    left = seconds_left(told.inner_text())
    assert 10_000 < left < 10_800
    running.close()

    url, clock, running = start()
    page.goto(url)
    page.get_by_role("tab", name="模考", exact=True).click()
    expect(told).to_contain_text("已答 3 / 47", timeout=120_000)
    assert seconds_left(told.inner_text()) == left
    page.locator("#exam-resume").click()
    at_number(page, 41)
    assert left - 60 < seconds_left(page.locator("#exam-face").inner_text()) <= left
    expect(first_part).to_have_value("先序遍历 <script>alert(1)</script>")
    expect(page.locator("#exam-palette .done")).to_have_count(3)
    expect(page.locator("#exam-palette .n3")).to_have_class(re.compile("later"))

    page.locator("#exam-hand-in").click()
    expect(page.locator("#exam-confirm")).to_contain_text("还有 44 题没有作答")
    page.locator("#exam-yes").click()
    expect(page.locator("#exam-points")).to_contain_text("全卷")
    expect(page.locator("#exam-progress progress")).to_have_count(0, timeout=90_000)
    read_the_report(page)
    running.close()


def read_the_report(page: Page) -> None:
    """Points, a page of the documents, self-marking, the export, the list, and on to the practice."""
    total = page.locator("#exam-total")
    expect(page.locator("#exam-advice")).to_contain_text("第 1 天")
    page.locator("#exam-losses [data-act=page]").first.click()
    expect(page.locator("#exam-page-caption")).not_to_contain_text("点“看")
    settle = page.locator("#exam-problems [data-act=settle]")
    if settle.count():  # whether a criterion is open is for the program's marks to say
        before = total.inner_text()
        settle.first.click()
        expect(total).not_to_have_text(before)
        expect(page.locator("#exam-problems")).to_contain_text("自评）")
    assert page.locator("#exam-problems script").count() == 0
    with page.expect_download() as download:
        page.locator("#exam-export").click()
    assert "## 失分的考点" in download.value.path().read_text(encoding="utf-8")
    page.locator("#exam-back").click()
    expect(page.locator("#exam-list")).to_contain_text("整卷模考 1")
    page.locator("#exam-list [data-act=open]").click()
    practise = page.locator("#exam-losses [data-practice-point]").first
    point = (practise.get_attribute("aria-label") or "").removeprefix("练习 ")
    practise.click()
    expect(page.get_by_role("tab", name="练习", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#practice")).to_contain_text(point)


def test_when_the_time_is_over_it_is_handed_in_by_itself(page: Page, served: Served, open_tab: Callable[[str], Page]) -> None:
    loaded(open_tab("模考"))
    page.get_by_text("单科小测（20 道选择题）").click()
    page.locator("#exam-start-short").click()
    at_number(page, 1)
    page.keyboard.press("a")
    expect(page.locator("#exam-saved")).to_contain_text("已保存")
    served.clock.ahead = timedelta(minutes=26)
    expect(page.locator("#exam-clock")).to_contain_text("不到 5 分钟了")
    served.clock.ahead = timedelta(minutes=40)
    expect(page.locator("#exam-message")).to_contain_text("时间到，已经自动交卷")
    expect(page.locator("#exam-report-points")).to_contain_text("用时 30:00")
    page.locator("#exam-back").click()
    page.locator("#exam-list [data-act=ask]").click()
    page.locator("#exam-list [data-act=delete]").click()
    expect(page.locator("#exam-history")).to_contain_text("还没有考过")


def test_a_second_window_joins_the_exam_and_the_break_waits_for_an_answer(
    browser: Browser, page: Page, served: Served, open_tab: Callable[[str], Page]
) -> None:
    loaded(open_tab("模考"))
    other = exam_page(browser, served.url)
    page.locator("#exam-start").click()
    at_number(page, 1)
    other.locator("#exam-start").click()
    expect(other.locator("#exam-message")).to_contain_text("这一场还没有结束")
    at_number(other, 1)
    other.keyboard.press("ArrowRight")
    at_number(other, 2)
    expect(other.locator("#exam-palette [aria-current]")).to_have_text("2")
    expect(page.locator("#exam-palette [aria-current]")).to_have_text("1")

    page.locator("#exam-pause").click()
    expect(other.locator("#exam-break-told")).to_contain_text("已暂停")
    page.locator("#exam-abandon").click()
    sure = page.locator("#exam-abandon-yes")
    expect(sure).to_be_visible()
    for _ in range(2):  # the page looks at the clock again, and a second time once it has shown what it saw
        with page.expect_request(lambda request: "queue/join" in request.url):
            pass
    expect(sure).to_be_visible()
    sure.click()
    expect(page.locator("#exam-message")).to_contain_text("已经放弃，不计成绩")
    expect(other.locator("#exam-message")).to_contain_text("在另一个窗口里放弃")
    expect(other.locator("#exam-start")).to_be_visible()
    other.context.close()
