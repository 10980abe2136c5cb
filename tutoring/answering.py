"""答疑, 升学咨询 and 自由对话: the tutor's chain as it is, with other rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.conversation import Session
from rag.events import Event
from rag.tutor import ANSWERING, Task, Tutor
from tutoring.mode import Mode

__all__ = ["AskMode"]


@dataclass(frozen=True)
class AskMode(Mode):
    """Question in, cited answer out, by a task of the tutor."""

    task: Task = ANSWERING

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        return tutor.reply(text, session, self.task)
