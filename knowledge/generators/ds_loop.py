"""Loops: how often the basic operation runs."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Loop:
    """The kind of loop, its bound n and its factor k (where the kind has one)."""

    kind: str
    n: int
    k: int


@dataclass(frozen=True)
class _Count:
    """The count, the counts of typical mistakes, why, and the order of growth."""

    count: int
    mistakes: list[int]
    why: str
    growth: str


_CODE = {
    "multiply": "i = 1; while (i <= n) {{ count++; i = i * {k}; }}",
    "triangle": "for (i = 1; i <= n; i++) for (j = i; j <= n; j++) count++;",
    "below": "for (i = 1; i < n; i++) for (j = 1; j <= i; j++) count++;",
    "root": "i = 0; while ((i + 1) * (i + 1) <= n) {{ count++; i++; }}",
    "partial": "i = 0; sum = 0; while (sum < n) {{ i++; sum = sum + i; count++; }}",
    "outer": "for (i = 1; i <= n; i = i * {k}) for (j = 1; j <= n; j++) count++;",
    "inner": "for (i = 1; i <= n; i = i * 2) for (j = 1; j <= i; j++) count++;",
    "triple": "for (i = 1; i <= n; i++) for (j = 1; j <= i; j++) for (k = 1; k <= j; k++) count++;",
}
_BY_DIFFICULTY = (
    ("multiply", "triangle"),
    ("triangle", "below", "multiply"),
    ("root", "partial", "below", "outer"),
    ("outer", "inner", "partial"),
    ("inner", "triple", "outer"),
)


def _sample(rng: random.Random, difficulty: int) -> Loop:
    kind = rng.choice(_BY_DIFFICULTY[difficulty - 1])
    top = {"multiply": 1000, "root": 400, "partial": 300, "triple": 16, "outer": 130, "inner": 300}.get(kind, 60)
    return Loop(kind, rng.randrange(max(6, top // 10), top), rng.choice([2, 3]) if kind in ("multiply", "outer") else 2)


def _log(n: int, base: int) -> int:
    """The whole part of the logarithm, without rounding errors."""
    power = 0
    while base ** (power + 1) <= n:
        power += 1
    return power


def _multiply(n: int, k: int) -> _Count:
    t = _log(n, k)
    why = f"第 t 次执行时 i = {k}^(t-1)，要求 {k}^(t-1) <= {n}。{k}^{t} = {k**t} <= {n}，而 {k}^{t + 1} = {k ** (t + 1)} > {n}，所以 t 最大为 {t} + 1 = {t + 1}"
    return _Count(t + 1, [t, t + 2, n // k, t - 1, t + 3, n], why, "O(log n)")


def _triangle(n: int, k: int) -> _Count:
    count = n * (n + 1) // 2
    why = f"i 取 1～{n}，内层各执行 {n}、{n - 1}、…、1 次，共 {n} × {n + 1} ÷ 2 = {count} 次"
    return _Count(
        count, [n * (n - 1) // 2, n * n, count + n + 1, n * n // 2, count - n - 1 + 2, (n - 1) ** 2 // 2], why, "O(n^2)"
    )


def _below(n: int, k: int) -> _Count:
    count = n * (n - 1) // 2
    why = f"i 取 1～{n - 1}（i < n，取不到 {n}），内层各执行 i 次，共 1 + 2 + … + {n - 1} = {n - 1} × {n} ÷ 2 = {count} 次"
    return _Count(
        count, [n * (n + 1) // 2, (n - 1) * (n - 2) // 2, (n - 1) ** 2, n * n // 2, (n - 1) ** 2 // 2, n * n // 4], why, "O(n^2)"
    )


def _root(n: int, k: int) -> _Count:
    r = math.isqrt(n)
    why = (
        f"第 t 次执行要求 t × t <= {n}。{r} × {r} = {r * r} <= {n}，而 {r + 1} × {r + 1} = {(r + 1) ** 2} > {n}，所以执行 {r} 次"
    )
    return _Count(r, [r + 1, r - 1, _log(n, 2) + 1, n // 2], why, "O(n^(1/2))")


def _partial(n: int, k: int) -> _Count:
    t = (math.isqrt(8 * n - 7) + 1) // 2
    before, after = t * (t - 1) // 2, t * (t + 1) // 2
    why = (
        f"执行 t 次后 sum = 1 + 2 + … + t = t(t+1)/2。t = {t - 1} 时 sum = {before} < {n}，还要执行；"
        f"t = {t} 时 sum = {after} >= {n}，循环结束，所以执行 {t} 次"
    )
    return _Count(t, [t - 1, t + 1, math.isqrt(n), n], why, "O(n^(1/2))")


def _outer(n: int, k: int) -> _Count:
    t = _log(n, k)
    why = f"外层 i 取 1、{k}、…、{k}^{t} = {k**t}，共 {t + 1} 个值；内层每次都执行 {n} 次，共 {t + 1} × {n} = {(t + 1) * n} 次"
    total = sum(k**e for e in range(t + 1))
    return _Count((t + 1) * n, [t * n, total, n * n, (t + 2) * n], why, "O(n log n)")


def _inner(n: int, k: int) -> _Count:
    t = _log(n, 2)
    count = 2 ** (t + 1) - 1
    why = f"外层 i 取 1、2、4、…、2^{t} = {2**t}，内层各执行 i 次，共 1 + 2 + 4 + … + {2**t} = 2^{t + 1} - 1 = {count} 次"
    return _Count(count, [(t + 1) * n, 2**t - 1, 2 * n - 1, n * (n + 1) // 2], why, "O(n)")


def _triple(n: int, k: int) -> _Count:
    count = n * (n + 1) * (n + 2) // 6
    why = (
        f"i 固定时内两层执行 1 + 2 + … + i = i(i+1)/2 次；对 i = 1～{n} 求和得 n(n+1)(n+2)/6 = "
        f"{n} × {n + 1} × {n + 2} ÷ 6 = {count} 次"
    )
    return _Count(count, [n * (n - 1) * (n - 2) // 6, n * (n + 1) * (2 * n + 1) // 6, n**3, n * (n + 1) // 2], why, "O(n^3)")


# why the first mistake of each kind is wrong
_SLIPS = {
    "multiply": "漏了 i = 1 的那一次",
    "triangle": "漏了 j = i 的那一次",
    "below": "误把 i < n 当成 i <= n",
    "root": "多算了条件已不成立的一次",
    "partial": "少算了使 sum 达到 n 的最后一次",
    "outer": "漏了 i = 1 的那一轮",
    "inner": "误以为内层每轮都执行 n 次，其实只执行 i 次",
    "triple": "误把内层的 <= 都当成 <",
}

_COUNTS: dict[str, Callable[[int, int], _Count]] = {
    "multiply": _multiply, "triangle": _triangle, "below": _below, "root": _root,
    "partial": _partial, "outer": _outer, "inner": _inner, "triple": _triple,
}  # fmt: skip


def _ask(loop: Loop) -> str:
    code = _CODE[loop.kind].format(k=loop.k)
    return f"设 n = {loop.n}，count 的初值为 0，变量均为 int 型。执行程序段 {code} 之后，语句 count++ 执行的次数是"


def _solve(loop: Loop) -> Solution:
    result = _COUNTS[loop.kind](loop.n, loop.k)
    steps = f"{result.why}。count++ 共执行 {result.count} 次，时间复杂度为 {result.growth}。得 {result.mistakes[0]} 是{_SLIPS[loop.kind]}。"
    return Solution(str(result.count), [str(m) for m in result.mistakes if m > 0], steps)


FAMILIES = [Family("ds-loop-complexity", "循环中基本操作的执行次数", "ds", ("ds.1.2",), _sample, _ask, _solve)]
