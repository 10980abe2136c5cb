"""What may happen to an exam: the time, answers from two windows, the end."""

from datetime import timedelta

import pytest

from errors import StorageError, UsageError
from tests.unit.tutoring.mock_exam.samples import NOON, THREE_HOURS, Clock, exam, paper
from tutoring.mock_exam import exam as steps
from tutoring.mock_exam.answers import LONGEST_ANSWER, AnswerSheet
from tutoring.mock_exam.exam import ABANDONED, MARKING, PAUSED, RUNNING, Exam
from tutoring.mock_exam.timing import Timing, clock_face


def answered(before: Exam, field: str, value: str, window: str = "one", seen: int = 1, seconds: float = 0) -> Exam:
    from dataclasses import replace

    after = steps.answered(before, field, value, window, seen, NOON + timedelta(seconds=seconds))
    return replace(after, version=before.version + 1)


def test_the_time_runs_while_it_is_resumed_and_no_part_of_a_second_gets_lost() -> None:
    clock, timing = Clock(), Timing(60, 0, NOON)
    for _ in range(100):
        clock.on(0.3)
        timing = timing.written(clock())
    assert timing.used_at(clock()) == 30 and timing.left_at(clock()) == 30
    stopped = timing.paused(clock())
    clock.on(1000)
    assert stopped.used_at(clock()) == 30 and not stopped.over_at(clock()) and stopped.end is None
    again = stopped.resumed(clock())
    assert again.end == clock() + timedelta(seconds=30) and again.resumed(clock() + timedelta(5)) == again
    clock.on(29.9)
    assert not again.over_at(clock())
    clock.on(0.1)
    assert again.over_at(clock()) and again.used_at(clock() + timedelta(days=9)) == 60


def test_a_clock_that_is_set_back_takes_nothing_away() -> None:
    timing = Timing(60, 10, NOON)
    early = NOON - timedelta(hours=1)
    assert timing.used_at(early) == 10 and timing.written(early).used == 10
    assert timing.written(early).used_at(early + timedelta(seconds=5)) == 15, "it goes on from the new time"


def test_clock_face() -> None:
    assert [clock_face(s) for s in (10_799, 845, 9, 0, -5)] == ["2:59:59", "14:05", "0:09", "0:00", "0:00"]


def test_a_break_of_the_program_does_not_count_and_is_told() -> None:
    begun = exam(timing=Timing(THREE_HOURS, 600, NOON))
    restarted = NOON + timedelta(minutes=30)
    look = steps.settled(begun, restarted + timedelta(hours=5), restarted)
    assert look.state == PAUSED and look.timing.used == 600 and "30 分钟没有计时" in look.sheet.told
    on = steps.resumed(look, restarted + timedelta(hours=6))
    assert on.state == RUNNING and not on.sheet.told and on.timing.left_at(restarted + timedelta(hours=6)) == THREE_HOURS - 600
    short = steps.settled(begun, NOON + timedelta(seconds=50), NOON + timedelta(seconds=40))
    assert short is begun, "a quick restart stops nothing"


def test_the_time_that_nobody_looks_counts_while_the_program_runs() -> None:
    look = steps.settled(exam(), NOON + timedelta(hours=9), NOON - timedelta(hours=1))
    assert look.state == MARKING and look.submitted_at == NOON + timedelta(hours=3) and look.timing.used == THREE_HOURS


def test_answers_and_the_time_of_each_question() -> None:
    begun = answered(exam(), "1", "B", seconds=20)
    begun = steps.turned_to(begun, 41, NOON + timedelta(seconds=30))
    begun = answered(begun, "41.2", "  平衡因子 ", seconds=90)
    assert begun.chosen(1) == "B" and begun.words(41)[1] == "  平衡因子 " and begun.is_answered(41)
    assert begun.sheet.spent == {1: 30, 41: 60} and 1 not in begun.unanswered and len(begun.unanswered) == 45
    cleared = answered(begun, "1", "", seconds=100)
    assert cleared.chosen(1) == "" and 1 in cleared.unanswered
    assert sum(cleared.sheet.spent.values()) == cleared.timing.used == 100


@pytest.mark.parametrize(
    ("field", "value"), [("48", "A"), ("0", "A"), ("41", "A"), ("41.9", "x"), ("1", "E"), ("1.1", "A"), ("x", "A"), ("²", "A"), ("", "A")]
)  # fmt: skip
def test_a_field_that_is_none_and_a_letter_that_is_none(field: str, value: str) -> None:
    with pytest.raises(UsageError):
        answered(exam(), field, value)


def test_too_long_an_answer_is_refused_with_its_length() -> None:
    with pytest.raises(UsageError, match=str(LONGEST_ANSWER)):
        answered(exam(), "41.1", "字" * (LONGEST_ANSWER + 1))


def test_what_another_window_wrote_meanwhile_stays_and_what_this_one_wrote_is_kept_beside_it() -> None:
    first = answered(exam(), "41.1", "甲窗口", "one", seen=1)
    second = answered(first, "41.1", "乙窗口", "two", seen=1)
    assert second.words(41)[0] == "甲窗口" and second.sheet.unused == {"41.1": ["乙窗口"]}
    longer = answered(second, "41.1", "乙窗口的全文", "two", seen=1)
    assert longer.sheet.unused == {"41.1": ["乙窗口的全文"]}, "what goes on being typed is kept once"
    seen = answered(longer, "41.1", "乙看过再写", "two", seen=longer.version)
    assert seen.words(41)[0] == "乙看过再写"
    other = answered(first, "41.2", "另一问", "two", seen=1)
    assert other.words(41)[:2] == ("甲窗口", "另一问"), "another field is no conflict"
    own = answered(answered(exam(), "1", "A", "one"), "1", "C", "one", seen=1)
    assert own.chosen(1) == "C", "a window doesn't dispute with itself"


def test_the_same_answer_from_both_windows_is_no_conflict() -> None:
    both = answered(answered(exam(), "1", "A", "one"), "1", "A", "two", seen=1)
    assert both.chosen(1) == "A" and not both.sheet.unused


def test_marks_for_later() -> None:
    marked = steps.toggled(steps.toggled(steps.toggled(exam(), 7), 3), 99)
    assert marked.sheet.marked == [3, 7] and steps.toggled(marked, 7).sheet.marked == [3]


def test_paused_it_takes_late_answers_and_no_time() -> None:
    waiting = steps.paused(exam(), NOON + timedelta(seconds=100))
    late = answered(waiting, "1", "D", seconds=5000)
    assert late.chosen(1) == "D" and late.timing.used == 100 and late.state == PAUSED


def test_handing_in_twice_is_handing_in_once() -> None:
    once = steps.handed_in(exam(), NOON + timedelta(seconds=100))
    assert steps.handed_in(once, NOON + timedelta(hours=2)) is once and once.submitted_at == NOON + timedelta(seconds=100)
    assert once.state == MARKING and once.timing.used == 100 and once.sheet.spent == {1: 100}
    for change in (steps.paused, steps.resumed, steps.abandoned):
        with pytest.raises(UsageError, match="已经交卷"):
            change(once, NOON)
    with pytest.raises(UsageError, match="修改没有计入"):
        answered(once, "1", "A")


def test_given_up() -> None:
    gone = steps.abandoned(exam(), NOON + timedelta(seconds=5))
    assert gone.state == ABANDONED
    with pytest.raises(UsageError, match="放弃"):
        steps.handed_in(gone, NOON)


def test_the_attempts_of_an_exam_are_what_was_tried() -> None:
    begun = answered(exam(), "1", paper().questions[0].key, seconds=30)
    begun = steps.turned_to(begun, 2, NOON + timedelta(seconds=30))
    begun = steps.turned_to(begun, 3, NOON + timedelta(seconds=50))
    begun = steps.turned_to(begun, 4, NOON + timedelta(seconds=52))
    found = [(q.id, chosen, seconds) for q, chosen, seconds in steps.attempts_of(begun)]
    q = paper().questions
    assert found == [(q[0].id, q[0].key, 30), (q[1].id, "", 20)], "the third was only passed by"


def test_a_damaged_sheet_is_told() -> None:
    sheet = AnswerSheet().written("1", "A", "w", 2).toggled(3).timed(7)
    assert AnswerSheet.from_json(sheet.model_dump_json()) == sheet
    with pytest.raises(StorageError, match="答题卡读不出来"):
        AnswerSheet.from_json('{"entries": 3}')
