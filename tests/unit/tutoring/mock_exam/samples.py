"""Exams and clocks for the tests of the mock exam."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache

from knowledge.generators import families
from tutoring.bank import every_problem, every_question
from tutoring.mock_exam.answers import AnswerSheet
from tutoring.mock_exam.drawing import Bank, full_paper, short_paper
from tutoring.mock_exam.exam import RUNNING, Exam
from tutoring.mock_exam.marks import Marking
from tutoring.mock_exam.paper import ExamPaper
from tutoring.mock_exam.timing import Timing

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREE_HOURS = 180 * 60


class Clock:
    """Stands still until it is put forward."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def on(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@cache
def bank() -> Bank:
    return Bank(every_question(), every_problem(), list(families().values()))


@cache
def paper(seed: int = 1) -> ExamPaper:
    return full_paper(bank(), random.Random(seed))


@cache
def short(subject: str = "os") -> ExamPaper:
    return short_paper(bank(), subject, 30, random.Random(1))


def exam(on: ExamPaper | None = None, **changed: object) -> Exam:
    """An exam that was begun at noon."""
    chosen = on or paper()
    fresh = Exam(
        "e1", "整卷模考 1", chosen, AnswerSheet(), RUNNING, Timing(chosen.minutes * 60, 0, NOON), 1, Marking(), NOON, None
    )  # fmt: skip
    return replace(fresh, **changed)  # type: ignore[arg-type]
