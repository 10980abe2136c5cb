"""The time as answers tell it."""

from __future__ import annotations

from datetime import datetime

__all__ = ["told"]


def told(moment: datetime) -> str:
    """`YYYY-MM-DD HH:MM:SS` in this machine's zone, as EduChat writes it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S")
