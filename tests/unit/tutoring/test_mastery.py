"""Mastery: what answers say of a point, of its neighbours, and how sure it is; on simulated learners the intervals hold."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from bench.mastery import changing, measure, steady
from knowledge.syllabus import KnowledgePoint, points
from tutoring.attempts import PASSED, Attempt
from tutoring.mastery import HALF_LIFE_DAYS, believed, masteries
from tutoring.standing import standing_of

NOW = datetime(2030, 5, 1, tzinfo=UTC)
POINT, REQUIRING, STRANGER = "os.3.9", "os.3.10", "cn.1.1"


def answers(marks: str, point: str = POINT, difficulty: int = 3, days_ago: float = 0.0, chosen: str = "A") -> list[Attempt]:
    at = NOW - timedelta(days=days_ago)
    subject = points()[point].subject
    return [
        Attempt(f"{point}/{difficulty}/{days_ago}/{n}", "", subject, (point,), difficulty, chosen, mark == "1", 30, "practice", at)
        for n, mark in enumerate(marks)
    ]  # fmt: skip


def test_without_answers_every_point_is_wide_open_and_in_the_middle() -> None:
    found = masteries([], NOW)
    assert set(found) == set(points())
    assert all(
        m.mean == pytest.approx(0.5, abs=0.01) and m.low < 0.1 and m.high > 0.9 and m.attempts == 0 for m in found.values()
    )


def test_right_answers_raise_and_wrong_ones_lower_and_both_narrow() -> None:
    nothing, right, wrong = (masteries(given, NOW)[POINT] for given in ([], answers("111111"), answers("000000")))
    assert wrong.mean < 0.2 and right.mean > 0.75
    assert right.high - right.low < nothing.high - nothing.low
    assert wrong.high < 0.5 and right.attempts == wrong.attempts == 6


def test_a_hard_question_proves_more_when_right_and_less_when_wrong() -> None:
    def mean(mark: str, difficulty: int) -> float:
        return masteries(answers(mark * 3, difficulty=difficulty), NOW)[POINT].mean

    assert mean("1", 5) > mean("1", 3) > mean("1", 1)
    assert mean("0", 5) > mean("0", 3) > mean("0", 1)


def test_one_lucky_letter_says_little_but_not_knowing_says_as_much_as_a_wrong_letter() -> None:
    empty = masteries([], NOW)[POINT].mean
    lucky, wrong, passed = (
        masteries(a, NOW)[POINT].mean for a in (answers("1"), answers("0", chosen="B"), answers("0", chosen=PASSED))
    )
    assert lucky - empty < empty - wrong
    assert passed == wrong


def test_other_points_of_the_subject_are_told_a_little_required_ones_more_and_strangers_nothing() -> None:
    assert POINT in points()[REQUIRING].requires
    before, after = masteries([], NOW), masteries(answers("0" * 12), NOW)
    moved = {i: before[i].mean - after[i].mean for i in (POINT, REQUIRING, "os.7.6", STRANGER)}
    assert moved[POINT] > moved[REQUIRING] > moved["os.7.6"] > 0.02
    assert moved[STRANGER] == pytest.approx(0, abs=1e-9)
    assert after[REQUIRING].high - after[REQUIRING].low > 0.5, "what was never asked stays unsure"


def test_old_answers_count_less_and_the_interval_widens_with_time() -> None:
    fresh, old, ancient = (masteries(answers("111111", days_ago=days), NOW)[POINT] for days in (0, HALF_LIFE_DAYS, 2000))
    assert fresh.mean > old.mean > ancient.mean == pytest.approx(0.5, abs=0.01)
    assert fresh.high - fresh.low < old.high - old.low < ancient.high - ancient.low
    turned = masteries(answers("000000", days_ago=200) + answers("1111", difficulty=4), NOW)[POINT]
    assert turned.mean > 0.6, "who has learned it is not held to what he once got wrong"


def test_the_same_question_again_counts_once_by_its_latest_answer() -> None:
    once = answers("1")
    again = [Attempt(**{**vars(once[0]), "at": NOW - timedelta(days=n), "correct": n == 0}) for n in range(9)]
    assert masteries(again, NOW)[POINT] == masteries(once, NOW)[POINT]
    assert masteries(list(reversed(again)), NOW) == masteries(again, NOW), "in any order"


def test_a_clock_that_was_put_back_and_unknown_points_do_no_harm() -> None:
    ahead = answers("11", days_ago=-400) + [Attempt("x", "", "os", ("os.99.9",), 9, "A", True, None, "exam", NOW)]
    assert 0 < masteries(ahead, NOW)[POINT].mean < 1
    assert masteries(ahead, NOW)[POINT].attempts == 2
    assert believed([], NOW, {}).points == {}


def test_a_question_on_two_points_tells_each_half_as_much() -> None:
    def both(n: int) -> list[Attempt]:
        return [Attempt(f"b{i}", "", "os", (POINT, "os.2.1"), 3, "A", True, None, "practice", NOW) for i in range(n)]

    alone, shared = masteries(answers("1111"), NOW)[POINT], masteries(both(4), NOW)[POINT]
    assert 0.5 < shared.mean < alone.mean


def test_another_syllabus_a_subject_and_its_interval() -> None:
    syllabus = {
        i: KnowledgePoint(i, i, "os", "os.1", "甲", weight, "掌握", requires)
        for i, weight, requires in (("os.1.1", "高", ()), ("os.1.2", "低", ("os.1.1",)))
    }
    given = [Attempt(f"q{n}", "", "os", ("os.1.1",), 3, "A", True, None, "practice", NOW) for n in range(10)]
    belief = believed(given, NOW, syllabus)
    subject = belief.subjects["os"]
    assert belief.points["os.1.1"].mean > subject.mean > belief.points["os.1.2"].mean
    assert subject.low < subject.mean < subject.high and subject.attempts == 10
    assert subject.mean > (belief.points["os.1.1"].mean + belief.points["os.1.2"].mean) / 2, "what is examined more counts more"


def test_the_intervals_hold_the_truth_of_simulated_learners() -> None:
    few, many = (measure(steady, n, days=60, seeds=range(4)) for n in (60, 1200))
    assert 0.88 <= few.held <= 0.99 and 0.88 <= many.held <= 0.99
    assert many.error < few.error and many.width < few.width
    assert many.loss < many.plain_loss and few.loss < few.plain_loss, "better than the share of right answers"
    assert 0.82 <= measure(changing, 600, days=60, seeds=range(3)).held, "also of who learns and forgets"


def test_ten_thousand_answers_are_weighed_in_a_tenth_of_a_second() -> None:
    ids = list(points())
    many = [
        Attempt(f"q{n}", "", "os", (ids[n % len(ids)],), n % 5 + 1, "A", n % 3 > 0, 9, "practice", NOW - timedelta(hours=n))
        for n in range(10_000)
    ]
    masteries(many[:10], NOW)
    spent = []
    for _ in range(3):
        start = time.process_time()
        found = masteries(many, NOW)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.5, "0.08 s on a quiet core; far more would be a loop gone wrong"
    assert all(0 < m.low < m.mean < m.high < 1 for m in found.values())


@pytest.mark.parametrize(
    ("marks", "standing"),
    [("", "new"), ("1", "unsure"), ("0", "unsure"), ("0000", "weak"), ("1" * 8, "firm"), ("0101", "unsure")],
)
def test_a_point_is_called_weak_or_mastered_only_when_that_is_sure(marks: str, standing: str) -> None:
    assert standing_of(masteries(answers(marks), NOW)[POINT]) == standing
