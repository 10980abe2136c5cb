"""What is kept of a conversation: two tables, and answers as JSON without loss."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import DateTime, Dialect, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from errors import StorageError
from rag.conversation import Switches, Turn
from rag.events import Answer

__all__ = [
    "Base",
    "SessionRow",
    "SessionSummary",
    "TurnRow",
    "answer_from_json",
    "answer_json",
    "switches_from_json",
    "switches_json",
    "title_of",
    "turn_of",
]

_ANSWER: TypeAdapter[Answer] = TypeAdapter(Answer)
_SWITCHES: TypeAdapter[Switches] = TypeAdapter(Switches)
_T = TypeVar("_T")

_TITLE_CHARS = 40
_ID_CHARS, _OWNER_CHARS, _NAME_CHARS = 64, 80, 40


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Kept without a zone, which SQLite would lose; aware outside."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the table."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the table."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """The tables of conversations."""


class SessionRow(Base):
    """A conversation: whose it is, what it is called, and what the student has chosen in it."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_of_owner", "owner", "updated_at"),)

    id: Mapped[str] = mapped_column(String(_ID_CHARS), primary_key=True)
    owner: Mapped[str] = mapped_column(String(_OWNER_CHARS))
    title: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(_NAME_CHARS))
    mode: Mapped[str] = mapped_column(String(_NAME_CHARS))
    switches: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class TurnRow(Base):
    """A turn of a conversation, by its number from 0."""

    __tablename__ = "turns"

    session_id: Mapped[str] = mapped_column(String(_ID_CHARS), ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    mode: Mapped[str] = mapped_column(String(_NAME_CHARS))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class SessionSummary:
    """A conversation as a list shows it. Times are aware, in UTC; `turns` is their number."""

    id: str
    title: str
    subject: str
    mode: str
    created_at: datetime
    updated_at: datetime
    turns: int


def answer_json(answer: Answer) -> str:
    """An answer with all that belongs to it: citations with their boxes, marks, data, memory."""
    return _written(_ANSWER, answer)


def answer_from_json(text: str) -> Answer:
    """The answer that `answer_json` wrote.

    Raises:
        StorageError: the text is something else.
    """
    return _read(_ANSWER, text)


def switches_json(switches: Switches) -> str:
    """What the student has switched on or off."""
    return _written(_SWITCHES, switches)


def switches_from_json(text: str) -> Switches:
    """The switches that `switches_json` wrote.

    Raises:
        StorageError: the text is something else.
    """
    return _read(_SWITCHES, text)


def turn_of(row: TurnRow) -> Turn:
    """A row as a turn.

    Raises:
        StorageError: its answer is damaged.
    """
    return Turn(row.question, answer_from_json(row.answer), row.mode)


def title_of(question: str) -> str:
    """A conversation's title from its first question: one line of at most 40 characters."""
    line = " ".join(question.replace("\0", "").split())
    return line if len(line) <= _TITLE_CHARS else line[: _TITLE_CHARS - 1] + "…"


def _written(adapter: TypeAdapter[_T], value: _T) -> str:
    text = json.dumps(adapter.dump_python(value, mode="json"), ensure_ascii=False)
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair, as broken PDFs give, is no text for a database


def _read(adapter: TypeAdapter[_T], text: str) -> _T:
    try:
        return adapter.validate_json(text)
    except ValidationError as error:
        raise StorageError(
            "对话数据库里有一条回答读不出来（文件损坏，或由别的版本写入）。请删除这个对话，或从备份恢复数据库。"
        ) from error
