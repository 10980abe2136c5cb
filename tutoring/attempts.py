"""A learner's answers to choice questions, as they were given: what mastery, progress and reports are computed from."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import func, select

from knowledge.questions import Question
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import AttemptRow

__all__ = ["PASSED", "Attempt", "Attempts", "Source", "attempt_of", "attempt_row"]

PASSED = ""
"""What is chosen by who does not know."""
Source = Literal["practice", "review", "exam"]
_LONGEST_SECONDS = 3600
"""A question that lay open for longer was not being thought about."""


_COLUMNS = (
    AttemptRow.question, AttemptRow.family, AttemptRow.subject, AttemptRow.points, AttemptRow.difficulty,
    AttemptRow.chosen, AttemptRow.correct, AttemptRow.seconds, AttemptRow.source, AttemptRow.at,
)  # fmt: skip
"""Those of an `Attempt`, in its order: objects of the rows would take five times as long, and thousands are read at once."""


@dataclass(frozen=True)
class Attempt:
    """One answer to one question.

    Attributes:
        question: its id; `family` is '' for a written one.
        points: ids of the syllabus points that it asks about.
        chosen: a letter, or `PASSED`.
        seconds: that it took, at most an hour; None if nobody knows.
        at: aware, in UTC.
    """

    question: str
    family: str
    subject: str
    points: tuple[str, ...]
    difficulty: int
    chosen: str
    correct: bool
    seconds: int | None
    source: str
    at: datetime


class Attempts:
    """The attempts of learners; nobody else's is ever read. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def add(self, owner: str, question: Question, chosen: str, seconds: int | None, source: Source) -> Attempt:
        """Keep an answer."""
        return self.add_all(owner, [(question, chosen, seconds)], source)[0]

    def add_all(self, owner: str, answers: Iterable[tuple[Question, str, int | None]], source: Source) -> list[Attempt]:
        """Keep several answers, all of this moment, together or not at all."""
        now = self._clock()
        attempts = [attempt_of(question, chosen, seconds, source, now) for question, chosen, seconds in answers]
        with self._database.writing() as connection:
            connection.add_all(attempt_row(owner, attempt) for attempt in attempts)
        return attempts

    def of(self, owner: str, since: datetime | None = None) -> list[Attempt]:
        """A learner's attempts, earliest first."""
        wanted = select(*_COLUMNS).where(AttemptRow.owner == owner).order_by(AttemptRow.at, AttemptRow.id)
        if since is not None:
            wanted = wanted.where(AttemptRow.at >= since)
        with self._database.reading() as connection:
            return _read(connection.execute(wanted))

    def newer(self, owner: str, than: int) -> list[Attempt]:
        """A learner's attempts with row numbers above `than`, in the order in which they were written."""
        wanted = select(*_COLUMNS).where(AttemptRow.owner == owner, AttemptRow.id > than).order_by(AttemptRow.id)
        with self._database.reading() as connection:
            return _read(connection.execute(wanted))

    def extent(self, owner: str) -> tuple[int, int]:
        """The greatest row number of a learner's attempts, 0 without any, and how many there are."""
        wanted = select(func.max(AttemptRow.id), func.count()).where(AttemptRow.owner == owner)
        with self._database.reading() as connection:
            newest, count = connection.execute(wanted).one()
            return newest or 0, count

    def count(self, owner: str) -> int:
        """How many there are."""
        with self._database.reading() as connection:
            return connection.scalar(select(func.count()).where(AttemptRow.owner == owner)) or 0


def attempt_of(question: Question, chosen: str, seconds: int | None, source: Source, now: datetime) -> Attempt:
    """An answer of this moment."""
    spent = None if seconds is None else min(max(seconds, 0), _LONGEST_SECONDS)
    return Attempt(
        question.id, question.family, question.subject, question.points, question.difficulty,
        chosen, chosen == question.key, spent, source, now,
    )  # fmt: skip


def attempt_row(owner: str, attempt: Attempt) -> AttemptRow:
    """An answer for the table."""
    return AttemptRow(
        owner=owner, question=attempt.question, family=attempt.family, subject=attempt.subject,
        points=json.dumps(attempt.points), difficulty=attempt.difficulty, chosen=attempt.chosen, correct=attempt.correct,
        seconds=attempt.seconds, source=attempt.source, at=attempt.at,
    )  # fmt: skip


def _read(rows: Iterable[Any]) -> list[Attempt]:
    return [Attempt(row[0], row[1], row[2], _points(row[3]), *row[4:]) for row in rows]


@lru_cache(maxsize=4096)
def _points(written: str) -> tuple[str, ...]:
    return tuple(json.loads(written))
