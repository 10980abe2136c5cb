"""Answers of the bank's questions of chapter co.6, computed from their stems."""

import math
from collections.abc import Callable
from fractions import Fraction


def _co_6_2_1() -> str:
    cycle = Fraction(10**9, 200 * 10**6)
    nanoseconds = cycle + 30 + cycle * Fraction(64, 64 // 8)
    return f"{float(64 / nanoseconds * 1000):.1f} MB/s"


def _co_6_2_2() -> str:
    return str(5_120_000_000 * 8 // (320_000_000 * 4))


def _co_6_3_1() -> str:
    before, after = ((1 + math.ceil(70 / cycle) + 1) * cycle for cycle in (15, 10))
    return f"{before - after} ns"


ANSWERS: dict[str, Callable[[], str]] = {
    "co.6.2-1": _co_6_2_1,
    "co.6.2-2": _co_6_2_2,
    "co.6.3-1": _co_6_3_1,
}
