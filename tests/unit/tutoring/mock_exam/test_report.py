"""Marks, points, losses, advice and the export of an exam that is over."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from errors import StorageError, UsageError
from knowledge.syllabus import points
from tests.unit.tutoring.mock_exam.samples import NOON, exam, paper, short
from tutoring.marking import Mark
from tutoring.mastery import Mastery
from tutoring.mock_exam import exam as steps
from tutoring.mock_exam.advice import advice_of
from tutoring.mock_exam.answers import AnswerSheet
from tutoring.mock_exam.exam import DONE, Exam
from tutoring.mock_exam.export import report_markdown
from tutoring.mock_exam.losses import FREQUENCY, earned, losses
from tutoring.mock_exam.marks import CriterionMark, Marking, Page
from tutoring.mock_exam.report import before_of, report_of, shown_band


def full_marks(number: int, share: float = 1.0, open_marks: bool = False) -> list[CriterionMark]:
    problem = paper().problem(number)
    assert problem is not None
    return [
        CriterionMark.of(
            Mark(n, c.text, c.score, "无法判断" if open_marks else "得分", 0 if open_marks else round(c.score * share), c.score),
            "program",
        )
        for n, part in enumerate(problem.parts, 1)
        for c in part.marking
    ]


def over(wrong: tuple[int, ...] = (), marking: Marking | None = None) -> Exam:
    """An exam in which all choice questions but `wrong` are right, and all problems."""
    sheet = AnswerSheet()
    for number, question in enumerate(paper().questions, 1):
        letter = "ABCD"[("ABCD".index(question.key) + 1) % 4] if number in wrong else question.key
        sheet = sheet.written(str(number), letter, "w", 2)
    whole = Marking(problems={n: full_marks(n) for n, _ in paper().numbered_problems()})
    done = replace(exam(sheet=sheet), state=DONE, marking=marking or whole)
    return replace(steps.handed_in(exam(sheet=sheet), NOON + timedelta(minutes=90)), state=DONE, marking=done.marking)


def test_a_perfect_exam_has_all_points_and_loses_none() -> None:
    report = report_of(over())
    assert report.total.low == report.total.high == 150 and report.losses == () and report.right == 40
    assert [row.total.low for row in report.subjects] == [45, 45, 35, 25]
    assert report.choices.full == 80 and report.problems.full == 70
    assert "没有失分" in advice_of(report, {})[-1].text


def test_wrong_choices_cost_two_points_each_on_their_knowledge_points() -> None:
    report = report_of(over(wrong=(1, 40)))
    assert report.total.low == 146 and report.right == 38
    assert sum((loss.lost for loss in report.losses), Fraction(0)) == 4
    assert {n for loss in report.losses for n in loss.numbers} == {1, 40}
    weights = [loss.lost * FREQUENCY[points()[loss.point].weight] for loss in report.losses]
    assert weights == sorted(weights, reverse=True)


def test_open_marks_make_a_band_that_the_learner_closes() -> None:
    marking = Marking(problems={n: full_marks(n, open_marks=n == 47) for n, _ in paper().numbered_problems()})
    done = over(marking=marking)
    report = report_of(done)
    assert (report.total.low, report.total.high) == (141, 150) and shown_band(report.total) == "141–150"
    assert report.open_marks == len(marking.problems[47])
    assert "自评" in advice_of(report, {})[0].text
    settled = marking
    for index, mark in enumerate(marking.problems[47]):
        settled = settled.with_settled(47, index, mark.full)
    closed = report_of(replace(done, marking=settled))
    assert closed.total.low == closed.total.high == 150 and closed.open_marks == 0
    assert settled.with_settled(47, 0, None).problems[47][0].given is None


def test_what_is_not_open_is_not_settled() -> None:
    marking = Marking(problems={41: full_marks(41), 47: full_marks(47, open_marks=True)})
    for number, index, given in ((41, 0, 0), (47, 0, 99), (47, 0, -1), (47, 99, 0), (3, 0, 0), (47, -1, 0)):
        with pytest.raises(UsageError):
            marking.with_settled(number, index, given)


def test_marks_that_are_there_stay_and_a_damaged_marking_is_told() -> None:
    marking = Marking().with_problem(41, full_marks(41)).with_problem(41, [], "notice")
    assert marking.problems[41] and Marking.from_json(marking.model_dump_json()) == marking
    assert Marking.from_json("") == Marking()
    with pytest.raises(StorageError):
        Marking.from_json("[]")


def test_a_problem_without_marks_may_have_earned_anything() -> None:
    waiting = over(marking=Marking())
    assert earned(waiting, 47).low == 0 and earned(waiting, 47).high == 9 and earned(waiting, 99).full == 0


def test_advice_names_the_page_the_weak_need_and_how_many_to_drill() -> None:
    point = next(p for p in points().values() if p.requires and any(p.id in q.points for q in paper().questions))
    number = next(n for n, q in enumerate(paper().questions, 1) if point.id in q.points)
    done = over(wrong=(number,))
    label = "《讲义》 第 7 页"
    done = replace(done, marking=done.marking.with_page(point.id, Page(source="讲义.pdf", page=7, label=label)))
    known = {
        point.id: Mastery(point.id, 0.2, 0.1, 0.4, 5),
        point.requires[0]: Mastery(point.requires[0], 0.3, 0.1, 0.4, 3),
    }
    told = next(one for one in advice_of(report_of(done), known) if one.point == point.id)
    assert label in told.text and "再练 15 道" in told.text and points()[point.requires[0]].name in told.text
    firm = {point.id: Mastery(point.id, 0.9, 0.8, 0.95, 30)}
    assert any("再练 5 道" in one.text for one in advice_of(report_of(done), firm))


def test_advice_speaks_of_the_time() -> None:
    empty = replace(exam(), state=DONE)
    late = steps.handed_in(exam(sheet=AnswerSheet(spent={1: 300}, counted=300)), NOON + timedelta(hours=4))
    told = " ".join(one.text for one in advice_of(report_of(late), {}))
    assert "47 题空着" in told and "第 1 题" in told
    assert "空着" not in " ".join(one.text for one in advice_of(report_of(empty), {}))


def test_an_exam_is_compared_with_the_one_before_of_its_kind() -> None:
    first = replace(over(wrong=(1, 2, 3)), id="a", created_at=NOON - timedelta(days=9))
    other = replace(exam(short()), id="b", state=DONE, created_at=NOON - timedelta(days=1))
    given_up = replace(over(), id="c", state=steps.ABANDONED, created_at=NOON - timedelta(days=2))
    now = over(wrong=(1,))
    found = before_of(now, [other, now, given_up, first])
    assert found is first
    report = report_of(now, found)
    assert report.before is not None and report.total.middle - report.before.total.middle == 4
    assert before_of(first, [first, now]) is None


def test_losses_need_a_point_of_the_syllabus() -> None:
    assert losses(over(wrong=(1,)), {}) == []


def test_the_export_holds_everything_and_what_was_written_stays_words() -> None:
    hostile = "```\n# 假标题\n<script>alert(1)</script> ````"
    done = over(wrong=(2,))
    done = replace(done, sheet=done.sheet.written("41.1", hostile, "w", 3))
    text = report_markdown(report_of(done), advice_of(report_of(done), {}))
    assert "**148 / 150**" in text and "### 47." in text and hostile in text and "这一周做什么" in text
    lines = text.split("\n")
    fence = lines[lines.index("# 假标题") - 2]
    assert fence == "`````text" and "`````" in lines[lines.index("# 假标题") + 1 :], "the fence is longer than any in the words"
    assert text.count("### ") == 47
