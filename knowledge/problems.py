"""综合应用题: problems in parts, marked point by point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from errors import ContentError

__all__ = ["Criterion", "Part", "Problem"]


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
        try:
            parts = tuple(
                Part(
                    str(part["question"]), str(part["answer"]),
                    tuple(Criterion(int(c["score"]), str(c["criterion"])) for c in part["marking"]),
                )
                for part in row["parts"]
            )  # fmt: skip
            problem = cls(
                str(row["id"]), str(row["subject"]), str(row["question"]), parts,
                tuple(map(str, row.get("points", ()))), int(row.get("difficulty", 3)),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise ContentError(
                f"{place}：缺少或写错了字段 {error}。综合应用题要有 id、subject、question、parts（每问有 question、answer、marking）。"
            ) from error
        if not parts or any(not part.marking or any(c.score < 1 for c in part.marking) for part in parts):
            raise ContentError(f"{place}：每一问都要有评分点，每个评分点至少 1 分。")
        if "score" in row and row["score"] != problem.score:
            raise ContentError(f"{place}：总分写的是 {row['score']}，各评分点相加是 {problem.score}。请改正其中一个。")
        return problem
