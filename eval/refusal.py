"""Knowing when not to answer: questions that the shipped documents do, or do not, answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from errors import ContentError
from eval.gold import GOLD

if TYPE_CHECKING:
    from rag.retrieval import Retriever

__all__ = ["RefusalQuestion", "read_refusals", "refusal_figures"]


@dataclass(frozen=True)
class RefusalQuestion:
    """A question, and whether the documents answer it."""

    id: str
    question: str
    answerable: bool


def read_refusals() -> list[RefusalQuestion]:
    """The questions of eval/gold/refusal.*.jsonl.

    Raises:
        ContentError: a line is no question; the message has its place.
    """
    found = []
    for path in sorted(GOLD.glob("refusal.*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                found.append(RefusalQuestion(row["id"], row["question"], bool(row["answerable"])))
            except (ValueError, KeyError, TypeError) as error:
                raise ContentError(f"{path.name} 第 {number} 行不是拒答题（{error}）。请改正后再试。") from error
    return found


def refusal_figures(questions: Sequence[RefusalQuestion], retriever: Retriever) -> dict[str, float]:
    """Precision, recall and F1 of refusing, and the share of the answerable questions that are wrongly refused."""
    refused = {q.id for q in questions if not retriever.retrieve(q.question).answerable}
    unanswerable = {q.id for q in questions if not q.answerable}
    right = len(refused & unanswerable)
    precision, recall = right / max(len(refused), 1), right / max(len(unanswerable), 1)
    return {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(2 * precision * recall / max(precision + recall, 1e-9), 3),
        "wrongly_refused": round(len(refused - unanswerable) / max(len(questions) - len(unanswerable), 1), 3),
    }
