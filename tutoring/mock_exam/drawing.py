"""Drawing a paper: over the chapters and as many points as it has questions, written and computed ones, first what is not seen yet."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import floor
from typing import TypeVar

from errors import ContentError
from knowledge.generators import Family
from knowledge.paper import CHOICES, PROBLEMS, Entry
from knowledge.problems import Problem
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.mock_exam.paper import FULL_MINUTES, ExamPaper

__all__ = ["SHORT_QUESTIONS", "Bank", "full_paper", "short_paper"]

SHORT_QUESTIONS = 20
_DIFFICULTIES = (2, 3, 3, 4)
"""Of computed questions: an exam asks most at middle difficulty."""
_SEEDS = 10**9
_Drawable = TypeVar("_Drawable", Question, Problem, Family)


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
    written = [q for q in bank.questions if q.subject == subject]
    families = [f for f in bank.families if f.subject == subject]
    drawing = _Drawing(_shares(written, n, rng), bank.seen, rng)
    computed = drawing.take(families, min(rng.randint(n // 4, n // 2), len(families)))
    drawn = [f.generate(rng.randrange(_SEEDS), rng.choice(_DIFFICULTIES)) for f in computed]
    _check_enough(written, n - len(drawn), subject)
    return _in_order([*drawn, *drawing.take(written, n - len(drawn))])


def _problems(bank: Bank, subject: str, n: int, rng: random.Random) -> list[Problem]:
    """`n` problems."""
    problems = [p for p in bank.problems if p.subject == subject]
    _check_enough(problems, n, subject)
    return _in_order(_Drawing(_shares(problems, n, rng), bank.seen, rng).take(problems, n))


class _Drawing:
    """Draws from one subject: unseen entries first, among them those of chapters that have room, on points that nothing asks about yet.

    Args:
        room: how many entries each chapter may still have.
    """

    def __init__(self, room: Counter[str], seen: Collection[str], rng: random.Random) -> None:
        self._room = room
        self._seen = seen
        self._rng = rng
        self._asked: set[str] = set()

    def take(self, entries: Sequence[_Drawable], n: int) -> list[_Drawable]:
        """`n` of the entries."""
        left, taken = self._rng.sample(list(entries), len(entries)), list[_Drawable]()
        chapters = {entry.id: _chapter(entry.points) for entry in left}
        while left and len(taken) < n:
            best = min(left, key=lambda entry: self._rank(entry, chapters[entry.id]))
            left.remove(best)
            taken.append(best)
            self._room[chapters[best.id]] -= 1
            self._asked.update(best.points)
        return taken

    def _rank(self, entry: Question | Problem | Family, chapter: str) -> tuple[bool, bool, bool]:
        return entry.id in self._seen, self._room[chapter] <= 0, not self._asked.isdisjoint(entry.points)


def _shares(entries: Sequence[Entry], n: int, rng: random.Random) -> Counter[str]:
    """How many of `n` each chapter gets: its share of the entries, up or down to a whole number, so that each entry has the same
    chance (systematic sampling). Chapters worth less than one stand side by side: of them too, about as many come up as they are worth.
    """
    sizes = Counter(_chapter(entry.points) for entry in entries)
    chapters = sorted(rng.sample(sorted(sizes), len(sizes)), key=lambda chapter: n * sizes[chapter] >= len(entries))
    start, before, room = rng.random(), 0.0, Counter[str]()
    for chapter in chapters:
        after = before + n * sizes[chapter] / len(entries)
        room[chapter] = floor(after + start) - floor(before + start)
        before = after
    return room


def _chapter(asked: Sequence[str]) -> str:
    """The chapter of the first of these points; '' if the syllabus doesn't have it."""
    known = points().get(min(asked, default=""))
    return known.chapter if known else ""


def _check_enough(entries: Sequence[Entry], n: int, subject: str) -> None:
    if len(entries) < n:
        raise ContentError(
            f"题库里{SUBJECTS[subject].name}只有 {len(entries)} 道这种题，一套试卷要 {n} 道。请补充题目，或换一个题库。"
        )


def _in_order(entries: list[Entry]) -> list[Entry]:
    """As the syllabus goes."""
    return sorted(entries, key=lambda entry: (min(entry.points, default=""), entry.id))
