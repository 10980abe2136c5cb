"""Answers of the bank's questions of chapter cn.2, computed from their stems."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise


def _cn_2_1_1() -> str:
    first = Fraction(10_000, 5) * int(math.log2(8))  # 0.5 ms a symbol, 3 bit a symbol
    return f"{first / 2} bit/s"  # Manchester: two signal elements a bit


def _cn_2_1_2() -> str:
    rate = 2400 * int(math.log2(4))
    bits = Fraction(rate * 3, 2) / Fraction(2400, 2)
    assert bits.denominator == 1
    return str(2 ** int(bits))


def _cn_2_2_1() -> str:
    width, wanted = 5000, 40_000
    log = {101: 6.66, 201: 7.65, 1001: 9.97}
    reached = [
        f"{states} 种状态，信噪比 {ratio}"
        for states, ratio in [(16, 1000), (64, 200), (32, 100), (8, 1000)]
        if min(2 * width * math.log2(states), width * log[ratio + 1]) >= wanted
    ]
    (answer,) = reached
    return answer


def _cn_2_2_2() -> str:
    ratio = 15
    wanted = 2 * math.log2(1 + ratio)
    factor = next(times for times in range(1, 1000) if math.log2(1 + ratio * times) >= wanted)
    assert math.log2(1 + ratio * factor) == wanted
    return f"{factor} 倍"


def _cn_2_2_3() -> str:
    symbols = 2 * 8_000_000  # Nyquist, elements of two levels
    return f"{symbols // 2 // 10**6} Mb/s"  # Manchester: two elements a bit


def _differential_manchester(bits: str, before: int) -> list[tuple[int, int]]:
    halves: list[tuple[int, int]] = []
    level = before
    for bit in bits:
        first = 1 - level if bit == "0" else level
        level = 1 - first
        halves.append((first, level))
    return halves


def _manchester(bits: str) -> list[tuple[int, int]]:
    return [(int(bit), 1 - int(bit)) for bit in bits]


def _cn_2_3_1() -> str:
    names = "低高"
    return "、".join(names[a] + names[b] for a, b in _differential_manchester("01101", 1))


def _cn_2_3_2() -> str:
    rate = 2 * 15 * int(math.log2(1024))
    return f"{math.ceil(Fraction(rate, int(math.log2(8 * 4))))} kBaud"


def _changes(levels: Sequence[int]) -> int:
    return sum(a != b for a, b in pairwise(levels))


def _cn_2_3_3() -> str:
    bits = "1" * 100
    nrzi: list[int] = []
    level = 1
    for bit in bits:
        level = 1 - level if bit == "0" else level
        nrzi.append(level)
    counts = {
        "NRZI": _changes(nrzi),
        "曼彻斯特编码": _changes([half for pair in _manchester(bits) for half in pair]),
        "差分曼彻斯特编码": _changes([half for pair in _differential_manchester(bits, 1) for half in pair]),
    }
    assert len(set(counts.values())) == len(counts)
    return "、".join(sorted(counts, key=lambda name: counts[name]))


ANSWERS: dict[str, Callable[[], str]] = {
    "cn.2.1-1": _cn_2_1_1,
    "cn.2.1-2": _cn_2_1_2,
    "cn.2.2-1": _cn_2_2_1,
    "cn.2.2-2": _cn_2_2_2,
    "cn.2.2-3": _cn_2_2_3,
    "cn.2.3-1": _cn_2_3_1,
    "cn.2.3-2": _cn_2_3_2,
    "cn.2.3-3": _cn_2_3_3,
}
