"""What the answers of several chapters compute with."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction


def store_and_forward(count: int, slots: Sequence[Fraction]) -> list[list[Fraction]]:
    """Finish times [link][packet] of equal packets sent back to back over links with the given sending times."""
    ready = [Fraction(0)] * count
    finished: list[list[Fraction]] = []
    for slot in slots:
        free = Fraction(0)
        row: list[Fraction] = []
        for at in ready:
            free = max(free, at) + slot
            row.append(free)
        finished.append(row)
        ready = row
    return finished
