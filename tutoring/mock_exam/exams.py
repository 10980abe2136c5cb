"""The exams of learners in the database: every change is written before the page hears of it, and none overwrites another one unseen."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from errors import StorageError, UsageError
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import ExamRow
from tutoring.mock_exam import exam as steps
from tutoring.mock_exam.answers import AnswerSheet
from tutoring.mock_exam.exam import DONE, MARKING, RUNNING, UNFINISHED, Exam
from tutoring.mock_exam.marks import Marking
from tutoring.mock_exam.paper import ExamPaper
from tutoring.mock_exam.timing import Timing
from tutoring.practice.recording import record_in

__all__ = ["Exams"]

_TRIES = 20
_read_paper = lru_cache(maxsize=64)(ExamPaper.from_json)


class Exams:
    """Mock exams, each seen by its owner only. Every method may raise `StorageError`.

    Args:
        clock: tells the time; when this is made is taken for the start of the program (see timing.py), so make it once, at the start.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._started = clock()

    def start(self, owner: str, title: str, paper: ExamPaper) -> Exam:
        """A new exam, whose time runs from now on.

        Raises:
            UsageError: another one isn't finished.
        """
        if self.unfinished(owner):
            raise UsageError(_ONE_AT_A_TIME)
        try:
            return self._insert(owner, self._next_id(owner), title, paper)
        except StorageError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            if self.unfinished(owner):  # another window was faster: both took the same id
                raise UsageError(_ONE_AT_A_TIME) from error
        return self._insert(owner, uuid.uuid4().hex, title, paper)  # a clock that was set back has mixed up the order

    def unfinished(self, owner: str) -> Exam | None:
        """The exam that a learner can go on with; one whose time is over is handed in by this look."""
        found = self._readable(owner, ExamRow.state.in_(UNFINISHED))
        exam = self.look(owner, found[0].id) if found else None
        return exam if exam and exam.unfinished else None

    def look(self, owner: str, identifier: str) -> Exam:
        """An exam as it stands now.

        Raises:
            UsageError: this learner has none of this id.
        """
        return self._change(owner, identifier, lambda exam, now: exam)

    def answer(self, owner: str, identifier: str, field: str, value: str, window: str, seen: int) -> Exam:
        """Fill in a field, as `exam.answered`."""
        plain = value.encode("utf-8", "replace").decode().replace("\0", "")
        return self._change(owner, identifier, lambda e, now: steps.answered(e, field, plain, window, seen, now))

    def turn_to(self, owner: str, identifier: str, number: int) -> Exam:
        """Work on another number."""
        return self._change(owner, identifier, lambda exam, now: steps.turned_to(exam, number, now))

    def toggle(self, owner: str, identifier: str, number: int) -> Exam:
        """Mark a number for later, or no longer."""
        return self._change(owner, identifier, lambda exam, now: steps.toggled(exam, number))

    def pause(self, owner: str, identifier: str) -> Exam:
        """Stop the time."""
        return self._change(owner, identifier, steps.paused)

    def resume(self, owner: str, identifier: str) -> Exam:
        """Let the time go on."""
        return self._change(owner, identifier, steps.resumed)

    def beat(self, owner: str, identifier: str) -> Exam:
        """Write the used time down: what an open page does every few seconds."""
        return self._change(owner, identifier, steps.beaten)

    def hand_in(self, owner: str, identifier: str) -> Exam:
        """Hand it in; its answers become attempts and cards at the same time, once however often this is called."""
        return self._change(owner, identifier, steps.handed_in)

    def abandon(self, owner: str, identifier: str) -> Exam:
        """Give it up."""
        return self._change(owner, identifier, steps.abandoned)

    def mark(self, owner: str, identifier: str, change: Callable[[Marking], Marking], *, done: bool = False) -> Exam:
        """Change the marking of an exam that is handed in; `done` ends it.

        Raises:
            UsageError: it isn't handed in, or what `change` raises.
        """
        return self._change(owner, identifier, partial(_marked, change, done))

    def all(self, owner: str) -> list[Exam]:
        """A learner's exams, the latest first, without those that can't be read."""
        return self._readable(owner)

    def unreadable(self, owner: str) -> list[tuple[str, str]]:
        """Ids and titles of the exams whose record is damaged, or of another version: they can only be deleted."""
        with self._database.reading() as connection:
            rows = connection.scalars(select(ExamRow).where(ExamRow.owner == owner).order_by(ExamRow.created_at.desc()))
            return [(row.id, row.title) for row in rows if _read_row(row) is None]

    def pending(self, owner: str) -> list[str]:
        """Ids of the exams that are handed in and not marked yet."""
        return [exam.id for exam in self._readable(owner, ExamRow.state == MARKING)]

    def delete(self, owner: str, identifier: str) -> bool:
        """Remove an exam with its report; whether there was one. Attempts that came of it stay."""
        with self._database.writing(owner) as connection:
            gone = connection.execute(delete(ExamRow).where(ExamRow.owner == owner, ExamRow.id == identifier))
            return bool(cast("CursorResult[Any]", gone).rowcount)

    def _readable(self, owner: str, *conditions: ColumnElement[bool]) -> list[Exam]:
        wanted = select(ExamRow).where(ExamRow.owner == owner, *conditions).order_by(ExamRow.created_at.desc())
        with self._database.reading() as connection:
            return [exam for row in connection.scalars(wanted) if (exam := _read_row(row))]

    def _change(self, owner: str, identifier: str, change: Callable[[Exam, datetime], Exam]) -> Exam:
        """Read, change, write if nobody else has written meanwhile; else again with what is there now."""
        for _ in range(_TRIES):
            before, now = self._read(owner, identifier), self._clock()
            due = steps.settled(before, now, self._started)
            after = due if due is not before else change(before, now)
            if after == before:
                return before
            kept = self._write(owner, before, after, now)
            if kept and due is before:
                return kept
        raise StorageError("这场模考正被另一个窗口频繁修改，刚才的操作没有完成。请稍后再试。")

    def _read(self, owner: str, identifier: str) -> Exam:
        with self._database.reading() as connection:
            row = connection.scalar(select(ExamRow).where(ExamRow.owner == owner, ExamRow.id == identifier))
            if row is None:
                raise UsageError("没有这次模考，它可能已在另一个窗口里删除。请刷新页面。")
            return _exam_of(row)

    def _write(self, owner: str, before: Exam, after: Exam, now: datetime) -> Exam | None:
        """The changed exam with its new version; None if somebody else was faster."""
        here = (ExamRow.owner == owner, ExamRow.id == before.id, ExamRow.version == before.version)
        with self._database.writing(owner) as connection:
            written = connection.execute(
                update(ExamRow).where(*here).values(version=before.version + 1, **_changes(before, after))
            )
            if not cast("CursorResult[Any]", written).rowcount:
                return None
            if before.unfinished and after.state == MARKING:
                record_in(connection, owner, steps.attempts_of(after), "exam", now)
        return replace(after, version=before.version + 1)

    def _insert(self, owner: str, identifier: str, title: str, paper: ExamPaper) -> Exam:
        now = self._clock()
        row = ExamRow(
            id=identifier, owner=owner, title=title, paper=paper.to_json(), answers=AnswerSheet().model_dump_json(),
            state=RUNNING, limit_seconds=paper.minutes * 60, used_seconds=0, resumed_at=now, version=1, report="", created_at=now,
            submitted_at=None,
        )  # fmt: skip
        started = _exam_of(row)
        with self._database.writing(owner) as connection:
            connection.add(row)
        return started

    def _next_id(self, owner: str) -> str:
        """An id that follows from the learner's latest exam: two windows that start one at the same time can't both have it."""
        wanted = select(ExamRow.id).where(ExamRow.owner == owner).order_by(ExamRow.created_at.desc(), ExamRow.id).limit(1)
        with self._database.reading() as connection:
            latest = connection.scalar(wanted) or ""
            count = connection.scalar(select(func.count()).where(ExamRow.owner == owner))
        return hashlib.sha256(f"{owner}\0{latest}\0{count}".encode()).hexdigest()[:32]


_ONE_AT_A_TIME = "还有一场模考没有结束。请先继续它、交卷，或者放弃它。"


def _marked(change: Callable[[Marking], Marking], done: bool, exam: Exam, now: datetime) -> Exam:
    if exam.state not in (MARKING, DONE):
        raise UsageError("这场模考还没有交卷，不能评分。")
    return replace(exam, marking=change(exam.marking), state=DONE if done else exam.state)


@dataclass(frozen=True)
class _Column:
    name: str
    of: Callable[[Exam], Any]


_COLUMNS = (
    _Column("answers", lambda exam: exam.sheet.model_dump_json()),
    _Column("state", lambda exam: exam.state),
    _Column("used_seconds", lambda exam: exam.timing.used),
    _Column("resumed_at", lambda exam: exam.timing.resumed_at),
    _Column("report", lambda exam: exam.marking.model_dump_json()),
    _Column("submitted_at", lambda exam: exam.submitted_at),
)
"""What of a row may change after its start."""


def _changes(before: Exam, after: Exam) -> dict[str, Any]:
    return {column.name: value for column in _COLUMNS if (value := column.of(after)) != column.of(before)}


def _read_row(row: ExamRow) -> Exam | None:
    """The exam of a row; None if it can't be read: one damaged row must not hide the others."""
    try:
        return _exam_of(row)
    except StorageError:
        return None


def _exam_of(row: ExamRow) -> Exam:
    return Exam(
        row.id, row.title, _read_paper(row.paper), AnswerSheet.from_json(row.answers), cast(steps.State, row.state),
        Timing(row.limit_seconds, row.used_seconds, row.resumed_at), row.version, Marking.from_json(row.report),
        row.created_at, row.submitted_at,
    )  # fmt: skip
