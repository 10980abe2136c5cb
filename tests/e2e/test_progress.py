"""The tab 进度 in a browser: what is due, the streak over days, weak points, gaps in the documents, and the plan over a reload."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge.questions import Question
from knowledge.syllabus import points
from tests.e2e.conftest import Served, new_page
from tutoring.bank import every_question
from tutoring.database import open_database
from tutoring.practice.recording import Recorder

WEAK, STRONG = "os.3.10", "cn.5.4"


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    """An app whose learner went wrong on one point and right on another, today."""
    served = serve()
    database = open_database(served.settings)
    recorder = Recorder(database, served.clock)
    for question in on(WEAK):
        wrong = next(letter for letter in "ABCD" if letter != question.key)
        recorder.record("local", question, wrong, 30, "practice")
    for question in on(STRONG):
        recorder.record("local", question, question.key, 30, "practice")
    database.close()
    return served


def on(point: str) -> list[Question]:
    return [question for question in every_question() if point in question.points]


def covered(page: Page) -> Page:
    """The page once the documents have been looked through."""
    page.locator("#progress-lacking").get_by_text("没有资料覆盖的考点").click()
    expect(page.locator("#progress-uncovered")).to_contain_text("在你的资料里没有找到讲解")
    return page


def test_today_weak_points_and_what_the_documents_leave_out(open_tab: Callable[[str], Page]) -> None:
    page = open_tab("进度")
    done = len(on(WEAK)) + len(on(STRONG))
    expect(page.locator("#progress-done")).to_contain_text(f"{done} / 20")
    expect(page.locator("#progress-streak b")).to_have_text("1")
    expect(page.locator("#progress-weak li").first).to_contain_text(points()[WEAK].name)
    expect(page.locator("#progress-weak")).not_to_contain_text(points()[STRONG].name)
    expect(page.locator("#progress-counts")).to_contain_text("没练过")
    for plot in ("#progress-subjects svg", "#progress-days svg"):
        expect(page.locator(plot)).to_be_visible()
    gaps = covered(page).locator("#progress-uncovered")
    expect(gaps).to_contain_text("管程与条件变量")
    expect(gaps).not_to_contain_text(points()[WEAK].name)


def test_a_point_is_told_in_the_table_and_its_page_opens(open_tab: Callable[[str], Page]) -> None:
    page = covered(open_tab("进度"))
    page.get_by_label("薄弱优先").click()
    subject = page.locator("#matrix details[data-subject=os]")
    subject.locator("> summary").click()
    row = subject.locator("tbody tr").first
    expect(row).to_contain_text(points()[WEAK].name)
    expect(row.locator(".heat")).to_contain_text("薄弱")
    row.locator("[data-act=page]").click()
    expect(page.locator("#progress-caption")).to_contain_text("操作系统讲义.pdf")
    image = page.locator("#progress-page img")
    image.wait_for()
    assert image.evaluate("i => i.decode().then(() => i.naturalWidth)") > 500
    assert page.locator("#progress-places button").count() >= 2, "the handout and the note"


def test_a_weak_point_is_practised_with_a_click(open_tab: Callable[[str], Page]) -> None:
    page = open_tab("进度")
    page.locator(f"#progress-weak [data-practice-point='{WEAK}']").click()
    expect(page.get_by_role("tab", name="练习", exact=True)).to_have_attribute("aria-selected", "true")
    expect(page.locator("#practice")).to_contain_text(points()[WEAK].name)


def test_the_plan_is_kept_over_a_reload_and_a_wrong_one_is_refused(open_tab: Callable[[str], Page], served: Served) -> None:
    page = open_tab("进度")
    page.locator("#progress-plan").get_by_text("学习计划").click()
    day = page.locator("#progress-exam-date input")
    expect(day).to_have_attribute("type", "date")
    expect(page.locator("#progress-plan")).not_to_contain_text(re.compile("[A-Za-z]"))
    page.locator("#progress-goal input").fill("9999")
    page.locator("#progress-save").click()
    expect(page.get_by_text("每天的题数是 9999")).to_be_visible()
    expect(page.locator("#progress-done")).to_contain_text("/ 20")
    exam = (served.clock().astimezone() + timedelta(days=40)).date()
    day.fill(exam.isoformat())
    page.locator("#progress-goal input").fill("35")
    page.get_by_label("扎实").click()
    page.locator("#progress-save").click()
    expect(page.locator("#progress-saved")).to_contain_text(exam.isoformat())
    expect(page.locator("#progress-saved")).to_contain_text("已保存")
    expect(page.locator("#progress-left b")).to_have_text("40")
    page.reload()
    page = open_tab("进度")
    expect(page.locator("#progress-done")).to_contain_text("/ 35")
    expect(page.locator("#progress-left b")).to_have_text("40")
    page.locator("#progress-plan").get_by_text("学习计划").click()
    expect(day).to_have_value(exam.isoformat())
    expect(page.get_by_label("扎实")).to_be_checked()


def test_days_go_by(open_tab: Callable[[str], Page], served: Served) -> None:
    def figures(days: int) -> tuple[Any, Any]:
        served.clock.ahead = timedelta(days=days)
        open_tab("答疑")
        page = open_tab("进度")
        return page.locator("#progress-streak b"), page.locator("#progress-due b")

    try:
        streak, _ = figures(1)
        expect(streak).to_have_text("1")
        streak, due = figures(5)
        expect(streak).to_have_text("0")
        expect(due).to_have_text(str(len({question.id for question in on(WEAK)})))
    finally:
        served.clock.ahead = timedelta()


def test_on_a_telephone_nothing_is_wider_than_the_screen(browser: Browser, served: Served) -> None:
    page = new_page(browser, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(served.url)
    page.get_by_role("tab", name="进度", exact=True).click()
    page.locator("#matrix").wait_for()
    page.locator("#matrix details[data-subject=os] > summary").click()
    page.locator("#matrix details[data-subject=os] details > summary").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    small = page.locator("#progress button:visible").evaluate_all(
        "all => all.filter(b => b.getBoundingClientRect().height < 40).length"
    )
    assert small == 0, "a finger can hit every button"
    page.context.close()
