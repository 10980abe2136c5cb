"""The 综合应用题 of a paper: a model writes its answer to all parts, and a judge marks each criterion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage

from eval.judging.forms import read_marks
from knowledge.problems import Problem
from rag.fence import FencedPassage, fence, fenced_text
from rag.prompts import GENERAL_ROLE, SUBJECT_PROMPTS
from rag.prompts_judge import MARK_PROBLEM_FORM, MARK_PROBLEM_ROLE, PROBLEM_PASSAGES, PROBLEM_RULES
from rag.ruling import ruled, spoken

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["CriterionMark", "ProblemMark", "answer_problem", "mark_problem"]


@dataclass(frozen=True)
class CriterionMark:
    """Points of one criterion, 0 to `full`, and why."""

    score: int
    full: int
    reason: str


@dataclass(frozen=True)
class ProblemMark:
    """Points of an answer, the sum of its marks, of `full`; None where the judge's marks could not be read: `reason` says why."""

    score: int | None
    full: int
    marks: tuple[CriterionMark, ...] = ()
    reason: str = ""


def answer_problem(chat_model: BaseChatModel, problem: Problem, passages: Sequence[Passage] = ()) -> str:
    """The model's answer to all parts at temperature 0, without its thinking.

    Raises:
        ChatModelError: it did not answer.
    """
    role = f"{SUBJECT_PROMPTS.get(problem.subject, GENERAL_ROLE)}\n\n{PROBLEM_RULES}{PROBLEM_PASSAGES if passages else ''}"
    material = fence([FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)])
    message = "\n\n".join(filter(None, (material, _asked(problem))))
    return spoken(str(chat_model.invoke([SystemMessage(role), HumanMessage(message)], temperature=0.0).text))


def mark_problem(judge: BaseChatModel, problem: Problem, answer: str) -> ProblemMark:
    """The judge's points for each criterion. An empty answer earns none; no judge is asked.

    Raises:
        ChatModelError: the judge did not answer.
    """
    criteria = [(n, c) for n, part in enumerate(problem.parts, 1) for c in part.marking]
    full = [c.score for _, c in criteria]
    if not answer.strip():
        return ProblemMark(0, problem.score, tuple(CriterionMark(0, points, "空回答") for points in full), "空回答")
    message = MARK_PROBLEM_FORM.format(
        problem=fenced_text("question", _asked(problem)),
        reference="\n".join(part.answer for part in problem.parts),
        criteria="\n".join(f"{i}. [第 {n} 问，{c.score} 分] {c.text}" for i, (n, c) in enumerate(criteria, 1)),
        answer=fenced_text("student", answer),
    )
    ruling = ruled(judge, MARK_PROBLEM_ROLE, message, partial(read_marks, full=full))
    if ruling.value is None:
        return ProblemMark(None, problem.score, reason=f"评委模型两次的评分都无法读取（{ruling.problem}）")
    marks = tuple(CriterionMark(score, points, why) for (why, score), points in zip(ruling.value, full, strict=True))
    return ProblemMark(sum(mark.score for mark in marks), problem.score, marks)


def _asked(problem: Problem) -> str:
    return "\n".join([problem.stem, *(part.question for part in problem.parts)])
