"""What a learner puts beside a question: a mark, a note; and that it is wrong.

Marks and notes belong to the question's card (`key_of`): beside a computed question they stand beside all of its family.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from errors import UsageError
from knowledge.questions import Question
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import ErrorReportRow, RemarkRow
from tutoring.practice.cards import key_of

__all__ = ["LONGEST_NOTE", "Remark", "Remarks"]

LONGEST_NOTE = 4000
_LONGEST_REPORT = 1000


@dataclass(frozen=True)
class Remark:
    """A mark and a note."""

    marked: bool = False
    note: str = ""


class Remarks:
    """The remarks of learners; nobody else's is ever read or changed. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def of(self, owner: str, question: Question) -> Remark:
        """What stands beside a question."""
        with self._database.reading() as connection:
            row = connection.get(RemarkRow, (owner, key_of(question)))
            return Remark(row.marked, row.note) if row else Remark()

    def notes(self, owner: str) -> dict[str, str]:
        """All notes by key."""
        wanted = select(RemarkRow.question, RemarkRow.note).where(RemarkRow.owner == owner, RemarkRow.note != "")
        with self._database.reading() as connection:
            return {key: note for key, note in connection.execute(wanted)}

    def marked(self, owner: str) -> frozenset[str]:
        """Keys of all that is marked."""
        wanted = select(RemarkRow.question).where(RemarkRow.owner == owner, RemarkRow.marked)
        with self._database.reading() as connection:
            return frozenset(connection.scalars(wanted))

    def mark(self, owner: str, question: Question, marked: bool) -> None:
        """Set the mark, or take it away."""
        self._put(owner, question, marked=marked)

    def note(self, owner: str, question: Question, text: str) -> None:
        """Write the note; the first 4,000 characters are kept."""
        self._put(owner, question, note=_clean(text)[:LONGEST_NOTE])

    def report(self, owner: str, question: Question, text: str) -> None:
        """Say that a question is wrong.

        Raises:
            UsageError: nothing is said.
        """
        text = _clean(text).strip()[:_LONGEST_REPORT]
        if not text:
            raise UsageError("请先写一句哪里有错，例如“B 项也成立，因为……”。")
        with self._database.writing(owner) as connection:
            connection.add(ErrorReportRow(owner=owner, question=question.id, text=text, settled=False, at=self._clock()))

    def _put(self, owner: str, question: Question, **values: Any) -> None:
        key, now = key_of(question), self._clock()
        with self._database.writing(owner) as connection:
            row = connection.get(RemarkRow, (owner, key), with_for_update=True)
            if row is None:
                row = RemarkRow(owner=owner, question=key, marked=False, note="", updated_at=now)
                connection.add(row)
            for name, value in values.items():
                setattr(row, name, value)
            row.updated_at = now


def _clean(text: str) -> str:
    """Without what no database writes: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
