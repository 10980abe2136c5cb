"""How a point stands, in one word: what the estimate is sure of, and nothing where it is not."""

from __future__ import annotations

from typing import Literal

from tutoring.mastery import Mastery

__all__ = ["STANDINGS", "Standing", "standing_of"]

Standing = Literal["new", "weak", "unsure", "firm"]
STANDINGS: dict[Standing, str] = {"weak": "薄弱", "unsure": "还不确定", "firm": "已掌握", "new": "没练过"}
_WEAK, _WEAK_HIGH = 0.5, 0.7
_FIRM, _FIRM_LOW = 0.7, 0.5


def standing_of(mastery: Mastery | None) -> Standing:
    """Weak is a point that is below one half and surely not above 70 %, firm one above 70 % and surely not below one half."""
    if mastery is None or not mastery.attempts:
        return "new"
    if mastery.mean < _WEAK and mastery.high < _WEAK_HIGH:
        return "weak"
    return "firm" if mastery.mean >= _FIRM and mastery.low >= _FIRM_LOW else "unsure"
