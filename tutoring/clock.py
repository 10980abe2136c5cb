"""The time, as everything that keeps a moment is told it: passed in, so that a test can let days go by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

__all__ = ["Clock", "utc_now"]

Clock = Callable[[], datetime]
"""Tells the time, aware of its zone."""


def utc_now() -> datetime:
    """The clock of a real program."""
    return datetime.now(UTC)
