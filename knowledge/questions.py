"""Single-choice questions: what one is, and its form in a JSONL bank.

Run as: python -m knowledge.questions check knowledge/questions
        python -m knowledge.questions import EXAM.docx --out my.jsonl
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from errors import ContentError

__all__ = ["LETTERS", "Question"]

LETTERS = "ABCD"


@dataclass(frozen=True)
class Question:
    """A question with four options and one key.

    Attributes:
        key: letter of the right option.
        points: ids of the syllabus points that it asks about.
        difficulty: 1 (recall) to 5 (several steps that are easily confused).
        family: id of the generator that computed it, '' for a written one.
    """

    id: str
    subject: str
    stem: str
    options: tuple[str, str, str, str]
    key: str
    explanation: str
    points: tuple[str, ...]
    difficulty: int
    family: str = ""

    @property
    def answer(self) -> str:
        """Text of the right option."""
        return self.options[LETTERS.index(self.key)]

    def to_json(self) -> dict[str, Any]:
        """One line of a bank."""
        row: dict[str, Any] = {
            "id": self.id,
            "subject": self.subject,
            "question": self.stem,
            "options": dict(zip(LETTERS, self.options, strict=True)),
            "answer": self.key,
            "explanation": self.explanation,
            "points": list(self.points),
            "difficulty": self.difficulty,
        }
        return row | ({"family": self.family} if self.family else {})

    @classmethod
    def from_json(cls, row: dict[str, Any], place: str) -> Question:
        """Read one line of a bank; `place` names it in errors.

        Raises:
            ContentError: a field is missing or not usable.
        """
        try:
            options = tuple(str(row["options"][letter]) for letter in LETTERS)
            question = cls(
                str(row["id"]), str(row["subject"]), str(row["question"]), (options[0], options[1], options[2], options[3]),
                str(row["answer"]), str(row.get("explanation", "")), tuple(map(str, row.get("points", ()))),
                int(row.get("difficulty", 3)), str(row.get("family", "")),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise ContentError(
                f"{place}：缺少或写错了字段 {error}。每题要有 id、subject、question、options（A–D）、answer。"
            ) from error
        if question.key not in tuple(LETTERS):
            raise ContentError(f"{place}：答案“{question.key}”不是 A、B、C、D 之一。")
        return question


if __name__ == "__main__":
    from knowledge.bank_command import main

    sys.exit(main())
