"""When a card is seen again: FSRS (py-fsrs), compressed toward the day of the exam.

FSRS asks again when the chance to remember has fallen to the wanted retention. It knows of no exam: a card that it would show
in four months is never seen before an exam in three. So, while the exam lies ahead, a card comes at the latest after half of
the time that is left. Halves make a last round by themselves: whoever reviews on time sees each card again in the
last seven days, for from any moment before them the next half ends either before them, and is followed by another, or in them.
Besides, the wanted retention rises over the last 60 days, for what counts is what is remembered on one day, not on average.
An answer that was right is not asked again on the same day; on the last day it is done with.

There are no learning steps of minutes: the explanation has just been read, and after ten minutes it is still in the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from fsrs import Card, Rating, Scheduler

from tutoring.practice.days import next_day

__all__ = ["Aim", "Rating", "first_due", "new_state", "reviewed", "retention_near"]

_RISE = timedelta(days=60)
_HIGHEST = 0.95
"""Retention wanted on the day of the exam. More would double the reviews for little: FSRS's intervals shrink as 1/R² − 1."""
_STEP = 0.005
"""Retention is rounded to it, so that few schedulers are made."""


@dataclass(frozen=True)
class Aim:
    """What reviews lead to: `end` is the first moment of the exam's day, None without one; `retention` is wanted until then."""

    end: datetime | None
    retention: float

    def ahead(self, now: datetime) -> bool:
        """Whether the exam is still to come."""
        return self.end is not None and now < self.end


def new_state(now: datetime) -> str:
    """The state of a card that was never reviewed."""
    return Card(card_id=0, due=now.astimezone(UTC)).to_json()


def reviewed(state: str, rating: Rating, now: datetime, aim: Aim) -> tuple[str, datetime]:
    """The state after a review at `now`, and when the card is due: after `now`, and not after the exam while that lies ahead."""
    now = now.astimezone(UTC)
    card, _ = _scheduler(retention_near(now, aim)).review_card(Card.from_json(state), rating, now)
    return card.to_json(), _compressed(card.due, now, aim, right=rating is not Rating.Again)


def first_due(state: str, now: datetime, aim: Aim, right: bool) -> datetime:
    """When a reviewed card is due for another aim; `right` is how its last review ended. What was due before `now` stays so."""
    card = Card.from_json(state)
    if card.last_review is None or card.stability is None:
        return card.due
    plain = card.last_review + timedelta(days=_interval(card.stability, retention_near(now, aim)))
    return _compressed(plain, now, aim, right)


def retention_near(now: datetime, aim: Aim) -> float:
    """The wanted chance to remember: the plan's, rising on a line to 95 % over the last 60 days."""
    if aim.end is None or not aim.ahead(now):
        return aim.retention
    near = max(0.0, 1 - (aim.end - now) / _RISE)
    wanted = aim.retention + near * (max(_HIGHEST, aim.retention) - aim.retention)
    return round(round(wanted / _STEP) * _STEP, 3)


def _compressed(plain: datetime, now: datetime, aim: Aim, right: bool) -> datetime:
    if aim.end is None or not aim.ahead(now):
        return plain
    latest = now + (aim.end - now) / 2
    if right:
        latest = max(latest, next_day(now))
    return min(plain, latest, aim.end)


def _interval(stability: float, retention: float) -> int:
    """Whole days until the chance has fallen to `retention`: FSRS's forgetting curve (1 + f·t/S)^d, solved for t."""
    decay: float = -_scheduler(retention).parameters[20]
    factor: float = 0.9 ** (1 / decay) - 1
    days: float = stability / factor * (retention ** (1 / decay) - 1)
    return min(max(round(days), 1), 36500)


@lru_cache(maxsize=128)
def _scheduler(retention: float) -> Scheduler:
    return Scheduler(desired_retention=retention, learning_steps=(), relearning_steps=(), enable_fuzzing=False)
