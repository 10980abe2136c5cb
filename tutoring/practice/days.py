"""Days as the learner counts them: by the zone of the machine. Moments stay in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

__all__ = ["day_of", "next_day", "start_of"]


def day_of(moment: datetime) -> date:
    """The day on which a moment falls here."""
    return moment.astimezone().date()


def start_of(day: date) -> datetime:
    """The first moment of a day here, in UTC. A day is not always 24 hours long."""
    return datetime.combine(day, time()).astimezone(UTC)


def next_day(moment: datetime) -> datetime:
    """The first moment of the day after this one, in UTC."""
    return start_of(day_of(moment) + timedelta(days=1))
