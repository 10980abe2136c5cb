"""A place of a reply that calls a letter the answer."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SEVERAL", "STRANGE", "Claim"]

SEVERAL, STRANGE = "写了几个不同的选项", "写的答案不是 A、B、C、D 之一"


@dataclass(frozen=True)
class Claim:
    """A letter that is called the answer, and where; '' with a reason where several letters are, or none of A–D."""

    start: int
    end: int
    letter: str
    reason: str = ""
