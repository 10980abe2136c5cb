"""What a learner has done and what comes next: days, streak, subjects, weak points, and the work of today. Days are local ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from knowledge.intervals import Interval, wilson
from knowledge.subjects import SUBJECTS
from knowledge.syllabus import KnowledgePoint, points
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import AttemptRow
from tutoring.mastery import SHARES, Belief, Mastery
from tutoring.mastery_cache import LearnersMastery
from tutoring.practice.cards import Cards
from tutoring.practice.days import day_of, next_day
from tutoring.practice.plan import Plan, Plans
from tutoring.standing import standing_of

__all__ = ["Day", "LearnersProgress", "Practised", "Progress", "Step", "SubjectRecord", "by_need", "progress_of", "streak_of"]

_DAYS = 30
_AT_ONCE = 5
"""New questions on one point: enough to learn from, few enough to mix with others."""


@dataclass(frozen=True)
class Practised:
    """What is needed of an attempt."""

    at: datetime
    subject: str
    correct: bool


@dataclass(frozen=True)
class Day:
    """The answers of a day."""

    day: date
    done: int
    right: int


@dataclass(frozen=True)
class SubjectRecord:
    """Answers in a subject; `interval` is Wilson's, of the share that was right (95 %)."""

    subject: str
    done: int
    right: int
    interval: Interval
    mastery: Mastery


@dataclass(frozen=True)
class Step:
    """A part of today's work: new questions on a point, or, without a point, reviews that are due."""

    number: int
    point: KnowledgePoint | None = None


@dataclass(frozen=True)
class Progress:
    """Where a learner stands now.

    Attributes:
        due: cards to be reviewed until the end of today.
        streak: days in a row with at least one answer; today's may still come.
        days: the last 30, the last is today.
        steps: what is left of today's work, in its order; empty when the goal is reached and nothing is due.
    """

    plan: Plan
    days_left: int | None
    due: int
    done: int
    streak: int
    total: int
    days: tuple[Day, ...]
    subjects: tuple[SubjectRecord, ...]
    belief: Belief
    steps: tuple[Step, ...]


class LearnersProgress:
    """The progress of learners, each read from what is his. Every method may raise `StorageError`."""

    def __init__(self, database: Database, mastery: LearnersMastery, clock: Clock = utc_now) -> None:
        self._database = database
        self._mastery = mastery
        self._plans = Plans(database, clock)
        self._cards = Cards(database, clock)
        self._clock = clock

    def of(self, owner: str) -> Progress:
        """The progress of now."""
        now = self._clock()
        due = len(self._cards.due(owner, next_day(now)))
        return progress_of(self._practised(owner), due, self._plans.of(owner), self._mastery.belief(owner), now)

    def _practised(self, owner: str) -> list[Practised]:
        wanted = select(AttemptRow.at, AttemptRow.subject, AttemptRow.correct).where(AttemptRow.owner == owner)
        with self._database.reading() as connection:
            return [Practised(at, subject, correct) for at, subject, correct in connection.execute(wanted)]


def progress_of(practised: Sequence[Practised], due: int, plan: Plan, belief: Belief, now: datetime) -> Progress:
    """Put together what was done and what is believed."""
    today = day_of(now)
    done, right = Counter[date](), Counter[date]()
    for one in practised:
        day = day_of(one.at)
        done[day] += 1
        right[day] += one.correct
    last = [today - timedelta(days=n) for n in reversed(range(_DAYS))]
    return Progress(
        plan, plan.days_left(now), due, done[today], streak_of(done, today), len(practised),
        tuple(Day(day, done[day], right[day]) for day in last), tuple(_subjects(practised, belief)), belief,
        tuple(_steps(due, max(plan.daily_goal - done[today], 0), belief.points)),
    )  # fmt: skip


def streak_of(days: Collection[date], today: date) -> int:
    """How many days in a row hold an answer, up to today, or up to yesterday while today has none."""
    end = today if today in days else today - timedelta(days=1)
    length = 0
    while end - timedelta(days=length) in days:
        length += 1
    return length


def by_need(masteries: Iterable[Mastery]) -> list[Mastery]:
    """Points whose learning is worth most first: how often they are examined, times what is missing."""
    known = points()
    return sorted(
        (m for m in masteries if m.point in known), key=lambda m: (-SHARES[known[m.point].weight] * (1 - m.mean), m.point)
    )


def _subjects(practised: Sequence[Practised], belief: Belief) -> Iterable[SubjectRecord]:
    done = Counter(one.subject for one in practised)
    right = Counter(one.subject for one in practised if one.correct)
    for subject in SUBJECTS:
        if subject in belief.subjects:
            yield SubjectRecord(
                subject, done[subject], right[subject], wilson(right[subject], done[subject]), belief.subjects[subject]
            )


def _steps(due: int, missing: int, masteries: Mapping[str, Mastery]) -> Iterable[Step]:
    """Reviews first: they can't wait. Then new questions up to the day's goal, on weak points, then on unsure and new ones."""
    if due:
        yield Step(due)
    new = missing - due
    ranked = by_need(masteries.values())
    for standing in ("weak", "unsure", "new"):
        for mastery in ranked:
            if new > 0 and standing_of(mastery) == standing:
                yield Step(min(new, _AT_ONCE), points()[mastery.point])
                new -= _AT_ONCE
