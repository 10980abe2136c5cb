"""What a mock exam asks: numbered questions and problems, what each is worth, and their form in the database.

A full paper has 150 points. The problems of the bank have marks of their own, 10 to 14 each; those of a subject share the
points that the real paper has for them (23, 23, 15 or 9) in proportion to their marks, as eval/exams/problems.py counts too.
Points are exact fractions and add up exactly; they are rounded to tenths where they are shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from errors import ContentError, StorageError
from knowledge.paper import CHOICE_POINTS, PROBLEM_POINTS
from knowledge.problems import Problem
from knowledge.questions import Question

__all__ = ["FULL_MINUTES", "SECTIONS", "SHORT_MINUTES", "ExamPaper", "Kind", "shown_points"]

Kind = Literal["full", "short"]
FULL_MINUTES, SHORT_MINUTES = 180, (30, 45)
SECTIONS = ("单项选择题", "综合应用题")


def shown_points(points: Fraction | int) -> str:
    """Points as a page shows them: to a tenth, halves up, without a needless zero."""
    tenths = (Fraction(points) * 10 + Fraction(1, 2)).__floor__()
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)


@dataclass(frozen=True)
class ExamPaper:
    """Questions are numbered from 1, problems go on behind them."""

    kind: Kind
    minutes: int
    questions: tuple[Question, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def numbers(self) -> range:
        """All numbers."""
        return range(1, len(self.questions) + len(self.problems) + 1)

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subjects in the paper's order."""
        return tuple(dict.fromkeys(q.subject for q in self.questions))

    def question(self, number: int) -> Question | None:
        """The choice question of a number; None where a problem, or nothing, has it."""
        return self.questions[number - 1] if 1 <= number <= len(self.questions) else None

    def problem(self, number: int) -> Problem | None:
        """The problem of a number."""
        at = number - len(self.questions) - 1
        return self.problems[at] if 0 <= at < len(self.problems) else None

    def numbered_problems(self) -> Iterator[tuple[int, Problem]]:
        """Problems with their numbers."""
        return enumerate(self.problems, len(self.questions) + 1)

    def fields(self, number: int) -> tuple[str, ...]:
        """Names of the fields to be filled in: `12` of a choice question, `41.1`, `41.2` … of a problem's parts."""
        if problem := self.problem(number):
            return tuple(f"{number}.{part}" for part in range(1, len(problem.parts) + 1))
        return (str(number),) if self.question(number) else ()

    def rate(self, subject: str) -> Fraction:
        """Points of the paper for one mark of a problem of this subject."""
        return Fraction(PROBLEM_POINTS[subject], sum(p.score for p in self.problems if p.subject == subject))

    def worth(self, number: int) -> Fraction:
        """Full points of a number."""
        if problem := self.problem(number):
            return self.rate(problem.subject) * problem.score
        return Fraction(CHOICE_POINTS if self.question(number) else 0)

    def subject_of(self, number: int) -> str:
        """The subject of a number of this paper."""
        entry = self.question(number) or self.problem(number)
        return entry.subject if entry else ""

    @property
    def full(self) -> Fraction:
        """Full points of the paper."""
        return sum((self.worth(number) for number in self.numbers), Fraction(0))

    def to_json(self) -> str:
        """The whole paper: a changed bank changes no exam."""
        row = {
            "kind": self.kind, "minutes": self.minutes, "questions": [q.to_json() for q in self.questions],
            "problems": [p.to_json() for p in self.problems],
        }  # fmt: skip
        return json.dumps(row, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> ExamPaper:
        """The paper that `to_json` wrote.

        Raises:
            StorageError: the text is something else.
        """
        try:
            row: dict[str, Any] = json.loads(text)
            return cls(
                row["kind"], row["minutes"], tuple(Question.from_json(q, "试卷") for q in row["questions"]),
                tuple(Problem.from_json(p, "试卷") for p in row["problems"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, ContentError) as error:
            raise StorageError(
                "数据库里有一份试卷读不出来（文件损坏，或由别的版本写入）。请在历史里删除它，或从备份恢复数据库。"
            ) from error
