"""Marking by a chat model, each of its verdicts checked: the quote must be the student's, and the figures must not say otherwise."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace

from pydantic import BaseModel

from knowledge.problems import Problem
from rag.citations import locate
from rag.events import Token
from rag.fence import fenced_text
from rag.json_reply import Filled, fill
from rag.prompts_modes import MARKING_FORM, MARKING_ROLE
from rag.speaker import Speaker
from tutoring.marking import Mark

__all__ = ["ModelMark", "ModelMarks", "checked_marks", "examined"]

_FORGED = "模型引用的话不在你的答案里，这条判断不采用。"
_DISPUTED = "模型判为“{verdict}”（{comment}），程序核对数值与用词的结果是“{other}”，两者不一致，请自己对照参考答案。"


class ModelMark(BaseModel):
    """A model's verdict on the criterion number `criterion`, from 1."""

    criterion: int
    verdict: str
    score: int = 0
    quote: str = ""
    comment: str = ""


class ModelMarks(BaseModel):
    """What a model is asked for."""

    marks: list[ModelMark]


def examined(problem: Problem, answer: str, speaker: Speaker) -> Generator[Token, None, Filled[ModelMarks]]:
    """A model's marks, unchecked.

    Raises:
        ChatModelError: the model failed and may not be replaced.
    """
    listed = [(n, c) for n, part in enumerate(problem.parts, 1) for c in part.marking]
    question = MARKING_FORM.format(
        problem=fenced_text("question", "\n".join([problem.stem, *(part.question for part in problem.parts)])),
        criteria="\n".join(f"{i}. [第 {n} 问，{c.score} 分] {c.text}" for i, (n, c) in enumerate(listed, 1)),
        reference="\n".join(part.answer for part in problem.parts),
        answer=fenced_text("student", answer),
    )
    return (yield from fill(speaker, MARKING_ROLE, question, ModelMarks))


def checked_marks(computed: Sequence[Mark], given: ModelMarks, answer: str) -> list[Mark]:
    """The model's marks as far as they hold: one for each criterion, 无法判断 where the model's can't be used."""
    by_number: dict[int, ModelMark] = {}
    for mark in given.marks:
        by_number.setdefault(mark.criterion, mark)
    return [_checked(own, by_number.get(n), answer) for n, own in enumerate(computed, 1)]


def _checked(own: Mark, mark: ModelMark | None, answer: str) -> Mark:
    unsure = replace(own, verdict="无法判断", low=0, high=own.full)
    if mark is None:
        return replace(unsure, comment="模型没有判断这一点。")
    bounds = locate(mark.quote, answer) if mark.quote.strip() else None
    quote = answer[slice(*bounds)] if bounds else ""
    earned = {"得分": own.full, "未得分": 0}.get(mark.verdict, mark.score)
    if mark.verdict not in ("得分", "部分", "未得分") or (mark.verdict == "部分" and not 0 < earned < own.full):
        return replace(unsure, quote=quote, comment=mark.comment or "模型没有给出明确的判断。")
    if mark.quote.strip() and not quote or (earned and not quote):
        return replace(unsure, quote="", comment=_FORGED)
    if {mark.verdict, own.verdict} == {"得分", "未得分"} or (mark.verdict == "部分" and own.verdict in ("得分", "未得分")):
        comment = _DISPUTED.format(verdict=mark.verdict, comment=mark.comment[:60], other=own.verdict)
        return replace(unsure, quote=quote or own.quote, comment=comment)
    verdict = own.verdict if mark.verdict == own.verdict else mark.verdict
    return replace(own, verdict=verdict, low=earned, high=earned, quote=quote, comment=mark.comment)  # type: ignore[arg-type]
