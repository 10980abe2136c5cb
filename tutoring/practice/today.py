"""What a learner has done today."""

from __future__ import annotations

from sqlalchemy import Integer, cast, func, select

from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import AttemptRow
from tutoring.practice.days import day_of, start_of

__all__ = ["done_today"]


def done_today(database: Database, owner: str, clock: Clock = utc_now) -> tuple[int, int]:
    """Answers since the day began here, and how many were right; those of exams count too.

    Raises:
        StorageError: the database can't be read.
    """
    begun = start_of(day_of(clock()))
    wanted = select(func.count(), func.sum(cast(AttemptRow.correct, Integer))).where(
        AttemptRow.owner == owner, AttemptRow.at >= begun
    )
    with database.reading() as connection:
        done, right = connection.execute(wanted).one()
    return done, right or 0
