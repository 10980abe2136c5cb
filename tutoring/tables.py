"""The base of all tables, and those of conversations. It loads nothing of the tutor: commands that only look into tables start at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

__all__ = ["Base", "SessionRow", "TurnRow", "UtcDateTime"]

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
    """All tables."""


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
