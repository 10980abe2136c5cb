"""Mastery of many learners, computed again only when one has answered, or an hour has passed."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from tutoring.attempts import Attempts
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.mastery import Belief, Mastery, believed

__all__ = ["LearnersMastery"]

_KEPT = 200
"""Learners. A table of 224 points takes about 60 kB."""
_HOUR = 3600


class LearnersMastery:
    """What is believed of each learner now. Any thread may ask; of several that ask at once for the same learner, each computes."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._attempts = Attempts(database, clock)
        self._clock = clock
        self._known: OrderedDict[str, tuple[tuple[int, int], Belief]] = OrderedDict()
        self._lock = Lock()

    def of(self, owner: str) -> dict[str, Mastery]:
        """The mastery of every point; don't change the table.

        Raises:
            StorageError: as `belief`.
        """
        return self.belief(owner).points

    def belief(self, owner: str) -> Belief:
        """The mastery of every point and subject; don't change the tables.

        Raises:
            StorageError: the database can't be read.
        """
        now = self._clock()
        state = self._attempts.count(owner), int(now.timestamp()) // _HOUR
        with self._lock:
            if (known := self._known.get(owner)) and known[0] == state:
                self._known.move_to_end(owner)
                return known[1]
        found = believed(self._attempts.of(owner), now)
        with self._lock:
            self._known[owner] = state, found
            self._known.move_to_end(owner)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return found
