"""Asking the tutor one question, as a student would in a new conversation, and what it was shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rag.events import Answer, Found
from rag.retrieval import Passage
from rag.tutor import Session, Tutor

__all__ = ["Asked", "ask"]


@dataclass(frozen=True)
class Asked:
    """What came of it; `passages` are those that the chat model was shown, `seconds` from asking to the whole answer."""

    answer: Answer
    passages: tuple[Passage, ...]
    seconds: float


def ask(tutor: Tutor, question: str, clock: Callable[[], float]) -> Asked:
    """Ask in a conversation of its own; the subject is left to the tutor.

    Raises:
        ChatModelError, StoreError: the question stays pending.
    """
    began, passages = clock(), tuple[Passage, ...]()
    answer: Answer | None = None
    for event in tutor.stream(question, Session()):
        if isinstance(event, Found):
            passages = event.retrieval.passages if event.retrieval.answerable else ()
        elif isinstance(event, Answer):
            answer = event
    assert answer is not None, "the last event is the answer"
    return Asked(answer, passages, clock() - began)
