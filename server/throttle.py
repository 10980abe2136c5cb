"""How often passwords may be guessed: a few times at once, then ever more slowly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from tutoring.clock import Clock

__all__ = ["Throttle"]

_FORGOTTEN = timedelta(hours=1)
_REMEMBERED = 10_000


@dataclass
class _Tries:
    count: int
    last: datetime


class Throttle:
    """Counts what failed, by key, in the memory of this process.

    Args:
        free: so many tries need not wait.
        longest: seconds that one has to wait at most, lest anybody can shut another out for long.
    """

    def __init__(self, clock: Clock, free: int, longest: int = 300) -> None:
        self._clock = clock
        self._free = free
        self._longest = longest
        self._tries: dict[str, _Tries] = {}

    def wait(self, key: str) -> int:
        """Seconds until the next try is looked at; 0 if at once."""
        tries = self._tries.get(key)
        if tries is None or tries.count < self._free:
            return 0
        pause = min(1 << min(tries.count - self._free + 1, 20), self._longest)
        passed = (self._clock() - tries.last).total_seconds()
        return max(0, ceil(pause - passed)) if passed >= 0 else pause

    def tried(self, key: str) -> None:
        """Count a try before its outcome is known: many at once are many."""
        now = self._clock()
        tries = self._tries.pop(key, None)
        fresh = tries is not None and now - tries.last < _FORGOTTEN
        self._tries[key] = _Tries((tries.count if tries and fresh else 0) + 1, now)
        if len(self._tries) > _REMEMBERED:
            del self._tries[next(iter(self._tries))]

    def take_back(self, key: str) -> None:
        """This try is not counted."""
        if tries := self._tries.get(key):
            tries.count -= 1

    def succeeded(self, key: str) -> None:
        """Whoever knows the password was no guesser."""
        self._tries.pop(key, None)
