import re
from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge.generators import families
from knowledge.questions import Question
from tests.unit.tutoring.practice.conftest import MONDAY
from tutoring.bank import every_question
from tutoring.practice.cards import Card
from tutoring.practice.choosing import Loosened, Nothing
from tutoring.practice.days import day_of
from tutoring.practice.desk import Asked
from tutoring.practice.filters import Filters
from tutoring.practice.plan import Plan
from tutoring.practice.scheduling import Rating
from tutoring.practice.variants import Listed
from ui import practice_view as view
from ui.question_text import plain_markdown
from ui.review_view import counts_html, list_html

HOSTILE = "<img src=x onerror=alert(1)> **粗** [点我](javascript:alert(1)) a*b*c `x<y`"


def question(**changes: object) -> Question:
    return replace(every_question()[0], **changes)  # type: ignore[arg-type]


def asked(one: Question, chosen: str | None = None, card: Card | None = None, rating: Rating | None = None) -> Asked:
    return Asked("t", Listed(one, "BADC"), Filters(), MONDAY, chosen, None if chosen is None else 75, rating, card)


def card(**changes: object) -> Card:
    made = Card(
        every_question()[0].id, "os", ("os.1.1",), 3, every_question()[0].id, MONDAY + timedelta(days=1), 1, 0, MONDAY, False
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def tags(html: str) -> set[str]:
    return set(re.findall(r"<([a-z0-9]+)", html))


def test_text_means_only_itself() -> None:
    shown = plain_markdown("1. a*b <A,B>\n| x | y |\n  if (i < 3) `p->q`\n```c\nif (a < b) x();\n```\n$x_1$ 完")
    assert "&#42;" in shown and "&lt;A" in shown and "<br>" in shown and "\u00a0\u00a0if" in shown
    assert "```c\nif (a < b) x();\n```" in shown, "a fence is code already"
    assert "<code>p&#45;&gt;q</code>" in shown and "$x&#95;1$" in shown
    assert tags(plain_markdown(HOSTILE)) == {"code"} and "](" not in plain_markdown(HOSTILE)
    assert plain_markdown("") == ""


def test_a_fence_that_is_not_closed_is_text() -> None:
    assert "<script" not in plain_markdown("```\n<script>alert(1)</script>")


def test_a_hostile_question_is_inert_everywhere() -> None:
    one = question(stem=HOSTILE, options=(HOSTILE, "b", "c", "d"), explanation=f"答案是 A。{HOSTILE}\nB 项：{HOSTILE}", key="A")
    for state in (asked(one), asked(one, "A"), asked(one, "")):
        html = view.options_html(state) + view.about_html(state) + view.stem_markdown(state) + view.explanation_markdown(state)
        assert tags(html) <= {"div", "span", "button", "b", "br", "code"}
        assert "](javascript" not in html


def test_right_and_wrong_are_told_by_sign_and_words_with_the_letters_as_listed() -> None:
    one = question(key="B")
    right, wrong, unsure = asked(one, "A"), asked(one, "C", card()), asked(one, "", card())
    assert "✓ 你选对了" in view.options_html(right) and "答对了" in view.verdict_html(right, MONDAY, 0)
    told = view.verdict_html(wrong, MONDAY, 4)
    assert "答错了，正确答案是 A" in told and "明天复习（选项会换顺序）" in told and "还有 4 道" in told and "1 分 15 秒" in told
    assert "✗ 你选的" in view.options_html(wrong) and "✓ 正确答案" in view.options_html(wrong)
    assert "正确答案是 A" in view.verdict_html(unsure, MONDAY, 0) and "不会" not in view.options_html(unsure)
    assert view.verdict_html(asked(one), MONDAY, 0) == "" == view.explanation_markdown(asked(one))
    assert view.options_html(asked(one)).count("data-act='answer'") == 5 and "disabled" not in view.options_html(asked(one))
    assert "**为什么选 A**" in view.explanation_markdown(right)


def test_ratings_are_offered_for_right_answers_only() -> None:
    one = question(key="B")
    assert view.verdict_html(asked(one, "A", card(), Rating.Hard), MONDAY, 0).count('data-act="rate"') == 3
    assert "● 有点勉强" in view.verdict_html(asked(one, "A", card(), Rating.Hard), MONDAY, 0)
    assert view.verdict_html(asked(one, "A"), MONDAY, 0).count('data-act="rate"') == 1
    assert "rate" not in view.verdict_html(asked(one, "C", card()), MONDAY, 0)


def test_options_that_a_button_cannot_show_stand_in_the_stem() -> None:
    one = asked(question(options=("$x^2$", "b", "c", "d")))
    assert "$x&#94;2$" in view.stem_markdown(one) and "q-words" not in view.options_html(one)


@pytest.mark.parametrize(
    ("days", "told"), [(0, "今天"), (1, "明天"), (2, "后天"), (5, "3 月 7 日（5 天后）"), (-3, "3 天前"), (400, "2027 年")]
)
def test_days_are_told_as_people_do(days: int, told: str) -> None:
    assert told in view.day_told(MONDAY + timedelta(days=days), MONDAY)


def test_the_day_and_the_exam() -> None:
    plan = Plan(day_of(MONDAY) + timedelta(days=12), 10, 0.9)
    assert "今天 3 / 10 题，对 2" in view.today_html(3, 2, plan, MONDAY) and "距考试 12 天" in view.today_html(3, 2, plan, MONDAY)
    assert "目标完成" in view.today_html(12, 2, plan, MONDAY)
    assert "考试日期已过" in view.today_html(0, 0, plan, MONDAY + timedelta(days=13))
    assert "今天考试" in view.today_html(0, 0, plan, MONDAY + timedelta(days=12))


def test_nothing_tells_what_to_loosen() -> None:
    told = view.nothing_html(Nothing((Loosened("difficulty", 12, 3),)))
    assert "难度" in told and "12 道" in told and "3 类" in told
    assert "同时放宽" in view.nothing_html(Nothing(()))


def test_the_lists_of_the_wrong_book() -> None:
    srtf = families()["os-srtf"].generate(3, 3)
    cards = [
        card(due=MONDAY), card(key="later"), card(key="m", right_days=2, due=MONDAY + timedelta(days=30)),
        card(key='"><script>', removed=True), card(key="os-srtf", question=srtf.id), card(key="gone", question="gone-1", wrong_at=None),
    ]  # fmt: skip
    assert [
        f"{name} {n}" in counts_html(cards, "due", MONDAY)
        for name, n in (("今天到期", 1), ("以后", 3), ("已掌握", 1), ("已移出", 1))
    ] == [True] * 4
    later = list_html(cards, "later", {"later": HOSTILE}, MONDAY, 10)
    assert (
        "复习时换数" in later
        and "不在题库里" in later
        and "自己收进来的" in later
        and "onerror=alert(1)&gt;" in later
        and "<img" not in later
    )
    late = list_html([card(due=MONDAY - timedelta(days=3))], "due", {}, MONDAY, 10)
    assert "已到期 3 天" in late and "下次" not in late
    assert "再显示一些（还有 2 道）" in list_html(cards, "later", {}, MONDAY, 1)
    assert "恢复" in list_html(cards, "removed", {}, MONDAY, 9) and "<script>" not in list_html(cards, "removed", {}, MONDAY, 9)
    assert "还是空的" in list_html([], "due", {}, MONDAY, 9) and "没有要复习" in list_html(cards[1:], "due", {}, MONDAY, 9)
