"""答疑 and 自由对话: the tutor's chain as it is; a question that is nothing but a calculation goes to the calculator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.calculator import evaluate, expression_in
from rag.conversation import Session
from rag.events import Event
from rag.tutor import ANSWERING, Task, Tutor
from tutoring.mode import Mode, said

__all__ = ["CALCULATOR", "AskMode"]

CALCULATOR = "计算器（由程序精确计算）"
"""Who answers a calculation."""


@dataclass(frozen=True)
class AskMode(Mode):
    """Question in, cited answer out, by a task of the tutor."""

    task: Task = ANSWERING

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        expression = expression_in(text) if session.switches.calculator else None
        if expression is None:
            return tutor.reply(text, session, self.task)
        result = evaluate(expression)
        return said(str(result), tutor, session.subject, CALCULATOR, notice=result.note)
