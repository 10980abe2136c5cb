"""Ctrl-C and a cluster's SIGTERM while training: the step is finished and saved before the run stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Interruption"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Inside of it the first signal is a request, the second stops at once.

    Args:
        tell: says to the user what will happen.
        active: whether it does anything; with several processes the launcher stops them, and the last checkpoint stays.
    """

    def __init__(self, tell: Callable[[str], None], active: bool = True) -> None:
        self._tell = tell
        self._active = active and threading.current_thread() is threading.main_thread()
        self._before: dict[int, Any] = {}
        self.requested = False

    def __enter__(self) -> Self:
        if self._active:
            self._before = {number: signal.signal(number, self._heard) for number in _SIGNALS}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _heard(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        self._tell("收到中断：做完这一步、存下检查点就停（再按一次 Ctrl-C 立即停）。")
