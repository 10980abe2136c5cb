"""综合应用题: problems in parts, marked point by point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from errors import ContentError
from knowledge.questions import Fields

__all__ = ["Criterion", "Part", "Problem"]

_MOST = 1000
"""Marks of a problem; more is a slip of the pen."""


@dataclass(frozen=True)
class Criterion:
    """What earns `score` points."""

    score: int
    text: str


@dataclass(frozen=True)
class Part:
    """One of the questions of a problem, its model answer, and how it is marked."""

    question: str
    answer: str
    marking: tuple[Criterion, ...]


@dataclass(frozen=True)
class Problem:
    """A problem of paper 408's second section.

    Attributes:
        stem: the situation that the parts ask about.
        points: ids of the syllabus points that it asks about.
        difficulty: 1 to 5, as a question's.
    """

    id: str
    subject: str
    stem: str
    parts: tuple[Part, ...]
    points: tuple[str, ...]
    difficulty: int

    @property
    def score(self) -> int:
        """Full marks."""
        return sum(c.score for part in self.parts for c in part.marking)

    def to_json(self) -> dict[str, Any]:
        """One line of a bank."""
        return {
            "id": self.id,
            "subject": self.subject,
            "question": self.stem,
            "parts": [
                {
                    "question": part.question,
                    "answer": part.answer,
                    "marking": [{"score": c.score, "criterion": c.text} for c in part.marking],
                }
                for part in self.parts
            ],
            "score": self.score,
            "points": list(self.points),
            "difficulty": self.difficulty,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any], place: str) -> Problem:
        """Read one line of a bank; `place` names it in errors.

        Raises:
            ContentError: a field is missing or not usable, or the marks don't add up.
        """
        fields = Fields(row, place)
        fields.require("id", "subject", "question", "parts")
        parts = tuple(_part(part) for part in fields.rows("parts"))
        if not parts or not all(part.marking for part in parts):
            raise ContentError(f"{place}：每一问都要有评分点，每个评分点至少 1 分。")
        problem = cls(
            fields.identifier(), fields.text("subject"), fields.text("question"), parts, fields.points(), fields.difficulty()
        )  # fmt: skip
        if "score" in row and fields.whole("score", 1, _MOST) != problem.score:
            raise ContentError(f"{place}：总分写的是 {row['score']}，各评分点相加是 {problem.score}。请改正其中一个。")
        return problem


def _part(fields: Fields) -> Part:
    fields.require("question", "answer", "marking")
    return Part(fields.text("question"), fields.text("answer"), tuple(_criterion(c) for c in fields.rows("marking")))


def _criterion(fields: Fields) -> Criterion:
    fields.require("score", "criterion")
    return Criterion(fields.whole("score", 1, _MOST), fields.text("criterion"))
