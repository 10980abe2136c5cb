"""What is kept of a conversation: rows as turns, and answers as JSON without loss."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from errors import StorageError
from rag.conversation import Switches, Turn
from rag.events import Answer
from tutoring.tables import Base, SessionRow, TurnRow, UtcDateTime

__all__ = [
    "Base",
    "SessionRow",
    "SessionSummary",
    "TurnRow",
    "UtcDateTime",
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
