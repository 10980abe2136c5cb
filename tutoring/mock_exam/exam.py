"""One exam, and what may happen to it: pure functions from one exam to the next. exams.py keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from errors import UsageError
from knowledge.questions import LETTERS
from tutoring.mock_exam.answers import LONGEST_ANSWER, AnswerSheet
from tutoring.mock_exam.marks import Marking
from tutoring.mock_exam.paper import ExamPaper
from tutoring.mock_exam.timing import Timing, clock_face
from tutoring.practice.recording import Answer

__all__ = [
    "ABANDONED",
    "DONE",
    "MARKING",
    "PAUSED",
    "RUNNING",
    "UNFINISHED",
    "Exam",
    "State",
    "abandoned",
    "answered",
    "attempts_of",
    "beaten",
    "handed_in",
    "paused",
    "resumed",
    "settled",
    "toggled",
    "turned_to",
]

State = Literal["running", "paused", "marking", "done", "abandoned"]
RUNNING: State = "running"
PAUSED: State = "paused"
MARKING: State = "marking"
DONE: State = "done"
ABANDONED: State = "abandoned"
UNFINISHED = (RUNNING, PAUSED)
_GLANCE_SECONDS = 5
"""An empty question that was shown for less was not tried, and says nothing about what is known."""
_OVER = "这场模考已经交卷，刚才的修改没有计入。成绩单里可以看到交卷时的答案。"
_GONE = "这场模考已经放弃，答案不再改变。"


@dataclass(frozen=True)
class Exam:
    """An exam as it stands. `version` grows with every change that is kept; `marking` is empty before the hand-in."""

    id: str
    title: str
    paper: ExamPaper
    sheet: AnswerSheet
    state: State
    timing: Timing
    version: int
    marking: Marking
    created_at: datetime
    submitted_at: datetime | None

    @property
    def unfinished(self) -> bool:
        """Whether it can still be worked on."""
        return self.state in UNFINISHED

    def is_answered(self, number: int) -> bool:
        """Whether anything stands in a field of this number."""
        return any(self.sheet.value(field).strip() for field in self.paper.fields(number))

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Numbers without an answer."""
        return tuple(number for number in self.paper.numbers if not self.is_answered(number))

    def chosen(self, number: int) -> str:
        """The letter of a choice question; '' if there is none."""
        return self.sheet.value(str(number))

    def words(self, number: int) -> tuple[str, ...]:
        """What is written on each part of a problem."""
        return tuple(self.sheet.value(field) for field in self.paper.fields(number))


def settled(exam: Exam, now: datetime, started: datetime) -> Exam:
    """The exam as it must stand when somebody looks: paused after a break of the program, handed in when its time is over."""
    if exam.state != RUNNING:
        return exam
    if gap := exam.timing.break_before(started):
        told = (
            f"程序中断过，到重新启动约有 {max(round(gap / 60), 1)} 分钟没有计时。答案都在，还剩 {clock_face(exam.timing.limit - exam.timing.used)}。"
            "点“继续”接着考。"
        )
        sheet = exam.sheet.model_copy(update={"told": told})
        return replace(exam, state=PAUSED, timing=replace(exam.timing, resumed_at=None), sheet=sheet)
    return handed_in(exam, now) if exam.timing.over_at(now) else exam


def answered(exam: Exam, field: str, value: str, window: str, seen: int, now: datetime) -> Exam:
    """A field is filled in; '' clears it. Where another window was faster its answer stands, and this one is kept beside it.

    While the exam is paused too: what was typed just before the pause arrives just behind it.

    Args:
        seen: version of the exam with which the window shows the field.

    Raises:
        UsageError: the exam is over, there is no such field, or the value is none.
    """
    _check_open(exam)
    _check_field(exam, field, value)
    exam = _timed(exam, now)
    if value == exam.sheet.value(field):
        return exam
    if exam.sheet.changed_elsewhere(field, window, seen):
        return replace(exam, sheet=exam.sheet.kept_beside(field, value))
    return replace(exam, sheet=exam.sheet.written(field, value, window, exam.version + 1))


def turned_to(exam: Exam, number: int, now: datetime) -> Exam:
    """Another number is worked on; one that the paper doesn't have changes nothing."""
    _check_open(exam)
    if number not in exam.paper.numbers:
        return exam
    exam = _timed(exam, now)
    return replace(exam, sheet=exam.sheet.model_copy(update={"current": number}))


def toggled(exam: Exam, number: int) -> Exam:
    """A number is marked for later, or no longer."""
    _check_open(exam)
    return replace(exam, sheet=exam.sheet.toggled(number)) if number in exam.paper.numbers else exam


def paused(exam: Exam, now: datetime) -> Exam:
    """The time stops."""
    _check_open(exam)
    return replace(_timed(exam, now), state=PAUSED, timing=exam.timing.paused(now))


def resumed(exam: Exam, now: datetime) -> Exam:
    """The time goes on, and what was told of a break has been read."""
    _check_open(exam)
    sheet = exam.sheet.model_copy(update={"told": ""})
    return replace(exam, state=RUNNING, timing=exam.timing.resumed(now), sheet=sheet)


def beaten(exam: Exam, now: datetime) -> Exam:
    """The used time is written down."""
    return _timed(exam, now) if exam.state == RUNNING else exam


def handed_in(exam: Exam, now: datetime) -> Exam:
    """It is over, at the latest when its time was. A second time changes nothing."""
    if exam.state == ABANDONED:
        raise UsageError(_GONE)
    if not exam.unfinished:
        return exam
    end = exam.timing.end
    at = min(now, end) if end else now
    exam = _timed(exam, at)
    return replace(exam, state=MARKING, timing=exam.timing.paused(at), submitted_at=at)


def abandoned(exam: Exam, now: datetime) -> Exam:
    """It is given up: nothing of it counts."""
    _check_open(exam)
    return replace(_timed(exam, now), state=ABANDONED, timing=exam.timing.paused(now), submitted_at=now)


def attempts_of(exam: Exam) -> Sequence[Answer]:
    """The choice questions as the learner's attempts: the answered ones, and as 不会 those that were read and left empty."""
    spent = exam.sheet.spent
    return [
        (question, exam.chosen(number), spent.get(number))
        for number, question in enumerate(exam.paper.questions, 1)
        if exam.chosen(number) or spent.get(number, 0) >= _GLANCE_SECONDS
    ]


def _timed(exam: Exam, now: datetime) -> Exam:
    timing = exam.timing.written(now)
    return replace(exam, timing=timing, sheet=exam.sheet.timed(timing.used))


def _check_open(exam: Exam) -> None:
    if not exam.unfinished:
        raise UsageError(_GONE if exam.state == ABANDONED else _OVER)


def _check_field(exam: Exam, field: str, value: str) -> None:
    number, _, part = field.partition(".")
    if not number.isdecimal() or field not in exam.paper.fields(int(number)):
        raise UsageError("这份试卷里没有这道题。请刷新页面后再试。")
    if not part and value not in ("", *LETTERS):
        raise UsageError("选择题的答案应是 A、B、C、D 之一。")
    if len(value) > LONGEST_ANSWER:
        raise UsageError(f"这一问写了 {len(value)} 字，最多 {LONGEST_ANSWER} 字。超出的部分没有保存，请删减。")
