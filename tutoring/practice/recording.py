"""An answer is kept, and moves the card of its question, together or not at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session as Connection

from knowledge.questions import Question
from tutoring.attempts import Attempt, Source, attempt_of, attempt_row
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import CardRow
from tutoring.practice.cards import key_of
from tutoring.practice.days import day_of
from tutoring.practice.plan import plan_in
from tutoring.practice.scheduling import Aim, Rating, new_state, reviewed

__all__ = ["Answer", "Rating", "Recorder", "rate_in", "record_in"]

Answer = tuple[Question, str, int | None]
"""A question, what was chosen of it (a letter of the bank, '' for 不会), and the seconds that it took."""
_KEPT = ("state", "difficulty", "right_days", "lapses", "question", "removed")
_MOMENTS = ("due", "wrong_at", "updated_at")


class Recorder:
    """Keeps answers. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def record(self, owner: str, question: Question, chosen: str, seconds: int | None, source: Source) -> Attempt:
        """Keep an answer. A wrong one, or 不会, makes a card; a right one to a question without a card makes none."""
        return self.record_all(owner, [(question, chosen, seconds)], source)[0]

    def record_all(self, owner: str, answers: Sequence[Answer], source: Source) -> list[Attempt]:
        """Keep several answers, all of this moment, in one transaction."""
        with self._database.writing(owner) as connection:
            return record_in(connection, owner, answers, source, self._clock())


def record_in(connection: Connection, owner: str, answers: Sequence[Answer], source: Source, now: datetime) -> list[Attempt]:
    """Keep answers within a transaction that does more."""
    attempts = [attempt_of(question, chosen, seconds, source, now) for question, chosen, seconds in answers]
    connection.add_all(attempt_row(owner, attempt) for attempt in attempts)
    connection.flush()  # a writer from here on: no other window moves the cards between the look and the change
    aim = plan_in(connection, owner).aim
    for (question, _, _), attempt in zip(answers, attempts, strict=True):
        _move(connection, owner, question, Rating.Good if attempt.correct else Rating.Again, now, aim)
    return attempts


def rate_in(connection: Connection, owner: str, question: Question, at: datetime, rating: Rating) -> None:
    """Let `rating` stand in place of the one that the right answer of the moment `at` was given.

    A right answer without a card gets one if it was hard, and loses it again if it was not. A card that was answered since stays.
    """
    connection.flush()
    row = _locked(connection, owner, key_of(question))
    if row is None:
        if rating is Rating.Hard:
            _make(connection, owner, question, rating, at, plan_in(connection, owner).aim)
        return
    if row.updated_at != at or row.wrong_at == at:
        return
    if row.before:
        _restore(row, json.loads(row.before))
    elif rating is Rating.Hard:
        return
    else:
        connection.delete(row)
        return
    _review(row, question, rating, at, plan_in(connection, owner).aim)


def _move(connection: Connection, owner: str, question: Question, rating: Rating, now: datetime, aim: Aim) -> None:
    row = _locked(connection, owner, key_of(question))
    wrong = rating is Rating.Again
    if row is None:
        if wrong:
            _make(connection, owner, question, rating, now, aim)
    elif wrong or not row.removed:
        _review(row, question, rating, now, aim)


def _locked(connection: Connection, owner: str, key: str) -> CardRow | None:
    return connection.get(CardRow, (owner, key), with_for_update=True)


def _make(connection: Connection, owner: str, question: Question, rating: Rating, now: datetime, aim: Aim) -> None:
    row = CardRow(
        owner=owner, key=key_of(question), subject=question.subject, points=json.dumps(question.points),
        difficulty=question.difficulty, question=question.id, state=new_state(now), due=now, lapses=0, right_days=0,
        last_right=None, wrong_at=None, removed=False, before="", created_at=now, updated_at=now,
    )  # fmt: skip
    _review(row, question, rating, now, aim)
    row.before = ""
    connection.add(row)
    connection.flush()


def _review(row: CardRow, question: Question, rating: Rating, now: datetime, aim: Aim) -> None:
    """One review; what was there before is kept, for a rating may be corrected."""
    row.before = json.dumps(_snapshot(row))
    row.state, row.due = reviewed(row.state, rating, now, aim)
    row.question, row.updated_at = question.id, now
    if rating is Rating.Again:
        row.lapses, row.wrong_at, row.right_days, row.removed = row.lapses + 1, now, 0, False
        row.difficulty = question.difficulty
    elif row.last_right != (today := day_of(now)) or not row.right_days:
        row.right_days, row.last_right = row.right_days + 1, today


def _snapshot(row: CardRow) -> dict[str, Any]:
    moments = {name: value.isoformat() if (value := getattr(row, name)) else None for name in _MOMENTS}
    return {
        **{name: getattr(row, name) for name in _KEPT}, **moments,
        "last_right": row.last_right.isoformat() if row.last_right else None,
    }  # fmt: skip


def _restore(row: CardRow, before: dict[str, Any]) -> None:
    for name in _KEPT:
        setattr(row, name, before[name])
    for name in _MOMENTS:
        setattr(row, name, datetime.fromisoformat(before[name]) if before[name] else None)
    row.last_right = date.fromisoformat(before["last_right"]) if before["last_right"] else None
