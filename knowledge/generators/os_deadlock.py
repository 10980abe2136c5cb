"""Deadlock: the safe sequence of the banker's algorithm; the fewest resources without deadlock."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

Vector = tuple[int, ...]


@dataclass(frozen=True)
class State:
    """By process: resources held and the maximum; and what is free."""

    held: tuple[Vector, ...]
    most: tuple[Vector, ...]
    free: Vector


@dataclass(frozen=True)
class Demand:
    """Maximum demands for one resource; `resources` is 0 where their number is asked for, else the processes are."""

    demands: tuple[int, ...]
    resources: int = 0


def _add(a: Iterable[int], b: Iterable[int]) -> Vector:
    return tuple(x + y for x, y in zip(a, b, strict=True))


def _need(state: State, i: int) -> Vector:
    return tuple(m - h for m, h in zip(state.most[i], state.held[i], strict=True))


def _fits(need: Vector, free: Vector) -> bool:
    return all(n <= f for n, f in zip(need, free, strict=True))


def _sample_banker(rng: random.Random, difficulty: int) -> State:
    """A state with exactly one safe sequence: each process needs what the one before it gives back."""
    n, kinds = 3 + (difficulty >= 2) + (difficulty >= 4), 2 if difficulty == 1 else 3
    order, free = rng.sample(range(n), n), tuple(rng.randrange(1, 3) for _ in range(kinds))
    held: list[Vector] = [()] * n
    need: list[Vector] = [()] * n
    work, before = free, (0,) * kinds
    for i in order:
        held[i] = tuple(rng.randrange(0, 3) for _ in range(kinds))
        if not any(held[i]):
            held[i] = (1, *held[i][1:])
        need[i] = tuple(rng.randrange(0, w + 1) for w in work)
        scarce = [k for k in range(kinds) if before[k]]
        if scarce:  # more than was free before the predecessor ended
            k = rng.choice(scarce)
            need[i] = (*need[i][:k], rng.randrange(work[k] - before[k] + 1, work[k] + 1), *need[i][k + 1 :])
        elif not any(need[i]):
            need[i] = free
        before, work = held[i], _add(work, held[i])
    return State(tuple(held), tuple(_add(h, m) for h, m in zip(held, need, strict=True)), free)


def _run(state: State, needs: list[Vector]) -> list[int]:
    """Processes in the order in which they can end, the lowest number first."""
    free, order = state.free, list[int]()
    while True:
        ready = [i for i in range(len(needs)) if i not in order and _fits(needs[i], free)]
        if not ready:
            return order
        order.append(ready[0])
        free = _add(free, state.held[ready[0]])


def _sequence(order: Iterable[int]) -> str:
    return "，".join(f"P{i + 1}" for i in order)


def _vector(v: Iterable[int]) -> str:
    return f"({', '.join(map(str, v))})"


def _ask_banker(state: State) -> str:
    rows = "；".join(
        f"P{i + 1}：已分配 {_vector(h)}，最大需求 {_vector(m)}"
        for i, (h, m) in enumerate(zip(state.held, state.most, strict=True))
    )
    kinds = "、".join("ABC"[: len(state.free)])
    return f"系统有 {kinds} 类资源，采用银行家算法。当前各进程按（{kinds}）的资源数：{rows}；可用资源 {_vector(state.free)}。此时的安全序列是"


def _solve_banker(state: State) -> Solution:
    n = len(state.held)
    needs = [_need(state, i) for i in range(n)]
    order, free, parts = _run(state, needs), state.free, []
    for i in order:
        now, free = free, _add(free, state.held[i])
        parts.append(f"可用 {_vector(now)} ≥ P{i + 1} 的 {_vector(needs[i])}，P{i + 1} 结束后可用 {_vector(free)}")
    steps = (
        f"需求 = 最大需求 - 已分配：{'；'.join(f'P{i + 1} {_vector(v)}' for i, v in enumerate(needs))}。"
        f"每步找需求不超过可用资源的进程，让它结束并归还已分配的资源：{'；'.join(parts)}。"
        f"每一步都只有这一个进程能满足，所以唯一的安全序列是 {_sequence(order)}；其余次序在某一步有资源不够。"
    )
    by_most = sorted(range(n), key=lambda i: (sum(state.most[i]), i))  # judged by maximum, not need
    by_need = sorted(range(n), key=lambda i: (sum(needs[i]), i))  # totals, not kind by kind
    by_held = sorted(range(n), key=lambda i: (-sum(state.held[i]), i))
    swapped = [order[:k] + [order[k + 1], order[k]] + order[k + 2 :] for k in range(n - 1)]  # one step taken too early
    return Solution(_sequence(order), [_sequence(o) for o in (by_need, by_most, *swapped, by_held, range(n))], steps)


def _sample_demand(rng: random.Random, difficulty: int) -> Demand:
    if difficulty <= 2:
        return Demand((rng.randrange(2, 7),) * rng.randrange(3, 9))
    if difficulty == 3 or rng.random() < 0.3:  # how many processes a number of resources allows
        most = rng.randrange(3, 7)
        return Demand((most,), rng.randrange(3 * most, 8 * most))
    return Demand(tuple(rng.randrange(2, 8) for _ in range(difficulty)))


def _ask_demand(problem: Demand) -> str:
    demands = problem.demands
    if problem.resources:
        return (
            f"系统有 {problem.resources} 个同类资源，供若干进程竞争使用，每个进程最多需要 {demands[0]} 个，且每次只申请 1 个。"
            "要保证系统不会发生死锁，并发进程数最多是"
        )
    if len(set(demands)) == 1:
        return f"{len(demands)} 个并发进程共享同类资源，每个进程最多需要 {demands[0]} 个，且每次只申请 1 个。保证系统不会发生死锁的最少资源数是"
    return (
        f"{len(demands)} 个并发进程共享同类资源，最多分别需要 {'、'.join(map(str, demands))} 个，且每次只申请 1 个。"
        "保证系统不会发生死锁的最少资源数是"
    )


def _solve_demand(problem: Demand) -> Solution:
    demands, n, m = problem.demands, len(problem.demands), problem.demands[0]
    if problem.resources:
        r = problem.resources
        most = (r - 1) // (m - 1)
        steps = (
            f"最坏情况是 n 个进程各占 {m} - 1 = {m - 1} 个而都等最后 1 个，此时只要还多 1 个资源就不会死锁：n × {m - 1} + 1 ≤ {r}，"
            f"n ≤ ({r} - 1) ÷ {m - 1}，取整得最多 {most} 个。n = {most + 1} 时 {(most + 1) * (m - 1)} ≥ {r}，可能死锁。"
        )
        # Whole demands; one off either way; the last unit forgotten; doubled
        wrong = [r // m, most + 1, r // (m - 1), most - 1, most + 2, most - 2, r - m + 1]
        return Solution(f"{most} 个", [f"{x} 个" for x in wrong if x > 0], steps)
    worst = sum(demands) - n
    steps = (
        f"最坏情况是每个进程都只差 1 个资源：已占 {' + '.join(str(d - 1) for d in demands)} = {worst} 个，有 {worst} 个资源时可能死锁。"
        f"再多 1 个，必有一个进程得到满足而结束并归还资源，所以最少是 {worst} + 1 = {worst + 1} 个。"
        f"各进程需求之和 {sum(demands)} 个虽不死锁，却不是最少。"
    )
    return Solution(
        f"{worst + 1} 个", [f"{x} 个" for x in (sum(demands), worst, worst + n - 1, worst + 2, worst - 1, max(demands))], steps
    )


FAMILIES = [
    Family("os-banker", "银行家算法的安全序列", "os", ("os.3.10",), _sample_banker, _ask_banker, _solve_banker),
    Family(
        "os-deadlock-minimum", "不死锁的最少资源数与最多进程数", "os", ("os.3.12",), _sample_demand, _ask_demand, _solve_demand
    ),
]
