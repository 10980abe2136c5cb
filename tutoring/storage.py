"""Conversations in a database: SQLite on this machine, or another one by its URL."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.orm import Session as Connection
from sqlalchemy.sql.dml import Delete, Update

from rag.conversation import Session, Turn
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.owners import LOCAL
from tutoring.records import (
    SessionRow,
    SessionSummary,
    TurnRow,
    answer_json,
    switches_from_json,
    switches_json,
    title_of,
    turn_of,
)

__all__ = ["LOCAL", "Storage"]

_ID_BYTES = 16
_SHOWN = 200


class Storage:
    """Conversations, each of one owner; nobody else's is ever read, changed or counted.

    Any thread and several processes may use it. Every method may raise `StorageError`; the tables are made at the first use.

    Args:
        database: whose tables it uses.
        clock: tells the time, aware of its zone.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._database = database

    def create(self, owner: str, session: Session) -> str:
        """Keep a conversation, with the turns that it has; return its id, which can't be guessed."""
        now, key = self._clock(), secrets.token_urlsafe(_ID_BYTES)
        title = title_of(session.turns[0].question) if session.turns else ""
        row = SessionRow(
            id=key, owner=owner, title=title, subject=session.subject, mode=session.mode,
            switches=switches_json(session.switches), created_at=now, updated_at=now,
        )  # fmt: skip
        with self._database.writing() as connection:
            connection.add(row)
            connection.flush()
            connection.add_all(self._rows(key, 0, session.turns))
        return key

    def sessions(self, owner: str, limit: int = _SHOWN, offset: int = 0, containing: str = "") -> list[SessionSummary]:
        """The owner's conversations, latest first; only those with certain words in their title, if these are given."""
        counted = select(func.count()).where(TurnRow.session_id == SessionRow.id).scalar_subquery()
        wanted = select(SessionRow, counted).where(SessionRow.owner == owner)
        if containing:
            wanted = wanted.where(SessionRow.title.icontains(containing.replace("\0", ""), autoescape=True))
        with self._database.reading() as connection:
            rows = connection.execute(
                wanted.order_by(SessionRow.updated_at.desc(), SessionRow.id).limit(limit).offset(offset)
            ).all()
            return [_summary(row, turns) for row, turns in rows]

    def summary(self, owner: str, key: str) -> SessionSummary | None:
        """What a list shows of one conversation; None if the owner has none of this id."""
        counted = select(func.count()).where(TurnRow.session_id == SessionRow.id).scalar_subquery()
        with self._database.reading() as connection:
            found = connection.execute(select(SessionRow, counted).where(*_is(owner, key))).first()
            return _summary(*found) if found else None

    def load(self, owner: str, key: str) -> Session | None:
        """A conversation with all its turns; None if the owner has none of this id."""
        with self._database.reading() as connection:
            row = connection.scalars(select(SessionRow).where(*_is(owner, key))).first()
            if row is None:
                return None
            turns = connection.scalars(select(TurnRow).where(TurnRow.session_id == key).order_by(TurnRow.position))
            return Session(row.subject, row.mode, switches_from_json(row.switches), [turn_of(turn) for turn in turns])

    def append(self, owner: str, key: str, turn: Turn) -> bool:
        """Add a turn at the end, whoever else adds one at the same time; False if the owner has no such conversation."""
        with self._database.writing() as connection:
            if not self._touch(connection, owner, key, {"mode": turn.mode}):
                return False
            last = connection.scalar(select(func.max(TurnRow.position)).where(TurnRow.session_id == key))
            connection.add_all(self._rows(key, 0 if last is None else last + 1, [turn]))
            if last is None:
                self._touch(connection, owner, key, {"title": title_of(turn.question)}, only_untitled=True)
            return True

    def replace(self, owner: str, key: str, start: int, turns: Sequence[Turn]) -> bool:
        """Put `turns` where the turns from number `start` on are.

        False if the owner has no such conversation, or if it ends before `start` by now (it was shortened in another window).
        """
        with self._database.writing() as connection:
            if not self._touch(connection, owner, key, {"mode": turns[-1].mode} if turns else None):
                return False
            there = connection.scalar(select(func.count()).where(TurnRow.session_id == key)) or 0
            if not 0 <= start <= there:
                return False
            connection.execute(delete(TurnRow).where(TurnRow.session_id == key, TurnRow.position >= start))
            connection.add_all(self._rows(key, start, turns))
            return True

    def choose(self, owner: str, key: str, session: Session) -> bool:
        """Keep the subject, mode and switches of `session`; False if the owner has no such conversation."""
        with self._database.writing() as connection:
            chosen = {"subject": session.subject, "mode": session.mode, "switches": switches_json(session.switches)}
            return self._touch(connection, owner, key, chosen)

    def rename(self, owner: str, key: str, title: str) -> bool:
        """Give a conversation another title; False if the owner has none of this id."""
        with self._database.writing() as connection:
            return self._touch(connection, owner, key, {"title": title_of(title)})

    def delete(self, owner: str, key: str) -> bool:
        """Delete a conversation with its turns; False if the owner has none of this id."""
        with self._database.writing() as connection:
            if not self._touch(connection, owner, key):
                return False
            connection.execute(delete(TurnRow).where(TurnRow.session_id == key))
            return _count(connection, delete(SessionRow).where(*_is(owner, key))) > 0

    def _touch(
        self, connection: Connection, owner: str, key: str, values: Mapping[str, str] | None = None, only_untitled: bool = False
    ) -> bool:
        """Change a conversation's row. First in a transaction, it also makes other writers of the conversation wait."""
        wanted = update(SessionRow).where(*_is(owner, key)).values(updated_at=self._clock(), **(values or {}))
        return _count(connection, wanted.where(SessionRow.title == "") if only_untitled else wanted) > 0

    def _rows(self, key: str, start: int, turns: Sequence[Turn]) -> list[TurnRow]:
        now = self._clock()
        return [
            TurnRow(
                session_id=key, position=n, question=turn.question.replace("\0", ""), answer=answer_json(turn.answer),
                mode=turn.mode, created_at=now,
            )
            for n, turn in enumerate(turns, start)
        ]  # fmt: skip


def _is(owner: str, key: str) -> tuple[Any, Any]:
    return SessionRow.id == key, SessionRow.owner == owner


def _count(connection: Connection, statement: Update | Delete) -> int:
    return cast("CursorResult[Any]", connection.execute(statement)).rowcount


def _summary(row: SessionRow, turns: int) -> SessionSummary:
    return SessionSummary(row.id, row.title, row.subject, row.mode, row.created_at, row.updated_at, turns)
