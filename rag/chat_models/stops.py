"""Ending an answer at the first of some strings, while it streams."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["StopStrings"]


class StopStrings:
    """Passes text on up to the first stop string, which is left out itself.

    What may be the beginning of one is held back until it is known to be none.

    Attributes:
        met: whether a stop string has been seen; nothing is passed on any more.
    """

    def __init__(self, stops: Sequence[str] | None) -> None:
        self.met = False
        self._stops = [stop for stop in stops or () if stop]
        self._held = ""

    def push(self, text: str) -> str:
        """What can be shown of the text so far and has not been shown yet."""
        if self.met:
            return ""
        self._held += text
        places = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        self.met = bool(places)
        return self._take(min(places) if places else len(self._held) - self._begun())

    def finish(self) -> str:
        """What was held back, once the text has ended."""
        return "" if self.met else self._take(len(self._held))

    def _begun(self) -> int:
        """Length of the longest end of the text that is a beginning of a stop string."""
        lengths = (n for stop in self._stops for n in range(1, len(stop)) if self._held.endswith(stop[:n]))
        return max(lengths, default=0)

    def _take(self, end: int) -> str:
        taken, self._held = self._held[:end], self._held[end:]
        return taken
