"""A learner's attempts as choosing needs them, kept in memory: thousands are read once, then only what is new.

The database stays the truth: each look asks it for its count and its newest row, and reads everything again if they don't fit.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tutoring.attempts import Attempt, Attempts
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.mastery import Mastery, masteries

__all__ = ["History", "Past"]

_LEARNERS = 32
"""Kept in memory, those who were here last; 5,000 attempts are about 3 MB."""
_STALE_AFTER = 5
_STALE_TIME = timedelta(minutes=10)
"""Beliefs are estimated again after so many answers, or so long: one answer hardly moves what comes next, and 25 ms are felt."""


@dataclass
class Past:
    """What a learner has done: question id → number of its latest attempt (from 1), ids of families, and beliefs by point."""

    newest: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    families: set[str] = field(default_factory=set)
    beliefs: Mapping[str, Mastery] = field(default_factory=dict)
    believed: tuple[int, datetime] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, attempts: list[Attempt], newest: int) -> None:
        """Take in what is new."""
        for number, attempt in enumerate(attempts, len(self.attempts) + 1):
            self.seen[attempt.question] = number
            if attempt.family:
                self.families.add(attempt.family)
        self.attempts += attempts
        self.newest = newest


class History:
    """The pasts of the learners who were here last. `of` may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._attempts = Attempts(database, clock)
        self._clock = clock
        self._pasts: OrderedDict[str, Past] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, owner: str) -> Past:
        """A learner's past, up to date; not to be changed."""
        past = self._past(owner)
        with past.lock:
            newest, count = self._attempts.extent(owner)
            if (newest, count) != (past.newest, len(past.attempts)):
                new = self._attempts.newer(owner, past.newest)
                if len(past.attempts) + len(new) != count:  # rows went, or another process's came late
                    past.attempts, past.seen, past.families, past.believed = [], {}, set(), None
                    new = self._attempts.newer(owner, 0)
                past.add(new, newest)
            self._believe(past)
        return past

    def _past(self, owner: str) -> Past:
        with self._lock:
            past = self._pasts.setdefault(owner, Past())
            self._pasts.move_to_end(owner)
            while len(self._pasts) > _LEARNERS:
                self._pasts.popitem(last=False)
        return past

    def _believe(self, past: Past) -> None:
        count, now = len(past.attempts), self._clock()
        if past.believed and count - past.believed[0] < _STALE_AFTER and abs(now - past.believed[1]) < _STALE_TIME:
            return
        past.beliefs, past.believed = masteries(past.attempts, now), (count, now)
