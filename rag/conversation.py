"""A conversation: its turns so far, what the student has switched on, and as much of it as a chat model can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from errors import ContextTooLongError, UsageError
from knowledge.subjects import AUTO
from rag.events import Answer
from rag.marks import unmarked

__all__ = ["QA", "Session", "Switches", "Turn", "fitted", "history"]

QA = "qa"
"""The mode in which a conversation begins."""


@dataclass(frozen=True)
class Switches:
    """What the student has switched on or off; None leaves it to the mode."""

    retrieval: bool | None = None
    calculator: bool = True
    web: bool = False


@dataclass(frozen=True)
class Turn:
    """A question and its answer, in the mode of that time."""

    question: str
    answer: Answer
    mode: str = QA


@dataclass
class Session:
    """One conversation: the subject it is about (`auto` lets each question choose), the mode, and its turns so far."""

    subject: str = AUTO
    mode: str = QA
    switches: Switches = Switches()
    turns: list[Turn] = field(default_factory=list)

    @property
    def memory(self) -> Mapping[str, Any]:
        """What the mode of now noted at the last turn; nothing if that was in another mode."""
        return self.turns[-1].answer.memory if self.turns and self.turns[-1].mode == self.mode else {}

    def before(self, turn: int) -> Session:
        """The conversation as it was before its turn number `turn` (from 0), for asking that one again or otherwise.

        Raises:
            UsageError: there is no such turn.
        """
        if not 0 <= turn < len(self.turns):
            raise UsageError("没有这一轮对话，无法重新回答。请先提一个问题。")
        return Session(self.subject, self.turns[turn].mode, self.switches, self.turns[:turn])


def history(turns: Sequence[Turn]) -> list[BaseMessage]:
    """Turns as messages, oldest first; the answers without their marks."""
    return [message for turn in turns for message in (HumanMessage(turn.question), AIMessage(unmarked(turn.answer.text)))]


def fitted(
    messages: Sequence[BaseMessage], limit: int | None, count: Callable[[Sequence[BaseMessage]], int]
) -> list[BaseMessage]:
    """The messages without the oldest turns that would not fit: the system prompt and the last message always stay.

    Args:
        messages: a system message, pairs of a question and an answer, and the message to be answered.
        limit: most tokens of all together; None for no limit.
        count: tokens of some messages.

    Raises:
        ContextTooLongError: the system prompt and the last message alone are too long.
    """
    first, *turns, last = messages
    if limit is None:
        return list(messages)
    room = limit - count([first, last])
    if room < 0:
        raise ContextTooLongError(
            f"问题与资料共约 {limit - room} 个 token，超过模型上下文可用的 {limit} 个。请缩短问题，"
            "或换上下文更长的模型（TUTOR_CHAT_WINDOW_TOKENS 是窗口，TUTOR_CHAT_MAX_TOKENS 是留给回答的部分）。"
        )
    start = len(turns)
    while start >= 2 and (cost := count(turns[start - 2 : start])) <= room:
        room, start = room - cost, start - 2
    return [first, *turns[start:], last]
