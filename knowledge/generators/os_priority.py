"""Processor scheduling by static priorities, with and without preemption."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import fixed

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Processes:
    """Arrival and service times in ms in the order of arrival, priorities (the smaller number is the higher), preemptive or not."""

    arrivals: tuple[int, ...]
    services: tuple[int, ...]
    priorities: tuple[int, ...]
    preemptive: bool


def _sample(rng: random.Random, difficulty: int) -> Processes:
    n = 3 + (difficulty >= 2) + (difficulty >= 5)
    while True:  # with preemption and without must differ, and so must the order of arrival
        gaps = [rng.randrange(1, 4) for _ in range(n - 1)]
        arrivals = tuple(sum(gaps[:i]) for i in range(n))
        p = Processes(arrivals, tuple(rng.sample(range(2, 11), n)), tuple(rng.sample(range(1, n + 1), n)), difficulty >= 3)
        results = {_mean(p, _run(p, key)) for key in (_priority, _arrival)} | {_mean(p, _run(_other(p), _priority))}
        if len(results) == 3:
            return p


def _other(p: Processes) -> Processes:
    return replace(p, preemptive=not p.preemptive)


Key = Callable[[Processes, int], int]


def _priority(p: Processes, i: int) -> int:
    return p.priorities[i]


def _reverse(p: Processes, i: int) -> int:
    return -p.priorities[i]


def _arrival(p: Processes, i: int) -> int:
    return i


def _shortest(p: Processes, i: int) -> int:
    return p.services[i]


def _run(p: Processes, key: Key) -> list[tuple[int, int, int]]:
    """The runs (process, from, to): whenever the processor is free, or a process arrives, the least key goes on."""
    left, clock, runs = list(p.services), 0, list[tuple[int, int, int]]()
    while any(left):
        ready = [i for i, rest in enumerate(left) if rest and p.arrivals[i] <= clock]
        later = [a for a in p.arrivals if a > clock]
        if not ready:
            clock = min(later)
            continue
        who = min(ready, key=lambda i: key(p, i))
        end = min([clock + left[who], *(later if p.preemptive else [])])
        left[who] -= end - clock
        if runs and runs[-1][0] == who and runs[-1][2] == clock:
            runs[-1] = (who, runs[-1][1], end)
        else:
            runs.append((who, clock, end))
        clock = end
    return runs


def _ends(runs: list[tuple[int, int, int]]) -> list[int]:
    ends = {who: end for who, _, end in runs}
    return [ends[i] for i in range(len(ends))]


def _mean(p: Processes, runs: list[tuple[int, int, int]]) -> str:
    return _text(p, sum(_ends(runs)) - sum(p.arrivals))


def _text(p: Processes, total: int) -> str:
    return f"{fixed(Fraction(total, len(p.services)))} ms"


def _ask(p: Processes) -> str:
    rows = "；".join(
        f"P{i}：到达 {a}，运行 {s}，优先数 {k}"
        for i, (a, s, k) in enumerate(zip(p.arrivals, p.services, p.priorities, strict=True), 1)
    )
    how = "可抢占的静态优先级调度（更高优先级的进程到达时立即抢占）" if p.preemptive else "非抢占的静态优先级调度"
    return f"进程的到达时刻、运行时间（单位 ms）与优先数如下，优先数越小优先级越高：{rows}。采用{how}，忽略切换开销，平均周转时间（保留两位小数）是"


def _solve(p: Processes) -> Solution:
    runs = _run(p, _priority)
    ends, n = _ends(runs), len(p.services)
    total = sum(ends) - sum(p.arrivals)
    wrong = [
        _mean(p, _run(_other(p), _priority)),  # preempted, or not preempted, against the stem
        _text(p, total - sum(p.services)),  # waiting times
        _mean(p, _run(p, _reverse)),  # the greater number taken as the higher priority
        _mean(p, _run(p, _arrival)),  # first come, first served
        _text(p, sum(ends)),  # arrivals not subtracted
        _mean(p, _run(p, _shortest)),  # the shortest first
        _text(p, total - (ends[-1] - p.arrivals[-1])),  # the last process left out of the sum
        _text(p, max(ends)),  # only the last completion divided
    ]
    chart = "，".join(f"{start}～{end} 运行 P{who + 1}" for who, start, end in runs)
    parts = "；".join(f"P{i + 1}：{e} - {a} = {e - a}" for i, (e, a) in enumerate(zip(ends, p.arrivals, strict=True)))
    rule = "有更高优先级的进程到达就抢占" if p.preemptive else "进程一旦运行就执行到结束，结束时再选优先级最高的就绪进程"
    steps = f"{rule}：{chart}（ms）。周转时间 = 完成时刻 - 到达时刻：{parts}。平均周转时间 = {total} ÷ {n} {'≈' if 100 * total % n else '='} {_text(p, total)}。"
    return Solution(_text(p, total), wrong, steps)


FAMILIES = [Family("os-priority", "优先级调度的平均周转时间", "os", ("os.2.10",), _sample, _ask, _solve)]
