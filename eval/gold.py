"""Gold questions: which words of the shipped notes and handouts answer them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import ContentError
from knowledge.quotes import squeezed
from settings import ROOT

__all__ = ["GOLD", "GoldQuestion", "Judgement", "found_in", "read_gold"]

GOLD = ROOT / "eval" / "gold"
"""retrieval.SUBJECT.jsonl, and refusal.SUBJECT.jsonl with questions that the documents do, or do not, answer."""


@dataclass(frozen=True)
class Judgement:
    """A passage that answers a question fully (grade 2) or partly (1); `quote` are words that stand in it, and nowhere else."""

    quote: str
    grade: int
    source: str


@dataclass(frozen=True)
class GoldQuestion:
    """A question as a student asks it, with all passages that answer it."""

    id: str
    subject: str
    question: str
    judgements: tuple[Judgement, ...]


def read_gold(paths: Sequence[Path]) -> list[GoldQuestion]:
    """Read files of gold questions.

    Raises:
        ContentError: a line is not one; the message has its place.
    """
    questions = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                judgements = tuple(Judgement(j["quote"], int(j["grade"]), j["source"]) for j in row["judgements"])
                questions.append(GoldQuestion(row["id"], row["subject"], row["question"], judgements))
            except (ValueError, KeyError, TypeError) as error:
                raise ContentError(f"{path.name} 第 {number} 行不是检索题（{error}）。请改正后再试。") from error
    return questions


def found_in(text: str, question: GoldQuestion) -> list[int]:
    """Positions of the judgements whose words stand in a text."""
    plain = squeezed(text)
    return [i for i, judgement in enumerate(question.judgements) if squeezed(judgement.quote) in plain]
