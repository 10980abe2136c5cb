"""Processor scheduling: mean turnaround time under FCFS, SJF, SRTF, RR."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import fixed

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Jobs:
    """Arrival and service times in ms, by job, in the order of arrival."""

    arrivals: tuple[int, ...]
    services: tuple[int, ...]


def _sample(rng: random.Random, difficulty: int) -> Jobs:
    n = 3 + (difficulty >= 3) + (difficulty >= 5)
    gaps = [rng.randrange(1, 4) for _ in range(n - 1)]
    arrivals = tuple(sum(gaps[:i]) for i in range(n))
    return Jobs(arrivals, tuple(rng.sample(range(2, 12), n)))


def _sample_sjf(rng: random.Random, difficulty: int) -> Jobs:
    while True:  # the order must not be that of arrival
        jobs = _sample(rng, difficulty)
        if _sjf(jobs) != _fcfs(jobs):
            return jobs


def _fcfs(jobs: Jobs) -> list[int]:
    """Completion times."""
    clock, done = 0, []
    for arrival, service in zip(jobs.arrivals, jobs.services, strict=True):
        clock = max(clock, arrival) + service
        done.append(clock)
    return done


def _sjf(jobs: Jobs) -> list[int]:
    return _by_length(jobs, 1)


def _longest(jobs: Jobs) -> list[int]:
    return _by_length(jobs, -1)


def _by_length(jobs: Jobs, sign: int) -> list[int]:
    """Completion times when the ready job of least `sign` × service runs next."""
    clock, done, waiting = 0, [0] * len(jobs.services), set(range(len(jobs.services)))
    while waiting:
        ready = [i for i in waiting if jobs.arrivals[i] <= clock]
        if not ready:
            clock = min(jobs.arrivals[i] for i in waiting)
            continue
        chosen = min(ready, key=lambda i: (sign * jobs.services[i], i))
        clock += jobs.services[chosen]
        done[chosen] = clock
        waiting.remove(chosen)
    return done


def _mean_turnaround(jobs: Jobs, done: list[int]) -> str:
    total = sum(d - a for d, a in zip(done, jobs.arrivals, strict=True))
    return f"{fixed(Fraction(total, len(done)))} ms"


def _mean_waiting(jobs: Jobs, done: list[int]) -> str:
    total = sum(d - a - s for d, a, s in zip(done, jobs.arrivals, jobs.services, strict=True))
    return f"{fixed(Fraction(total, len(done)))} ms"


def _table(jobs: Jobs) -> str:
    rows = [f"P{i}：到达 {a}，运行 {s}" for i, (a, s) in enumerate(zip(jobs.arrivals, jobs.services, strict=True), 1)]
    return "；".join(rows)


def _ask(name: str) -> Callable[[Jobs], str]:
    def ask(jobs: Jobs) -> str:
        return f"进程的到达时刻与运行时间（单位 ms）如下：{_table(jobs)}。采用{name}算法（忽略切换开销），平均周转时间（保留两位小数）是"

    return ask


def _steps(jobs: Jobs, done: list[int], name: str) -> str:
    parts = [f"P{i}：{d} - {a} = {d - a}" for i, (d, a) in enumerate(zip(done, jobs.arrivals, strict=True), 1)]
    order = " → ".join(f"P{i + 1}" for i in sorted(range(len(done)), key=lambda i: done[i]))
    total = sum(done) - sum(jobs.arrivals)
    return (
        f"按{name}，完成的次序是 {order}。周转时间 = 完成时刻 - 到达时刻（ms）：{'；'.join(parts)}。"
        f"平均周转时间 = {total} ÷ {len(done)} {'≈' if 100 * total % len(done) else '='} {_mean_turnaround(jobs, done)}。"
    )


def _mistakes(jobs: Jobs, done: list[int], others: list[list[int]]) -> list[str]:
    """Mean times by other rules and by slips with the rule asked for."""
    n, total = len(done), sum(done) - sum(jobs.arrivals)
    last = max(range(n), key=lambda i: done[i])
    slips = [
        total - sum(jobs.services),  # waiting, not turnaround
        sum(done),  # arrivals not subtracted
        sum(done) - jobs.arrivals[-1],  # only the last arrival subtracted
        total - (done[last] - jobs.arrivals[last]),  # the last to end left out of the sum
        total + jobs.services[last],  # the last service counted twice
        max(done),  # only the last completion divided
    ]
    means = [_mean_turnaround(jobs, other) for other in others]
    return [
        means[0],
        *(f"{fixed(Fraction(slip, n))} ms" for slip in slips[:2]),
        *means[1:],
        *(f"{fixed(Fraction(slip, n))} ms" for slip in slips[2:]),
    ]


def _solve_fcfs(jobs: Jobs) -> Solution:
    done = _fcfs(jobs)
    return Solution(
        _mean_turnaround(jobs, done), _mistakes(jobs, done, [_sjf(jobs), _longest(jobs)]), _steps(jobs, done, "先来先服务")
    )


def _solve_sjf(jobs: Jobs) -> Solution:
    done = _sjf(jobs)
    return Solution(
        _mean_turnaround(jobs, done),
        _mistakes(jobs, done, [_fcfs(jobs), _longest(jobs)]),
        _steps(jobs, done, "非抢占的短作业优先"),
    )


FAMILIES = [
    Family("os-fcfs", "先来先服务的平均周转时间", "os", ("os.2.7",), _sample, _ask("先来先服务（FCFS）"), _solve_fcfs),
    Family("os-sjf", "短作业优先的平均周转时间", "os", ("os.2.8",), _sample_sjf, _ask("非抢占的短作业优先（SJF）"), _solve_sjf),
]
