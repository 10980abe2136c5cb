"""Answers of the bank's questions of chapter ds.1, computed from their stems."""

from __future__ import annotations

import math
from collections.abc import Callable

from tests.unit.knowledge.bank_answers.shared_ds_1_to_5 import growth


def _ds_1_2_1() -> str:
    def cost(n: int) -> int:
        steps, i = 0, n
        while i >= 1:
            steps += len(range(1, n + 1, i))
            i //= 3
        return steps

    orders: dict[str, Callable[[float], float]] = {
        "O(n^2)": lambda n: n * n,
        "O(n log2(n))": lambda n: n * math.log2(n),
        "O(log2(n))": math.log2,
        "O(n)": lambda n: n,
    }
    return growth(cost, [10**k for k in range(2, 15)], orders)


def _ds_1_2_2() -> str:
    def cost(exponent: int) -> int:
        n, i, k = 2**exponent, 3, 0
        while i < n:
            i, k = i * i, k + 1
        return k

    # the size given is log2(n), so that n itself may be huge
    orders: dict[str, Callable[[float], float]] = {
        "O(log2(log2(n)))": math.log2,
        "O((log2(n))^2)": lambda e: e * e,
        "O(log2(n))": lambda e: e,
        "O(√n)": lambda e: 2.0 ** (e / 2),
    }
    return growth(cost, [2**k for k in range(3, 11)], orders)


def _ds_1_2_3() -> str:
    n = 12
    return str(sum(1 for i in range(1, n + 1) for _ in range(i, n + 1, i)))


def _ds_1_3_1() -> str:
    def time(n: int) -> int:
        return 1 if n <= 1 else n + 4 * time(n // 2)

    def depth(n: int) -> int:
        return 1 if n <= 1 else 1 + depth(n // 2)

    orders: dict[str, Callable[[float], float]] = {
        "O(n log2(n))": lambda n: n * math.log2(n),
        "O(log2(n))": math.log2,
        "O(n)": lambda n: n,
        "O(n^2)": lambda n: n * n,
    }
    sizes = [2**k for k in range(8, 40)]
    return f"{growth(time, sizes, orders)} 和 {growth(depth, sizes, orders)}"


def _ds_1_3_2() -> str:
    def g(n: int) -> tuple[int, int]:
        if n < 3:
            return 1, 1
        (calls_1, depth_1), (calls_3, depth_3) = g(n - 1), g(n - 3)
        return 1 + calls_1 + calls_3, 1 + max(depth_1, depth_3)

    calls, depth = g(7)
    return f"{calls} 和 {depth}"


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.1.2-1": _ds_1_2_1,
    "ds.1.2-2": _ds_1_2_2,
    "ds.1.2-3": _ds_1_2_3,
    "ds.1.3-1": _ds_1_3_1,
    "ds.1.3-2": _ds_1_3_2,
}
