"""Drawing a paper: over as many points as it has questions, written and computed ones, first what this learner has not seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from errors import ContentError
from knowledge.generators import Family
from knowledge.paper import CHOICES, PROBLEMS, Entry
from knowledge.problems import Problem
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS
from tutoring.mock_exam.paper import FULL_MINUTES, ExamPaper

__all__ = ["SHORT_QUESTIONS", "Bank", "full_paper", "short_paper"]

SHORT_QUESTIONS = 20
_DIFFICULTIES = (2, 3, 3, 4)
"""Of computed questions: an exam asks most at middle difficulty."""
_SEEDS = 10**9


@dataclass(frozen=True)
class Bank:
    """What papers are drawn from, and the ids that a learner has met."""

    questions: Sequence[Question]
    problems: Sequence[Problem]
    families: Sequence[Family]
    seen: Collection[str] = ()


def full_paper(bank: Bank, rng: random.Random) -> ExamPaper:
    """40 choice questions and 7 problems in the order of paper 408.

    Raises:
        ContentError: the bank has too few questions or problems of a subject.
    """
    questions = [q for subject, n in CHOICES.items() for q in _choices(bank, subject, n, rng)]
    problems = [p for subject, n in PROBLEMS.items() for p in _problems(bank, subject, n, rng)]
    return ExamPaper("full", FULL_MINUTES, tuple(questions), tuple(problems))


def short_paper(bank: Bank, subject: str, minutes: int, rng: random.Random) -> ExamPaper:
    """20 choice questions of one subject.

    Raises:
        ContentError: the bank has too few.
    """
    return ExamPaper("short", minutes, tuple(_choices(bank, subject, SHORT_QUESTIONS, rng)))


def _choices(bank: Bank, subject: str, n: int, rng: random.Random) -> list[Question]:
    """`n` questions, at most half of them computed, each of another family."""
    families = [f for f in bank.families if f.subject == subject]
    computed = rng.sample(families, min(rng.randint(n // 4, n // 2), len(families)))
    drawn = [f.generate(rng.randrange(_SEEDS), rng.choice(_DIFFICULTIES)) for f in computed]
    written = [q for q in bank.questions if q.subject == subject]
    asked = {point for question in drawn for point in question.points}
    return _in_order([*drawn, *_spread(written, n - len(drawn), subject, asked, bank.seen, rng)])


def _problems(bank: Bank, subject: str, n: int, rng: random.Random) -> list[Problem]:
    """`n` problems."""
    return _in_order(_spread([p for p in bank.problems if p.subject == subject], n, subject, set(), bank.seen, rng))


def _spread(
    entries: Sequence[Entry], n: int, subject: str, asked: set[str], seen: Collection[str], rng: random.Random
) -> list[Entry]:
    """`n` of the entries: unseen ones first, and among them those on points that nothing else of the paper asks about."""
    if len(entries) < n:
        raise ContentError(
            f"题库里{SUBJECTS[subject].name}只有 {len(entries)} 道这种题，一套试卷要 {n} 道。请补充题目，或换一个题库。"
        )
    rank: Callable[[Entry], bool] = lambda entry: entry.id in seen  # noqa: E731 - typed for the sort below
    shuffled = sorted(rng.sample(list(entries), len(entries)), key=rank)
    apart: list[Entry] = []
    beside: list[Entry] = []
    for entry in shuffled:
        (beside if asked & set(entry.points) else apart).append(entry)
        asked |= set(entry.points)
    return sorted([*apart, *beside], key=rank)[:n]


def _in_order(entries: list[Entry]) -> list[Entry]:
    """As the syllabus goes."""
    return sorted(entries, key=lambda entry: (min(entry.points, default=""), entry.id))
