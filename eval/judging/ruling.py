"""The judge: what an answer is worth, and which of two is better, with a reason; what can't be read is unscored, never a 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from random import Random
from typing import Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from eval.judging.forms import Winner, read_score, read_winner, spoken
from eval.judging.tasks import FULL, Task
from rag.fence import fenced_text
from rag.json_reply import UnreadableReplyError
from rag.prompts_judge import JUDGE_FORM, JUDGE_ROLE, NO_REPLY, PAIR_FORM, PAIR_ROLE
from rag.prompts_modes import JSON_REPAIR

__all__ = ["Judge", "Ruling", "rubric_order", "ruled"]

T = TypeVar("T")

_SHOWN = 1500
"""Characters of an unreadable answer that the judge is shown again."""
_CUT_OFF = "，评委模型的回答被长度上限截断，可调大 TUTOR_CHAT_MAX_TOKENS"


@dataclass(frozen=True)
class Ruling(Generic[T]):
    """What a judge decided, or None and, in `problem`, why there is nothing; `raw` are its answers, one or two."""

    value: T | None
    problem: str
    raw: tuple[str, ...]


def ruled(chat_model: BaseChatModel, role: str, message: str, read: Callable[[str], T]) -> Ruling[T]:
    """Have a judge answer at temperature 0, once more with what is wrong where that can't be read.

    Args:
        read: the answer's reading; raises `UnreadableReplyError`.

    Raises:
        ChatModelError: the judge did not answer.
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


class Judge:
    """Judges answers to tasks; an answer is what was said in each turn."""

    def __init__(self, chat_model: BaseChatModel) -> None:
        self._chat_model = chat_model

    def score(self, task: Task, replies: Sequence[str], repeat: int = 0) -> Ruling[tuple[str, float]]:
        """Reason and points. An empty answer is worth nothing; no judge is asked.

        Args:
            repeat: from 0; each shows the points of the rubric in another order (`rubric_order`). The same message again, at
                temperature 0, would say nothing about the judge.

        Raises:
            ChatModelError: the judge did not answer.
        """
        if not any(map(spoken, replies)):
            return Ruling(("空回答", 0.0), "", ())
        rubric = [task.rubric[i] for i in rubric_order(len(task.rubric), repeat)]
        message = JUDGE_FORM.format(
            question=_question(task), reference=task.reference, full=FULL, rubric=_numbered(rubric), reply=_reply(replies)
        )
        return ruled(self._chat_model, JUDGE_ROLE, message, read_score)

    def compare(self, task: Task, first: Sequence[str], second: Sequence[str]) -> Ruling[tuple[str, Winner]]:
        """Reason and which is better, shown in this order.

        Raises:
            ChatModelError: the judge did not answer.
        """
        told = {"question": _question(task), "reference": task.reference, "rubric": _numbered(task.rubric)}
        message = PAIR_FORM.format(**told, first=_reply(first), second=_reply(second))
        return ruled(self._chat_model, PAIR_ROLE, message, read_winner)


@cache
def rubric_order(points: int, repeat: int) -> tuple[int, ...]:
    """The order in which a repeat shows the points of a rubric: as they stand at first, then, seeded, another each time.

    When all orders have been shown they come again.
    """
    own, *others = permutations(range(points))
    Random(points).shuffle(others)
    return [own, *others][repeat % (1 + len(others))]


def _question(task: Task) -> str:
    turns = task.turns if len(task.turns) == 1 else [f"第 {n} 轮：{turn}" for n, turn in enumerate(task.turns, 1)]
    return fenced_text("question", "\n".join(turns))


def _numbered(points: Sequence[str]) -> str:
    return "\n".join(f"{n}. {point}" for n, point in enumerate(points, 1))


def _reply(replies: Sequence[str]) -> str:
    """The answer of each turn between tags of its own, so that none can pass for another turn, or for more than an answer."""
    told = [fenced_text("reply", spoken(reply) or NO_REPLY) for reply in replies]
    return told[0] if len(told) == 1 else "\n".join(f"第 {n} 轮：\n{reply}" for n, reply in enumerate(told, 1))
