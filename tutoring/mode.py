"""What a mode is: a way in which the tutor deals with what the student says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel

from knowledge.subjects import AUTO
from rag.conversation import Session
from rag.events import Answer, Event, Token
from rag.tutor import Tutor

__all__ = ["Mode", "said"]


@dataclass(frozen=True)
class Mode(ABC):
    """One of the tutor's skills.

    Attributes:
        id: name in commands and in the API (`tutor-<id>`).
        name: what the page calls it.
        about: one sentence for the student on what it does and what to type.
        example: a message to try it with.
        cares: whether it deals with a student in danger itself (tutoring/crisis.py).
        form: the schema of `Answer.data`; None for a mode that answers in words alone.
    """

    id: str
    name: str
    about: str
    example: str
    form: ClassVar[type[BaseModel] | None] = None
    cares: ClassVar[bool] = False

    @abstractmethod
    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        """Yield `Token`s (after `Found`, where something is looked up), then one `Answer`. The session is not changed.

        Args:
            text: what the student says, checked: not empty, not too long.

        Raises:
            UsageError: the text lacks what the mode needs; the message says what to type.
            StoreError, ChatModelError: retrieval or the chat model failed.
        """


def said(text: str, tutor: Tutor, subject: str = AUTO, label: str | None = None, **more: object) -> Iterator[Event]:
    """Events of an answer that was not generated but composed: its lines, then the `Answer` with `more` of its fields."""
    for line in text.splitlines(keepends=True):
        yield Token(line)
    yield Answer(text, subject, tutor.label if label is None else label, **more)  # type: ignore[arg-type]
