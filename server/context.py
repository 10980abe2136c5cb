"""What the routes work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event as Flag
from typing import Protocol

from langchain_core.embeddings import Embeddings

from rag.tutor import Tutor
from server.answering import Answering
from server.faults import ApiError
from server.metrics import Metrics
from tutoring.clock import Clock
from tutoring.storage import Storage

__all__ = ["ApiContext", "Preparation"]


class Preparation(Protocol):
    """What happens before the first question can be answered."""

    done: Flag
    status: str


@dataclass(frozen=True)
class ApiContext:
    """The parts of the application that requests reach.

    Attributes:
        documents: counts the documents of the knowledge base.
        max_question_chars: of one question.
    """

    tutor: Tutor
    storage: Storage
    embeddings: Embeddings
    preparation: Preparation
    documents: Callable[[], int]
    max_question_chars: int
    answering: Answering
    metrics: Metrics
    clock: Clock

    def check_ready(self) -> None:
        """Whether questions can be answered now.

        Raises:
            ApiError: the application is still preparing; the message says what.
        """
        if not self.preparation.done.is_set():
            raise ApiError(503, f"还没有准备好：{self.preparation.status} 请稍后再试。", "not_ready")

    def checked(self, question: str, param: str) -> str:
        """A question of a length that is read.

        Raises:
            ApiError: it is empty or too long.
        """
        if not question.strip():
            raise ApiError(400, "问题是空的。请输入要问的内容。", "invalid_value", param)
        if len(question.strip()) > self.max_question_chars:
            told = f"问题有 {len(question.strip())} 字，超过上限 {self.max_question_chars} 字（TUTOR_MAX_QUESTION_CHARS）。请只保留要问的部分。"
            raise ApiError(413, told, "question_too_long", param)
        return question
