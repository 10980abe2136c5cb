"""A decision of a chat model, read strictly: asked for once more where it can't be read, and kept as it came."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from rag.fence import fenced_text
from rag.json_reply import UnreadableReplyError
from rag.prompts_modes import JSON_REPAIR

__all__ = ["Ruling", "ruled", "spoken"]

T = TypeVar("T")

_SHOWN = 1500
"""Characters of an unreadable answer that the model is shown again."""
_CUT_OFF = "，模型的回答被长度上限截断，可调大 TUTOR_CHAT_MAX_TOKENS"
_THINKING = re.compile(r"\s*<(think|thinking|reasoning)>", re.IGNORECASE)


@dataclass(frozen=True)
class Ruling(Generic[T]):
    """What a model decided, or None and, in `problem`, why there is nothing; `raw` are its answers, one or two."""

    value: T | None
    problem: str
    raw: tuple[str, ...]


def ruled(chat_model: BaseChatModel, role: str, message: str, read: Callable[[str], T]) -> Ruling[T]:
    """Have a model answer at temperature 0, once more with what is wrong where that can't be read.

    Args:
        read: the answer's reading; raises `UnreadableReplyError`.

    Raises:
        ChatModelError: the model did not answer.
    """
    raw: list[str] = []
    asked, problem = message, ""
    for _ in range(2):
        reply = chat_model.invoke([SystemMessage(role), HumanMessage(asked)], temperature=0.0)
        raw.append(str(reply.text))
        told = spoken(raw[-1])
        try:
            return Ruling(read(told), "", tuple(raw))
        except UnreadableReplyError as error:
            asked = JSON_REPAIR.format(question=message, reply=fenced_text("reply", told[:_SHOWN]), error=error)
            problem = f"{error}{_CUT_OFF if reply.response_metadata.get('finish_reason') == 'length' else ''}"
    return Ruling(None, problem, tuple(raw))


def spoken(text: str) -> str:
    """What a model says when it has thought: '' if it never came to an end with that."""
    opened = _THINKING.match(text)
    closing = f"</{opened[1]}>" if opened else "</think>"
    before, found, after = text.partition(closing)
    if opened:
        return after.strip()
    return after.strip() if found and "<think>" not in before else text.strip()
