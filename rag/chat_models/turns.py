"""A queue for a model that answers one at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event

__all__ = ["Turns"]


class Turns:
    """Lets one in at a time, in the order in which they came; whoever waits may give up.

    `threading.Lock` promises no order: under load a client could wait for ever.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._queue: deque[Event] = deque()

    @contextmanager
    def turn(self, halt: Event) -> Iterator[bool]:
        """Wait for one's turn. Yields False, at once, if `halt` was set meanwhile (call `wake` after setting it)."""
        with self._changed:
            self._queue.append(halt)
            self._changed.wait_for(lambda: self._queue[0] is halt or halt.is_set())
        try:
            yield not halt.is_set()
        finally:
            with self._changed:
                self._queue.remove(halt)
                self._changed.notify_all()

    def wake(self) -> None:
        """Let those who wait look at their `halt`."""
        with self._changed:
            self._changed.notify_all()
