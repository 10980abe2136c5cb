"""What the tab 进度 writes: words for everything that is drawn, and nothing that a name could make of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from errors import UsageError
from knowledge.syllabus import KnowledgePoint, points
from tutoring.attempts import Attempt
from tutoring.coverage import CoveredPage
from tutoring.mastery import believed
from tutoring.practice.plan import Plan
from tutoring.progress import Practised, Progress, progress_of
from tutoring.syllabus_table import PointRow, table_of
from ui.progress_matrix import matrix_html
from ui.progress_plan import PlanForm, plan_of, saved_html
from ui.progress_view import days_html, subjects_html, today_html, uncovered_html, weak_html

NOON = datetime(2030, 5, 10, 4, 0, tzinfo=UTC)
POINT = "os.3.10"
HOSTILE = "<img src=x onerror=alert(1)>'\""


def seen(wrong: int = 6, due: int = 0, plan: Plan | None = None) -> Progress:
    given = [Attempt(f"q{n}", "", "os", (POINT,), 3, "A", False, None, "practice", NOON) for n in range(wrong)]
    return progress_of([Practised(NOON, "os", False)] * wrong, due, plan or Plan(), believed(given, NOON), NOON)


def rows_of(progress: Progress) -> list[PointRow]:
    def pages(point: str) -> list[CoveredPage]:
        note = CoveredPage("notes/a.md", "s", 1, 2.0, "c", note=True)
        own = [CoveredPage("书.pdf", "s", n, 1.0, "c") for n in (3, 4)]
        return [*own, note] if point == POINT else [note] if point == "os.1.1" else []

    return table_of(progress.belief.points, pages)


@pytest.mark.parametrize(
    ("day", "told"),
    [(date(2030, 6, 9), "<b>30</b>"), (date(2030, 5, 10), "<b>今天</b>"), (date(2030, 5, 1), "<b>已过</b>"), (None, "")],
)
def test_today_says_how_long_it_is_to_the_exam(day: date | None, told: str) -> None:
    shown = today_html(seen(plan=Plan(exam_date=day)))
    assert (told in shown) and ("progress-left" in shown) == bool(day)


def test_today_leads_to_the_reviews_and_to_the_weak_point() -> None:
    shown = today_html(seen(due=2))
    assert "data-go-tab='错题本'" in shown and f"data-practice-point='{POINT}'" in shown
    assert "6 / 20" in shown and "aria-label='今天的目标：做了 6 道，目标 20 道'" in shown
    assert "都完成了" in today_html(seen(wrong=20))


def test_a_beginner_is_told_what_to_do_and_not_that_he_is_weak() -> None:
    beginner = seen(wrong=0)
    assert "还没有做过题" in weak_html(beginner)
    assert "还没有做题" in days_html(beginner)
    one = weak_html(seen(wrong=1))
    assert "目前没有能确定薄弱的考点" in one and "还不确定" in one


def test_weak_points_are_named_with_their_estimate() -> None:
    shown = weak_html(seen())
    assert points()[POINT].name in shown and "6 道题" in shown and "薄弱 1" in shown
    assert "可信区间" in subjects_html(seen()) and "<svg" in subjects_html(seen())


def test_the_table_says_in_words_what_it_colours() -> None:
    shown = matrix_html(rows_of(seen()), weakest=False)
    assert "1 份资料的 2 页讲" in shown and "只有笔记" in shown and ">缺<" in shown
    assert shown.count("<tr data-point=") == len(points())
    assert "aria-label='薄弱，掌握约" in shown and "资料未讲" in shown
    weakest = matrix_html(rows_of(seen()), weakest=True)
    inside = weakest.partition("data-subject='os'")[2]
    assert inside.index(f"data-point='{POINT}'") == inside.index("data-point=")


def test_names_of_a_syllabus_are_words_and_no_markup() -> None:
    progress = seen()
    hostile = KnowledgePoint(POINT, HOSTILE, "os", "os.3", HOSTILE, "高", "掌握")
    rows = [replace(rows_of(progress)[0], point=hostile)]
    for shown in (matrix_html(rows, False), matrix_html(rows, True), uncovered_html([hostile], ""), uncovered_html([], HOSTILE)):
        assert "<img" not in shown and "&lt;img" in shown


def test_gaps_are_listed_by_chapter_with_what_to_add() -> None:
    shown = uncovered_html([points()["os.3.8"], points()["os.3.6"]], "")
    assert "2 个考点" in shown and shown.count("<li>") == 1 and "data-go-tab='资料'" in shown
    assert "每个考点都有资料" in uncovered_html([], "")
    assert "正在对照大纲" in uncovered_html([points()["os.3.8"]], "正在对照大纲：第 1/5 份资料")


@pytest.mark.parametrize("text", ["2030-12-21", "2030/12/21", " 2030.12.21 ", "2030-12-21 00:00:00"])
def test_a_plan_is_read_from_its_form_and_shown_in_it(text: str) -> None:
    *_, retention = PlanForm.values(Plan())
    plan = plan_of(text, 30, retention)
    assert plan == Plan(date(2030, 12, 21), 30, 0.9)
    assert PlanForm.values(plan) == ["2030-12-21", 30, retention]
    assert "2030-12-21" in saved_html(plan) and "30 道" in saved_html(plan)
    assert plan_of(None, 5, retention).exam_date is None
    assert "扎实" in PlanForm.values(Plan(retention=0.97))[2]


@pytest.mark.parametrize(
    ("day", "goal", "told"), [("明年", 20, "不是日期"), ("2030-13-01", 20, "不是日期"), (None, None, "每天做几道")]
)
def test_a_plan_that_is_none_is_refused(day: str | None, goal: int | None, told: str) -> None:
    *_, retention = PlanForm.values(Plan())
    with pytest.raises(UsageError, match=told):
        plan_of(day, goal, retention)
    with pytest.raises(UsageError, match="松紧"):
        plan_of(None, 20, "别的")
