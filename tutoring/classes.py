"""What a teacher sees of a class: its learners, its weakest points, and the questions that they report as wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from sqlalchemy import case, func, select, update

from errors import UsageError
from knowledge.subjects import SUBJECTS
from tutoring.accounts import Account, Accounts, Role
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import AttemptRow, ErrorReportRow
from tutoring.mastery import Belief, Mastery
from tutoring.mastery_cache import LearnersMastery
from tutoring.owners import OWNER_PREFIX
from tutoring.tables import SessionRow

__all__ = ["EVERYBODY", "ClassPicture", "Classes", "LearnerPicture", "Report", "WeakPoint"]

EVERYBODY = ":all:"
"""Stands for all classes; no class is called so. Only an admin may see them."""
_WEEK = timedelta(days=7)
_SHOWN_POINTS, _SHOWN_REPORTS = 15, 100


@dataclass(frozen=True)
class LearnerPicture:
    """A learner of a class.

    Attributes:
        attempts, right: answers of the last 7 days, and how many of them were right.
        mean, low, high: mastery in [0, 1] over all subjects, with its 90 % interval.
        seen: the last answer or question; None for never.
    """

    name: str
    class_name: str
    attempts: int
    right: int
    mean: float
    low: float
    high: float
    seen: datetime | None


@dataclass(frozen=True)
class WeakPoint:
    """A point of the syllabus, over the learners who have answered on it: the mean of their mastery, and how many they are."""

    point: str
    mean: float
    low: float
    high: float
    learners: int


@dataclass(frozen=True)
class Report:
    """A question that a learner says is wrong."""

    id: int
    learner: str
    question: str
    text: str
    at: datetime


@dataclass(frozen=True)
class ClassPicture:
    """A class: learners by name, points with the lowest mastery first."""

    learners: tuple[LearnerPicture, ...]
    weakest: tuple[WeakPoint, ...]


class Classes:
    """The classes that an account may see; a learner sees none. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock
        self._accounts = Accounts(database, clock)
        self._mastery = LearnersMastery(database, clock)

    def role(self, owner: str) -> Role:
        """What `owner` may do with classes; the single user of a machine has none to look at."""
        viewer = self._accounts.of(owner)
        return viewer.role if viewer and not viewer.disabled else "learner"

    def names(self, owner: str) -> tuple[str, ...]:
        """The classes that `owner` may see, '' for learners without one; () for a learner."""
        viewer = self._accounts.of(owner)
        if viewer is None or viewer.disabled or viewer.role == "learner":
            return ()
        if viewer.role == "teacher":
            return (viewer.class_name,) if viewer.class_name else ()
        found = {one.class_name for one in self._accounts.list() if one.role == "learner"}
        return (EVERYBODY, *sorted(found))

    def picture(self, owner: str, class_name: str) -> ClassPicture:
        """How a class is doing.

        Raises:
            UsageError: `owner` may not see it.
        """
        learners = self._learners(owner, class_name)
        weeks, seen = self._weeks(), self._seen()
        known = {one.owner: self._mastery.belief(one.owner) for one in learners}
        pictures = [_learner(one, weeks.get(one.owner, (0, 0)), known[one.owner], seen.get(one.owner)) for one in learners]
        return ClassPicture(tuple(pictures), _weakest([belief.points for belief in known.values()]))

    def reports(self, owner: str, class_name: str) -> tuple[Report, ...]:
        """The reported errors that nobody has settled yet, latest first.

        Raises:
            UsageError: `owner` may not see that class.
        """
        names = {one.owner: one.name for one in self._learners(owner, class_name)}
        wanted = (
            select(ErrorReportRow).where(ErrorReportRow.settled.is_(False)).order_by(ErrorReportRow.at.desc(), ErrorReportRow.id)
        )
        if class_name != EVERYBODY:
            wanted = wanted.where(ErrorReportRow.owner.in_(names))
        with self._database.reading() as connection:
            rows = connection.scalars(wanted.limit(_SHOWN_REPORTS)).all()
            return tuple(Report(row.id, names.get(row.owner, "（其他账号）"), row.question, row.text, row.at) for row in rows)

    def settle(self, owner: str, class_name: str, report: int) -> None:
        """Mark a report as dealt with; nothing happens to one that is not shown.

        Raises:
            UsageError: `owner` may not see that class.
        """
        wanted = update(ErrorReportRow).where(ErrorReportRow.id == report).values(settled=True)
        if class_name != EVERYBODY:
            wanted = wanted.where(ErrorReportRow.owner.in_([one.owner for one in self._learners(owner, class_name)]))
        else:
            self._check(owner, class_name)
        with self._database.writing() as connection:
            connection.execute(wanted)

    def _check(self, owner: str, class_name: str) -> None:
        if class_name not in self.names(owner):
            raise UsageError("你看不到这个班级：教师只能看自己的班级，学员看不到班级。需要时请管理员调整账号。")

    def _learners(self, owner: str, class_name: str) -> list[Account]:
        self._check(owner, class_name)
        shown = [one for one in self._accounts.list() if one.role == "learner" and not one.disabled]
        return [one for one in shown if class_name in (EVERYBODY, one.class_name)]

    def _weeks(self) -> dict[str, tuple[int, int]]:
        """Answers of the last 7 days and how many were right, by owner."""
        right = func.sum(case((AttemptRow.correct, 1), else_=0))
        wanted = select(AttemptRow.owner, func.count(), right).where(
            AttemptRow.at >= self._clock() - _WEEK, AttemptRow.owner.startswith(OWNER_PREFIX)
        )
        with self._database.reading() as connection:
            rows = connection.execute(wanted.group_by(AttemptRow.owner))
            return {owner: (count, int(correct or 0)) for owner, count, correct in rows}

    def _seen(self) -> dict[str, datetime]:
        """When each was last at work, by owner."""
        found: dict[str, datetime] = {}
        with self._database.reading() as connection:
            for owner_column, moment in ((AttemptRow.owner, AttemptRow.at), (SessionRow.owner, SessionRow.updated_at)):
                for owner, at in connection.execute(select(owner_column, func.max(moment)).group_by(owner_column)):
                    found[owner] = max(at, found.get(owner, at))
        return found


def _learner(account: Account, week: tuple[int, int], belief: Belief, seen: datetime | None) -> LearnerPicture:
    mean, low, high = _overall(belief)
    return LearnerPicture(account.name, account.class_name, *week, mean, low, high, seen)


def _overall(belief: Belief) -> tuple[float, float, float]:
    """Mastery over all subjects, each by its points in the exam; their estimates are independent of each other."""
    weighed = [(SUBJECTS[name].points, one) for name, one in belief.subjects.items() if SUBJECTS[name].points]
    whole = sum(points for points, _ in weighed) or 1
    mean = sum(points * one.mean for points, one in weighed) / whole
    below = sum((points * (one.mean - one.low)) ** 2 for points, one in weighed) ** 0.5 / whole
    above = sum((points * (one.high - one.mean)) ** 2 for points, one in weighed) ** 0.5 / whole
    return mean, mean - below, mean + above


def _weakest(known: Sequence[dict[str, Mastery]]) -> tuple[WeakPoint, ...]:
    """Points on which somebody has answered, the lowest mean first. The interval is that of a mean of independent estimates."""
    found: list[WeakPoint] = []
    for point in known[0] if known else ():
        if told := [table[point] for table in known if table[point].attempts]:
            mean = fmean(one.mean for one in told)
            below = sum((one.mean - one.low) ** 2 for one in told) ** 0.5 / len(told)
            above = sum((one.high - one.mean) ** 2 for one in told) ** 0.5 / len(told)
            found.append(WeakPoint(point, mean, mean - below, mean + above, len(told)))
    return tuple(sorted(found, key=lambda one: (one.mean, one.point))[:_SHOWN_POINTS])
