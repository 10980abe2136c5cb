"""Days, streak, weak points and today's work; over midnight and a change of zone, and for several learners."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.questions import Question
from knowledge.syllabus import points
from tutoring.attempts import Attempt, Attempts
from tutoring.bank import every_question
from tutoring.database import Database
from tutoring.mastery import believed
from tutoring.mastery_cache import LearnersMastery
from tutoring.practice.plan import Plan, Plans
from tutoring.practice.recording import Recorder
from tutoring.progress import LearnersProgress, Practised, by_need, progress_of, streak_of
from tutoring.syllabus_table import by_chapter, table_of, weak_first

NOON = datetime(2030, 5, 10, 4, 0, tzinfo=UTC)
TODAY = date(2030, 5, 10)


@pytest.fixture(autouse=True)
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Days are those of the machine's zone: here eight hours ahead of UTC."""
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def wrong(question: Question) -> str:
    return next(letter for letter in "ABCD" if letter != question.key)


def ask(point: str) -> list[Question]:
    return [question for question in every_question() if question.points == (point,)][:1]


@pytest.mark.parametrize(
    ("ago", "length"),
    [((), 0), ((0,), 1), ((1,), 1), ((0, 1, 2), 3), ((1, 2), 2), ((2, 3), 0), ((0, 2, 3), 1), ((-1, 0), 1)],
)
def test_a_streak_ends_today_or_yesterday(ago: tuple[int, ...], length: int) -> None:
    assert streak_of({TODAY - timedelta(days=n) for n in ago}, TODAY) == length


def test_a_day_is_the_learners_own(monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime(2030, 5, 9, 17, 0, tzinfo=UTC)  # one o'clock in the morning of the tenth in Shanghai
    done = [Practised(late, "os", True), Practised(late - timedelta(hours=2), "os", False)]
    found = progress_of(done, 0, Plan(), believed([], NOON), NOON)
    assert (found.done, found.streak) == (1, 2)
    assert [(day.day, day.done, day.right) for day in found.days[-2:]] == [(date(2030, 5, 9), 1, 0), (TODAY, 1, 1)]
    assert len(found.days) == 30 and found.total == 2


def test_accuracy_comes_with_wilsons_interval_and_all_subjects_are_there() -> None:
    done = [Practised(NOON, "os", n < 8) for n in range(10)]
    found = {record.subject: record for record in progress_of(done, 0, Plan(), believed([], NOON), NOON).subjects}
    assert list(found) == ["ds", "co", "os", "cn"]
    assert (found["os"].done, found["os"].right) == (10, 8)
    assert found["os"].interval.low == pytest.approx(0.4902, abs=1e-4) and found["os"].interval.high == pytest.approx(
        0.9433, abs=1e-4
    )
    assert (found["cn"].interval.low, found["cn"].interval.high) == (0.0, 1.0)


def test_what_is_examined_often_and_known_little_comes_first() -> None:
    given = [
        Attempt(f"{point}{n}", "", "os", (point,), 3, "A", right, None, "practice", NOON)
        for point, right in (("os.3.10", False), ("os.3.8", False), ("os.3.3", True))
        for n in range(12)
    ]
    masteries = believed(given, NOON).points
    ranked = [m.point for m in by_need(masteries[i] for i in ("os.3.3", "os.3.8", "os.3.10"))]
    assert ranked[0] == "os.3.10", f"高 and weak, before 低 and weak ({points()['os.3.8'].weight})"
    rows = table_of(masteries, lambda point: ())
    assert [row.point.id for row in weak_first(rows)][:2] == ["os.3.10", "os.3.8"]
    assert {row.standing for row in rows} == {"weak", "new", "firm"}
    chapters = by_chapter(rows)
    assert list(chapters) == ["cn", "co", "ds", "os"] and [row.point.id for row in chapters["os"]["os.3"]][0] == "os.3.1"
    assert sum(row.questions + row.computed for row in rows) > len(rows)


def test_todays_work_is_reviews_then_new_ones_up_to_the_goal() -> None:
    given = [Attempt(f"q{n}", "", "os", ("os.3.10",), 3, "A", False, None, "practice", NOON) for n in range(5)]
    belief = believed(given, NOON)
    steps = progress_of([Practised(NOON, "os", False)] * 5, 3, Plan(daily_goal=20), belief, NOON).steps
    assert (steps[0].number, steps[0].point) == (3, None)
    assert steps[1].point is not None and steps[1].point.id == "os.3.10"
    assert sum(step.number for step in steps) == 15, "the goal is 20, and five are done"
    assert progress_of([Practised(NOON, "os", True)] * 20, 0, Plan(), belief, NOON).steps == ()
    assert [s.number for s in progress_of([Practised(NOON, "os", True)] * 20, 4, Plan(), belief, NOON).steps] == [4]


def test_progress_of_one_learner_holds_nothing_of_another(tmp_path: Path) -> None:
    moment = [NOON]
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")

    def clock() -> datetime:
        return moment[0]

    progress = LearnersProgress(database, LearnersMastery(database, clock), clock)
    recorder = Recorder(database, clock)
    for question in (*ask("os.3.9"), *ask("os.3.1")):
        recorder.record("user:1", question, wrong(question), 20, "practice")
    recorder.record("user:2", ask("cn.5.4")[0], ask("cn.5.4")[0].key, 20, "practice")
    assert (progress.of("user:1").done, progress.of("user:2").done, progress.of("user:3").total) == (2, 1, 0)
    assert progress.of("user:1").belief.points["os.3.9"].mean < progress.of("user:3").belief.points["os.3.9"].mean
    moment[0] += timedelta(days=4)
    later = progress.of("user:1")
    assert later.due == 2 and later.done == 0 and later.streak == 0
    assert progress.of("user:2").due == 0
    Plans(database, clock).save("user:1", Plan(TODAY + timedelta(days=30), 7, 0.9))
    assert (progress.of("user:1").days_left, progress.of("user:1").plan.daily_goal) == (26, 7)
    assert progress.of("user:2").days_left is None


def test_mastery_is_computed_again_after_an_answer_and_after_an_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [NOON]
    database = Database(f"sqlite:///{tmp_path / 'a.sqlite3'}")
    mastery = LearnersMastery(database, lambda: moment[0])
    attempts = Attempts(database, lambda: moment[0])
    first = mastery.belief("local")
    assert mastery.belief("local") is first
    question = ask("os.3.9")[0]
    attempts.add("local", question, question.key, 5, "practice")
    second = mastery.belief("local")
    assert second.points["os.3.9"].attempts == 1 and mastery.belief("local") is second
    moment[0] += timedelta(hours=1)
    assert mastery.belief("local") is not second
    monkeypatch.setattr("tutoring.mastery_cache._KEPT", 2)
    for owner in ("a", "b", "c"):
        mastery.of(owner)
    assert len(mastery._known) == 2
