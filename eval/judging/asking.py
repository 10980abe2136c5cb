"""Putting a task to a chat model: turn after turn, as a user would, with nothing said in front."""

from __future__ import annotations

from dataclasses import dataclass

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from eval.judging.tasks import Task
from rag.chat_models.tokens import estimate
from rag.prompts_judge import NO_REPLY
from rag.ruling import spoken

__all__ = ["Said", "answers_of"]


@dataclass(frozen=True)
class Said:
    """What a model said in each turn, as it came; `finish_reason` is `length` if one of them was cut off."""

    replies: tuple[str, ...]
    output_tokens: int
    finish_reason: str


def answers_of(chat_model: BaseChatModel, task: Task) -> Said:
    """Ask at temperature 0, so that a run can be repeated.

    Raises:
        ChatModelError: the model did not answer one of the turns; nothing of the task counts then.
    """
    messages: list[BaseMessage] = []
    replies: list[str] = []
    tokens, reason = 0, "stop"
    for turn in task.turns:
        messages.append(HumanMessage(turn))
        answer = chat_model.invoke(messages, temperature=0.0)
        replies.append(_whole(str(answer.text)))
        tokens += answer.usage_metadata["output_tokens"] if answer.usage_metadata else estimate(replies[-1])
        if answer.response_metadata.get("finish_reason") == "length":
            reason = "length"
        messages.append(AIMessage(spoken(replies[-1]) or NO_REPLY))  # servers refuse an empty turn
    return Said(tuple(replies), tokens, reason)


def _whole(text: str) -> str:
    """A text that can be written: a model may end in half a character."""
    return text.encode("utf-8", "replace").decode()
