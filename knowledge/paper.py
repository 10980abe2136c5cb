"""A whole paper 408: 40 choice questions and the 综合应用题, 150 points, and how its points are shared out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from errors import ContentError
from knowledge.problems import Problem
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS

__all__ = ["CHOICES", "CHOICE_POINTS", "PROBLEMS", "PROBLEM_POINTS", "Paper", "compose", "numbered"]

CHOICES = {"ds": 11, "co": 11, "os": 10, "cn": 8}
"""Choice questions of each subject, in the paper's order: 1–11, 12–22, 23–32, 33–40."""
CHOICE_POINTS = 2
PROBLEMS = {"ds": 2, "co": 2, "os": 2, "cn": 1}
"""综合应用题 of each subject: 41–42, 43–44, 45–46, 47."""
PROBLEM_POINTS = {subject: SUBJECTS[subject].points - CHOICE_POINTS * n for subject, n in CHOICES.items()}
"""What a subject's problems are worth together: 23, 23, 15 and 9 of its 45, 45, 35 and 25 points."""
Entry = TypeVar("Entry", bound=Question | Problem)


@dataclass(frozen=True)
class Paper:
    """Questions and problems in the order of the paper."""

    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]


def compose(questions: Sequence[Question], problems: Sequence[Problem], seed: int) -> Paper:
    """A paper drawn from a bank: over as many points of the syllabus as it has questions. Same seed, same paper.

    Raises:
        ContentError: the bank has too few questions or problems of a subject.
    """
    rng = random.Random(f"paper/{seed}")
    return Paper(
        tuple(one for subject, n in CHOICES.items() for one in _drawn(_of(questions, subject), n, subject, rng)),
        tuple(one for subject, n in PROBLEMS.items() for one in _drawn(_of(problems, subject), n, subject, rng)),
    )


def numbered(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The 40 choice questions of a real paper, in its order, each with the subject that its number has.

    Raises:
        ContentError: there are not 40.
    """
    if len(questions) != sum(CHOICES.values()):
        raise ContentError(
            f"一套 408 试卷有 40 道单项选择题，这里读到 {len(questions)} 道。请给出完整的一套试卷，或去掉 --paper。"
        )
    subjects = [subject for subject, n in CHOICES.items() for _ in range(n)]
    return tuple(replace(question, subject=subject) for question, subject in zip(questions, subjects, strict=True))


def _of(entries: Iterable[Entry], subject: str) -> list[Entry]:
    return [entry for entry in entries if entry.subject == subject]


def _drawn(entries: list[Entry], n: int, subject: str, rng: random.Random) -> list[Entry]:
    """`n` of the entries in the order of the syllabus; one on points that another asks about only if there is no other."""
    if len(entries) < n:
        raise ContentError(
            f"题库里{SUBJECTS[subject].name}只有 {len(entries)} 道这种题，一套试卷要 {n} 道。请补充题目，或换一个题库。"
        )
    rng.shuffle(entries)
    fresh: list[Entry] = []
    again: list[Entry] = []
    asked: set[str] = set()
    for entry in entries:
        (again if asked & set(entry.points) else fresh).append(entry)
        asked |= set(entry.points)
    drawn = [*fresh, *again][:n]
    drawn.sort(key=lambda entry: (min(entry.points, default=""), entry.id))
    return drawn
