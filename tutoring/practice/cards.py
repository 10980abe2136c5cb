"""The 错题本: a card for each written question and each computed family that went wrong, and when it comes back.

A card is never deleted: it is mastered after two right answers in a row on different days, and still scheduled;
a learner may set it aside and take it back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Connection

from knowledge.questions import Question
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import CardRow
from tutoring.practice.days import next_day
from tutoring.practice.scheduling import Aim, first_due

__all__ = ["MASTERED_AFTER", "Card", "Cards", "key_of", "reschedule"]

MASTERED_AFTER = 2
"""Right answers in a row, each on another day: the first may still be the memory of the explanation."""


@dataclass(frozen=True)
class Card:
    """What is to be reviewed.

    Attributes:
        key: id of a family, or of a written question.
        question: id of the question that was last answered on it; a family's next one has other numbers.
        due: when it comes back; `wrong_at` when it last went wrong (None: added by the learner, never wrong). Both in UTC.
        lapses: how often it went wrong.
        right_days: days in a row on which it went right.
        removed: set aside by the learner; it does not come back by itself.
    """

    key: str
    subject: str
    points: tuple[str, ...]
    difficulty: int
    question: str
    due: datetime
    lapses: int
    right_days: int
    wrong_at: datetime | None
    removed: bool

    @property
    def mastered(self) -> bool:
        """Whether it is shown among the mastered ones."""
        return self.right_days >= MASTERED_AFTER and not self.removed


class Cards:
    """The cards of learners; nobody else's is ever read or changed. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def due(self, owner: str, until: datetime) -> list[Card]:
        """What is due before `until`, mastered or not, the longest overdue first; nothing that is set aside."""
        return [card for card in self._read(owner, until) if not card.removed]

    def all(self, owner: str) -> list[Card]:
        """Every card, the next due one first."""
        return self._read(owner, None)

    def wrong(self, owner: str) -> frozenset[str]:
        """Keys of what is neither mastered nor set aside."""
        mine = select(CardRow.key).where(CardRow.owner == owner, CardRow.right_days < MASTERED_AFTER, ~CardRow.removed)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(mine))

    def of(self, owner: str, key: str) -> Card | None:
        """One card; None if there is none."""
        with self._database.reading() as connection:
            row = connection.get(CardRow, (owner, key))
            return _of_row(row) if row else None

    def remove(self, owner: str, key: str) -> bool:
        """Set a card aside; False if there is none."""
        return self._set_removed(owner, key, True)

    def restore(self, owner: str, key: str) -> bool:
        """Take a card back; False if there is none."""
        return self._set_removed(owner, key, False)

    def _read(self, owner: str, until: datetime | None) -> list[Card]:
        wanted = select(CardRow).where(CardRow.owner == owner).order_by(CardRow.due, CardRow.key)
        if until is not None:
            wanted = wanted.where(CardRow.due < until)
        with self._database.reading() as connection:
            return [_of_row(row) for row in connection.scalars(wanted)]

    def _set_removed(self, owner: str, key: str, removed: bool) -> bool:
        with self._database.writing(owner) as connection:
            row = connection.get(CardRow, (owner, key), with_for_update=True)
            if row:
                row.removed = removed
            return row is not None


def key_of(question: Question) -> str:
    """Which card a question belongs to: a computed one to its family's, for its numbers never come twice."""
    return question.family or question.id


def reschedule(connection: Connection, owner: str, aim: Aim, now: datetime) -> None:
    """Set the due dates of all cards by another aim. What is due by the end of today stays due: a plan puts no work off."""
    later = select(CardRow).where(CardRow.owner == owner, CardRow.due >= next_day(now)).with_for_update()
    for row in connection.scalars(later):
        row.due = first_due(row.state, now, aim, right=row.wrong_at != row.updated_at)


def _of_row(row: CardRow) -> Card:
    return Card(
        row.key, row.subject, tuple(json.loads(row.points)), row.difficulty, row.question, row.due, row.lapses,
        row.right_days, row.wrong_at, row.removed,
    )  # fmt: skip
