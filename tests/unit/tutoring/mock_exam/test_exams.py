"""Exams in a real database: nothing is lost, nothing happens twice, nobody sees another's."""

import random
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from errors import StorageError, UsageError
from tests.unit.tutoring.mock_exam.samples import NOON, THREE_HOURS, Clock, paper, short
from tutoring.attempts import Attempts
from tutoring.database import Database
from tutoring.learner_records import CardRow, ExamRow
from tutoring.mock_exam.drawing import full_paper
from tutoring.mock_exam.exam import DONE, MARKING, PAUSED, RUNNING
from tutoring.mock_exam.exams import Exams
from tutoring.mock_exam.marks import Marking


def test_an_exam_is_all_there_after_a_restart(database: Database, database_url: str) -> None:
    clock = Clock()
    begun = Exams(database, clock).start("a", "整卷模考 1", paper())
    exams = Exams(database, clock)
    clock.on(60)
    exams.answer("a", begun.id, "1", "C", "w", 1)
    exams.turn_to("a", begun.id, 41)
    exams.answer("a", begun.id, "41.1", "写了一半\0\ud800", "w", 1)
    exams.toggle("a", begun.id, 41)
    clock.on(20)
    exams.beat("a", begun.id)
    database.close()
    again = Database(database_url)
    clock.on(15)
    found = Exams(again, clock).unfinished("a")
    assert found and found.state == RUNNING and found.chosen(1) == "C" and found.words(41)[0] == "写了一半?"
    assert found.sheet.marked == [41] and found.sheet.current == 41 and found.timing.left_at(clock()) == THREE_HOURS - 95
    clock.on(3600)
    late = Exams(again, clock).unfinished("a")
    assert late and late.state == PAUSED and late.timing.used == 80 and "没有计时" in late.sheet.told
    again.close()


def test_only_one_exam_runs(database: Database) -> None:
    exams = Exams(database, Clock())
    exams.start("a", "1", paper())
    with pytest.raises(UsageError, match="没有结束"):
        exams.start("a", "2", short())
    exams.start("b", "1", short())
    assert len(exams.all("a")) == len(exams.all("b")) == 1


def test_two_windows_that_start_at_the_same_time_start_one(database: Database) -> None:
    exams, together = Exams(database, Clock()), threading.Barrier(2)
    looked = exams.unfinished

    def both_see_none(owner: str) -> None:
        found = looked(owner)
        if together.n_waiting < 2 and not together.broken and threading.current_thread().name.startswith("window"):
            threading.current_thread().name = "has looked"
            together.wait(10)
        return found  # type: ignore[return-value]

    exams.unfinished = both_see_none  # type: ignore[method-assign, assignment]
    refused: list[str] = []

    def start() -> None:
        try:
            exams.start("a", "1", short())
        except UsageError as error:
            refused.append(str(error))

    windows = [threading.Thread(target=start, name=f"window {n}") for n in range(2)]
    for window in windows:
        window.start()
    for window in windows:
        window.join(30)
    assert len(refused) == 1 and len(exams.all("a")) == 1


def test_nobody_reaches_another_ones_exam(database: Database) -> None:
    exams = Exams(database, Clock())
    mine = exams.start("a", "1", paper())
    for reach in (
        lambda: exams.look("b", mine.id),
        lambda: exams.answer("b", mine.id, "1", "A", "w", 9),
        lambda: exams.hand_in("b", mine.id),
        lambda: exams.mark("b", mine.id, lambda m: m),
    ):
        with pytest.raises(UsageError, match="没有这次模考"):
            reach()
    assert not exams.delete("b", mine.id) and exams.unfinished("b") is None and exams.look("a", mine.id).version == 1


def test_handing_in_records_the_answers_once(database: Database) -> None:
    clock = Clock()
    exams = Exams(database, clock)
    begun = exams.start("a", "1", paper())
    wrong = next(letter for letter in "ABCD" if letter != paper().questions[1].key)
    exams.answer("a", begun.id, "1", paper().questions[0].key, "w", 1)
    exams.answer("a", begun.id, "2", wrong, "w", 1)
    hands = [threading.Thread(target=exams.hand_in, args=("a", begun.id)) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(30)
    assert exams.hand_in("a", begun.id).state == MARKING
    found = Attempts(database, clock).of("a")
    assert [(one.question, one.correct, one.source) for one in found] == [
        (paper().questions[0].id, True, "exam"),
        (paper().questions[1].id, False, "exam"),
    ]
    with database.reading() as connection:
        assert connection.query(CardRow).filter(CardRow.owner == "a").count() == 1, "the wrong one is in the 错题本"


def test_the_time_that_is_over_hands_it_in_at_the_next_look(database: Database) -> None:
    clock = Clock()
    exams = Exams(database, clock)
    begun = exams.start("a", "1", paper())
    exams.answer("a", begun.id, "1", "A", "w", 1)
    clock.on(THREE_HOURS + 7200)
    with pytest.raises(UsageError, match="已经交卷"):
        exams.answer("a", begun.id, "2", "B", "w", 1)
    assert exams.unfinished("a") is None and exams.pending("a") == [begun.id]
    found = exams.look("a", begun.id)
    assert found.state == MARKING and found.submitted_at == NOON + timedelta(hours=3) and found.chosen(2) == ""
    assert len(Attempts(database, clock).of("a")) == 1


def test_writers_at_the_same_time_lose_nothing(database: Database) -> None:
    exams = Exams(database, Clock())
    begun = exams.start("a", "1", paper())
    numbers = list(range(1, 25))
    random.Random(1).shuffle(numbers)
    faults: list[Exception] = []

    def write(mine: list[int]) -> None:
        try:
            for number in mine:
                exams.answer("a", begun.id, str(number), "B", f"w{mine[0]}", 1)
        except Exception as error:  # noqa: BLE001 - a thread's error is told below
            faults.append(error)

    threads = [threading.Thread(target=write, args=(numbers[i::3],)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    found = exams.look("a", begun.id)
    assert not faults and len(found.unanswered) == 47 - 24 and found.version == 25


def test_marking_is_kept_only_for_what_is_handed_in(database: Database) -> None:
    exams = Exams(database, Clock())
    begun = exams.start("a", "1", paper())
    with pytest.raises(UsageError, match="还没有交卷"):
        exams.mark("a", begun.id, lambda marking: marking)
    exams.hand_in("a", begun.id)
    done = exams.mark("a", begun.id, lambda marking: Marking(notice="x"), done=True)
    assert done.state == DONE and exams.look("a", begun.id).marking.notice == "x" and exams.pending("a") == []


def test_abandoned_counts_nothing_and_deleted_is_gone(database: Database) -> None:
    clock = Clock()
    exams = Exams(database, clock)
    begun = exams.start("a", "1", paper())
    exams.answer("a", begun.id, "1", "A", "w", 1)
    exams.abandon("a", begun.id)
    assert exams.unfinished("a") is None and Attempts(database, clock).of("a") == []
    clock.on(5)
    second = exams.start("a", "2", short())
    assert [one.title for one in exams.all("a")] == ["2", "1"]
    assert exams.delete("a", second.id) and not exams.delete("a", second.id)
    clock.at = NOON - timedelta(days=1)
    for n in range(3):  # a clock that was set back, exams deleted: a new one can always be begun
        exams.abandon("a", exams.start("a", f"z{n}", short()).id)
    assert len(exams.all("a")) == 4


def test_a_changed_bank_changes_no_exam(database: Database) -> None:
    from tests.unit.tutoring.mock_exam.samples import bank

    own = replace(bank(), questions=[replace(q, stem=f"旧：{q.stem}") for q in bank().questions])
    drawn = full_paper(own, random.Random(1))
    exams = Exams(database, Clock())
    begun = exams.start("a", "1", drawn)
    assert exams.look("a", begun.id).paper == drawn


def test_words_on_a_screen_that_another_window_replaces_are_kept_beside(sqlite_database: Database) -> None:
    from ui.exam_desk import Place, flushed

    exams = Exams(sqlite_database, Clock())
    begun = exams.start("a", "1", paper())
    exams.answer("a", begun.id, "41.1", "乙写的", "two", 1)
    place = Place(begun.id, 41, 1)
    exam, changed = flushed(exams, "a", "one", place, None, ["甲没来得及存的", "第二问", ""])
    assert changed and exam.words(41)[:2] == ("乙写的", "第二问") and exam.sheet.unused["41.1"] == ["甲没来得及存的"]
    again, changed = flushed(exams, "a", "one", place, None, ["乙写", None, None])
    assert changed and again.sheet.unused["41.1"] == ["甲没来得及存的"], "what the answer holds anyway is not kept"
    empty, changed = flushed(exams, "a", "one", Place(begun.id, 41, again.version), None, ["", "", ""])
    assert not changed and empty.words(41)[0] == "乙写的", "an empty box clears nothing"


@pytest.mark.parametrize("column", ["paper", "answers", "report"])
def test_a_damaged_exam_hides_no_other_and_can_be_deleted(database: Database, column: str) -> None:
    clock = Clock()
    exams = Exams(database, clock)
    whole = exams.start("a", "整卷模考 1", paper())
    exams.hand_in("a", whole.id)
    clock.on(60)
    damaged = exams.start("a", "整卷模考 2", short())
    with database.writing("a") as connection:
        connection.execute(update(ExamRow).where(ExamRow.id == damaged.id).values({column: '{"sheet": '}))
    assert [one.id for one in exams.all("a")] == exams.pending("a") == [whole.id]
    assert exams.unreadable("a") == [(damaged.id, "整卷模考 2")] and exams.unreadable("b") == []
    assert exams.unfinished("a") is None
    with pytest.raises(StorageError, match="读不出来"):
        exams.look("a", damaged.id)
    assert exams.delete("a", damaged.id) and exams.unreadable("a") == []


def test_a_damaged_exam_is_in_no_way_of_a_new_one(database: Database) -> None:
    exams = Exams(database, Clock())
    damaged = exams.start("a", "1", short())
    with database.writing("a") as connection:
        connection.execute(update(ExamRow).where(ExamRow.id == damaged.id).values(answers="[]"))
    assert exams.start("a", "2", short()).state == RUNNING
