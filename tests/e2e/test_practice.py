"""Practice and the 错题本 in a real browser: ten questions, a wrong one that comes back, a reload, the keyboard, hostile notes."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Served
from tutoring.attempts import Attempts
from tutoring.database import Database, open_database
from tutoring.practice.cards import Cards
from tutoring.practice.desk import Asked, Desk
from tutoring.practice.remarks import Remarks
from tutoring.practice.today import done_today
from tutoring.storage import LOCAL

OpenTab = Callable[[str], Page]
HOSTILE = '<img src=x onerror="window.pwned=1"> <script>window.pwned=1</script> [点](javascript:window.pwned=1)'


@pytest.fixture
def database(served: Served) -> Iterator[Database]:
    opened = open_database(served.settings)
    yield opened
    opened.close()


def lying(database: Database, source: str = "practice") -> Asked:
    """What lies before the learner, as the database has it."""
    asked = Desk(database, source).open(LOCAL)  # type: ignore[arg-type]
    assert asked
    return asked


def choose(page: Page, name: str, option: str) -> None:
    if not page.locator(f"#{name} input").is_visible():
        page.get_by_text(re.compile("^选题条件")).click()
    page.locator(f"#{name} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def go_on(page: Page, panel: str = "practice") -> None:
    """Ask for a question and wait until it stands there, unanswered."""
    before = page.locator(f"#{panel}-token textarea, #{panel}-token input").input_value()
    page.locator(f"#{panel}-next").click()
    expect(page.locator(f"#{panel}-token textarea, #{panel}-token input")).not_to_have_value(before)
    expect(page.locator(f"#{panel}-options .q-option:enabled")).to_have_count(4)


def set_all_aside(database: Database) -> None:
    """What other tests got wrong is not to be reviewed in this one."""
    cards = Cards(database)
    for card in cards.all(LOCAL):
        cards.remove(LOCAL, card.key)


def wrong_letter(asked: Asked) -> str:
    return "B" if asked.listed.key == "A" else "A"


def test_ten_questions_and_the_wrong_one_comes_back_as_another_variant(
    open_tab: OpenTab, served: Served, database: Database
) -> None:
    set_all_aside(database)
    done, right = done_today(database, LOCAL, served.clock)
    page = open_tab("练习")
    choose(page, "practice-kind", "只要计算题")
    verdict = page.locator("#practice-verdict")
    for number in range(1, 11):
        go_on(page)
        asked = lying(database)
        letter = wrong_letter(asked) if number == 4 else asked.listed.key
        page.keyboard.press(letter.lower() if number % 2 else str("ABCD".index(letter) + 1))
        expect(verdict).to_contain_text("答错了" if number == 4 else "答对了")
        if number == 4:
            missed = asked.question
            expect(verdict).to_contain_text("明天复习（换一组数再考你）")
            expect(page.locator("#practice-why")).to_contain_text(f"为什么选 {asked.listed.key}")
    expect(page.locator("#practice-today")).to_contain_text(f"今天 {done + 10} / 20 题，对 {right + 9}")
    open_tab("错题本")
    expect(page.locator("#review-counts")).to_contain_text("今天到期 0")
    expect(page.locator("#review-counts")).to_contain_text("以后 1")
    expect(page.locator("#review-about")).to_contain_text("今天没有到期的题。还有 1 道在等，最早的明天到期。")
    expect(page.locator("#review-next")).to_have_text("提前复习")
    served.clock.ahead += timedelta(days=1)
    page.reload()
    open_tab("错题本")
    expect(page.locator("#review-counts")).to_contain_text("今天到期 1")
    go_on(page, "review")
    back = lying(database, "review")
    assert back.question.family == missed.family and back.question.stem != missed.stem
    page.keyboard.press(back.listed.key)
    expect(page.locator("#review-verdict")).to_contain_text("下次复习")
    expect(page.locator("#review-counts")).to_contain_text("今天到期 0")
    page.keyboard.press("Enter")
    expect(page.locator("#review-about")).to_contain_text("都复习完了")


def test_a_reload_keeps_the_open_question_and_its_time(open_tab: OpenTab, served: Served, database: Database) -> None:
    page = open_tab("练习")
    go_on(page)
    asked = lying(database)
    stem = page.locator("#practice-stem").inner_text()
    served.clock.ahead += timedelta(seconds=70)
    page.reload()
    open_tab("练习")
    expect(page.locator("#practice-stem")).to_have_text(stem, use_inner_text=True)
    assert lying(database) == asked
    page.locator(".q-unsure:visible").click()
    expect(page.locator("#practice-verdict")).to_contain_text(f"正确答案是 {asked.listed.key}")
    expect(page.locator("#practice-verdict")).to_contain_text("用时 1 分")
    page.reload()
    open_tab("练习")
    expect(page.locator("#practice-verdict")).to_contain_text(f"正确答案是 {asked.listed.key}")


def test_the_page_of_the_book_follows_the_answer_and_the_teacher_gets_the_question(open_tab: OpenTab, database: Database) -> None:
    page = open_tab("练习")
    choose(page, "practice-subject", "操作系统")
    choose(page, "practice-kind", "只要书面题")
    beside = page.locator("#practice-beside")
    for _ in range(4):
        go_on(page)
        expect(beside).to_contain_text("答完这道题")
        page.locator("#practice-options .q-option").first.click()
        expect(page.locator("#practice-verdict")).to_contain_text("正确答案" if not lying(database).right else "答对了")
        expect(beside).not_to_contain_text("答完这道题")
        if beside.locator("mark, img").count():
            break
    else:
        raise AssertionError("four questions of the bank, and none is treated in the bundled documents")
    asked = lying(database)
    page.locator("#practice-ask").click()
    box = page.locator("#question textarea")
    expect(box).to_be_visible()
    expect(box).to_have_value(re.compile(re.escape(asked.listed.options["D"])))
    expect(page.locator("#mode input")).to_have_value("讲题")


def test_a_hostile_note_stays_text_and_keys_are_letters_while_one_types(open_tab: OpenTab, database: Database) -> None:
    page = open_tab("练习")
    go_on(page)
    note = page.locator("#practice-note textarea")
    note.click()
    page.keyboard.type("abcd1234")
    expect(page.locator("#practice-saved")).to_contain_text("已保存")
    assert lying(database).chosen is None, "letters in a note are no answer"
    note.fill(HOSTILE)
    expect(note).to_have_value(HOSTILE)
    page.locator(".q-unsure:visible").click()
    expect(page.locator("#practice-verdict")).to_contain_text("正确答案")
    expect(note).to_have_value(HOSTILE)
    page.locator("#practice-mark").click()
    expect(page.locator("#practice-mark")).to_have_text("★ 已标记")
    page.reload()
    open_tab("练习")
    expect(note).to_have_value(HOSTILE)
    expect(page.locator("#practice-mark")).to_have_text("★ 已标记")
    open_tab("错题本")
    page.locator("#review-counts").get_by_role("button", name=re.compile("^以后")).click()
    rows = page.locator("#review-list details > summary")
    expect(rows.first).to_be_visible()
    assert page.locator("#review-list .r-note").count() == 1 and page.locator("#review-list :is(img, script, a)").count() == 0
    with page.expect_download() as download:
        page.locator("#review-export").click()
    assert "\\<img" in download.value.path().read_text(encoding="utf-8")
    assert page.evaluate("window.pwned") is None
    row = page.locator("#review-list .r-card", has=page.locator(".r-note"))
    row.get_by_role("button", name="移出").click()
    expect(row).to_have_count(0)
    assert any(card.removed for card in Cards(database).all(LOCAL))


def test_a_note_of_an_input_method_is_kept_whatever_comes_next(open_tab: OpenTab, database: Database) -> None:
    """What an input method puts in comes as a whole, without a key; it is kept by itself, by a reload and by going on."""
    page, remarks = open_tab("练习"), Remarks(database)
    choose(page, "practice-kind", "只要书面题")
    go_on(page)
    note, first = page.locator("#practice-note textarea"), lying(database).question
    note.fill("")
    note.click()
    page.keyboard.insert_text("先分清互斥与同步")
    expect(page.locator("#practice-saved")).to_contain_text("已保存")
    assert remarks.of(LOCAL, first).note == "先分清互斥与同步"
    page.reload()
    open_tab("练习")
    expect(note).to_have_value("先分清互斥与同步")
    note.click()
    page.keyboard.press("End")
    page.keyboard.insert_text("，再数信号量")
    go_on(page)
    second = lying(database).question
    assert second.id != first.id
    expect(note).to_have_value(remarks.of(LOCAL, second).note)
    assert remarks.of(LOCAL, first).note == "先分清互斥与同步，再数信号量", "going on at once loses nothing"
    note.fill("")
    note.click()
    page.keyboard.insert_text("答题前记一笔")
    page.locator(".q-unsure:visible").click()
    expect(page.locator("#practice-verdict")).to_contain_text("正确答案")
    expect(note).to_have_value("答题前记一笔")
    page.reload()
    open_tab("练习")
    expect(note).to_have_value("答题前记一笔")
    assert remarks.of(LOCAL, first).note == "先分清互斥与同步，再数信号量", "and none stands beside another question"


def test_two_windows_of_one_learner_count_an_answer_once(open_tab: OpenTab, served: Served, database: Database) -> None:
    page = open_tab("练习")
    go_on(page)
    other = page.context.new_page()
    other.goto(served.url)
    other.get_by_role("tab", name="练习", exact=True).click()
    expect(other.locator("#practice-options .q-option:enabled")).to_have_count(4)
    count = Attempts(database).count(LOCAL)
    page.locator("#practice-options .q-option").first.dblclick()
    expect(page.locator("#practice-verdict .q-verdict")).to_be_visible()
    shown = page.locator("#practice-verdict .q-verdict b").inner_text()
    other.locator("#practice-options .q-option").nth(2).click()
    expect(other.locator("#practice-verdict .q-verdict b")).to_have_text(shown)
    assert Attempts(database).count(LOCAL) == count + 1
    go_on(page)
    newest = lying(database)
    other.locator("#practice-next").click()
    expect(other.locator("#practice-verdict .q-verdict")).to_have_count(0)
    page.locator("#practice-options .q-option").first.click()
    expect(page.get_by_text("已经在另一个窗口里换掉了")).to_be_visible()
    assert lying(database).token != newest.token and lying(database).chosen is None
    assert Attempts(database).count(LOCAL) == count + 1, "an answer to a question that is gone is none"


def test_filters_that_nothing_fits_say_what_to_loosen(open_tab: OpenTab) -> None:
    page = open_tab("练习")
    page.set_viewport_size({"width": 390, "height": 844})
    choose(page, "practice-subject", "计算机网络")
    choose(page, "practice-difficulty", "1 级")
    choose(page, "practice-only", "标记过的")
    page.locator("#practice-next").click()
    expect(page.locator("#practice-about")).to_contain_text("没有同时符合这些条件的题")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator("#practice-clear").click()
    expect(page.get_by_text("选题条件：不选就由系统安排")).to_be_visible()
    go_on(page)
