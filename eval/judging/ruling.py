"""The judge: what an answer is worth, and which of two is better, with a reason; what can't be read is unscored, never a 0."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import permutations
from random import Random

from langchain_core.language_models import BaseChatModel

from eval.judging.forms import Winner, read_score, read_winner
from eval.judging.tasks import FULL, Task
from rag.fence import fenced_text
from rag.prompts_judge import JUDGE_FORM, JUDGE_ROLE, NO_REPLY, PAIR_FORM, PAIR_ROLE
from rag.ruling import Ruling, ruled, spoken

__all__ = ["Judge", "rubric_order"]


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
