"""The points of a paper and its 综合应用题 as the report shows them: in the order of the subjects, no text without an end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.exams.problems import PROBLEM_ANSWERS, PROBLEM_MARKS
from eval.exams.samples import GENERATION
from eval.reporting.weak import subject_names
from eval.reporting.wrong_answers import REPLY_CHARACTERS, TEXT_CHARACTERS, shortened

__all__ = ["papers_told", "problems_told"]

_SUMMARY = "summary.json"


def papers_told(summary: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The points of each way of asking by its name; `marked` is what became of its problems, None where nobody marked any."""
    settings = {setting["rag"]: setting for setting in summary["problems"] or ()}
    written = {c["name"]: c["rag"] for c in summary["conditions"] if c["mode"] == GENERATION}
    return {
        row["name"]: {**row, "marked": settings.get(written[row["name"]]) if row["name"] in written else None}
        for row in summary["paper"] or ()
    }


def problems_told(settings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The marks of each setting of retrieval (summary.json), their texts shortened."""
    return [{**setting, "marks": _in_order([_told(mark) for mark in setting["marks"]])} for setting in settings]


def _in_order(marks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    order = [*subject_names([mark["subject"] for mark in marks])]
    return sorted(marks, key=lambda mark: order.index(mark["subject"]))


def _told(mark: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **mark,
        "question": shortened(mark["question"], TEXT_CHARACTERS, _SUMMARY),
        "reference": shortened(mark["reference"], TEXT_CHARACTERS, _SUMMARY),
        "answer": shortened(mark["answer"], REPLY_CHARACTERS, PROBLEM_ANSWERS),
        "reason": shortened(mark["reason"], REPLY_CHARACTERS, PROBLEM_MARKS),
        "marks": [_criterion(one) for one in mark["marks"]],
    }


def _criterion(one: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: shortened(one[name], REPLY_CHARACTERS, PROBLEM_MARKS) for name in ("reason", "criterion")}
    return {**one, **told}
