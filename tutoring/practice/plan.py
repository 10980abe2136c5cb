"""What a learner has set: the day of the exam, how many questions a day, how surely things should be remembered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session as Connection

from errors import UsageError
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import PlanRow
from tutoring.practice.cards import reschedule
from tutoring.practice.days import day_of, start_of
from tutoring.practice.scheduling import Aim

__all__ = ["GOALS", "RETENTIONS", "Plan", "Plans", "plan_in"]

GOALS = (1, 500)
RETENTIONS = (0.7, 0.97)
"""FSRS gets dear above: at 97 % a card comes about four times as often as at 90 %."""
_YEARS = (2000, 2200)


@dataclass(frozen=True)
class Plan:
    """A plan; the defaults are those of a learner who has set nothing."""

    exam_date: date | None = None
    daily_goal: int = 20
    retention: float = 0.9

    @property
    def aim(self) -> Aim:
        """What the reviews lead to."""
        return Aim(start_of(self.exam_date) if self.exam_date else None, self.retention)

    def days_left(self, now: datetime) -> int | None:
        """Days until the exam: 0 on its day, negative when it is over; None without a date."""
        return (self.exam_date - day_of(now)).days if self.exam_date else None


class Plans:
    """The plans of learners. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def of(self, owner: str) -> Plan:
        """A learner's plan; the default one if there is none."""
        with self._database.reading() as connection:
            return plan_in(connection, owner)

    def save(self, owner: str, plan: Plan) -> None:
        """Keep a plan, and, if it aims at something else, set the cards' due dates by it, together.

        Raises:
            UsageError: a value is out of bounds.
        """
        _check(plan)
        now = self._clock()
        with self._database.writing(owner) as connection:
            before = plan_in(connection, owner)
            connection.merge(
                PlanRow(
                    owner=owner, exam_date=plan.exam_date, daily_goal=plan.daily_goal, retention=plan.retention, updated_at=now
                )
            )
            connection.flush()
            if plan.aim != before.aim:
                reschedule(connection, owner, plan.aim, now)


def plan_in(connection: Connection, owner: str) -> Plan:
    """A learner's plan, within what else is read or written."""
    row = connection.get(PlanRow, owner)
    return Plan(row.exam_date, row.daily_goal, row.retention) if row else Plan()


def _check(plan: Plan) -> None:
    if not GOALS[0] <= plan.daily_goal <= GOALS[1]:
        raise UsageError(f"每天的题数是 {plan.daily_goal}，应在 {GOALS[0]} 到 {GOALS[1]} 之间。")
    if not RETENTIONS[0] <= plan.retention <= RETENTIONS[1]:
        raise UsageError(f"复习时希望记住的比例应在 {RETENTIONS[0]:.0%} 到 {RETENTIONS[1]:.0%} 之间。")
    if plan.exam_date and not _YEARS[0] <= plan.exam_date.year <= _YEARS[1]:
        raise UsageError(f"考试日期的年份是 {plan.exam_date.year}，请检查是否写错。")
