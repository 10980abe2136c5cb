"""The time of an exam, by the server's clock alone.

It runs on by the wall clock while `resumed_at` is set, whether a browser is open or not. Every few seconds an open page has it
written down. What lies between the last time it was written and a new start of the program was most likely a crash: if that is
more than a minute it doesn't count, and the exam waits, paused, until the learner goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

__all__ = ["FORGIVEN_SECONDS", "Timing", "clock_face"]

FORGIVEN_SECONDS = 60
"""A break of the program up to this long is not worth stopping an exam."""


@dataclass(frozen=True)
class Timing:
    """Seconds: `limit` in all, `used` up to `resumed_at`; it runs while that is set."""

    limit: int
    used: int
    resumed_at: datetime | None

    def used_at(self, now: datetime) -> int:
        """Whole seconds that are used, at most all. A clock that was set back takes nothing away."""
        return min(self.used + self._running(now), self.limit)

    def left_at(self, now: datetime) -> int:
        """Seconds that are left."""
        return self.limit - self.used_at(now)

    def over_at(self, now: datetime) -> bool:
        """Whether it is over."""
        return self.left_at(now) <= 0

    @property
    def end(self) -> datetime | None:
        """The moment at which it is over if nobody pauses; None while it doesn't run."""
        return self.resumed_at + timedelta(seconds=self.limit - self.used) if self.resumed_at else None

    def written(self, now: datetime) -> Timing:
        """The same time with what has passed counted in, to the whole second: no part of a second is lost by writing often."""
        if self.resumed_at is None:
            return self
        passed = self._running(now)
        since = self.resumed_at + timedelta(seconds=passed)
        return replace(self, used=min(self.used + passed, self.limit), resumed_at=min(since, now))

    def paused(self, now: datetime) -> Timing:
        """Stopped."""
        return replace(self, used=self.used_at(now), resumed_at=None)

    def resumed(self, now: datetime) -> Timing:
        """Running; from now on if it was not."""
        return self if self.resumed_at else replace(self, resumed_at=now)

    def break_before(self, started: datetime) -> int:
        """Seconds between the last time it was written and the start of this program, if that is a break to be forgiven; else 0."""
        gap = int((started - self.resumed_at).total_seconds()) if self.resumed_at else 0
        return gap if gap > FORGIVEN_SECONDS else 0

    def _running(self, now: datetime) -> int:
        return max(int((now - self.resumed_at).total_seconds()), 0) if self.resumed_at else 0


def clock_face(seconds: int) -> str:
    """`2:59:59`, `14:05`."""
    minutes, rest = divmod(max(seconds, 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
