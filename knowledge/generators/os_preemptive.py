"""Processor scheduling with preemption or changing priorities: SRTF, round robin, highest response ratio next."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import fixed

__all__ = ["FAMILIES"]

Run = tuple[int, int, int]  # process, from, to


@dataclass(frozen=True)
class Processes:
    """Arrival and service times in ms, in the order of arrival; quantum is 0 where there is none."""

    arrivals: tuple[int, ...]
    services: tuple[int, ...]
    quantum: int = 0


def _draw(rng: random.Random, n: int, quantum: int = 0) -> Processes:
    gaps = [rng.randrange(1, 4) for _ in range(n - 1)]
    return Processes(tuple(sum(gaps[:i]) for i in range(n)), tuple(rng.sample(range(2, 12), n)), quantum)


def _sample_srtf(rng: random.Random, difficulty: int) -> Processes:
    n = 3 + (difficulty >= 3) + (difficulty >= 5)
    while True:  # a question on preemption needs one that changes the result
        jobs = _draw(rng, n)
        if _mean(jobs, _srtf(jobs)) != _mean(jobs, _in_turn(jobs, _shortest)):
            return jobs


def _sample_rr(rng: random.Random, difficulty: int) -> Processes:
    n = 3 + (difficulty >= 3) + (difficulty >= 5)
    while True:  # the new arrival and the expired process must compete, and the total stays short enough for paper
        jobs = _draw(rng, n, rng.randrange(2, 5))
        if sum(jobs.services) <= 8 * n and len(_rr(jobs)) > n and _ends(jobs, _rr(jobs)) != _ends(jobs, _rr(jobs, False)):
            return jobs


def _sample_hrrn(rng: random.Random, difficulty: int) -> Processes:
    n = 4 if difficulty < 4 else 5
    while True:  # no two processes may share the highest ratio, and the order must not be that of arrival
        jobs = _draw(rng, n)
        if jobs.services[0] < max(3, jobs.arrivals[-1] - 3) or _hrrn_ties(jobs):
            continue
        if _in_turn(jobs, _highest) != _in_turn(jobs, _first):
            return jobs


def _merge(runs: list[Run]) -> list[Run]:
    """Neighbouring runs of one process, joined."""
    joined: list[Run] = []
    for who, start, end in runs:
        if joined and joined[-1][0] == who and joined[-1][2] == start:
            joined[-1] = (who, joined[-1][1], end)
        else:
            joined.append((who, start, end))
    return joined


def _srtf(jobs: Processes) -> list[Run]:
    left, clock, runs = list(jobs.services), 0, []
    while any(left):
        ready = [i for i, rest in enumerate(left) if rest and jobs.arrivals[i] <= clock]
        later = [a for a in jobs.arrivals if a > clock]
        if not ready:
            clock = min(later)
            continue
        who = min(ready, key=lambda i: (left[i], i))
        end = min([clock + left[who], *later])
        runs.append((who, clock, end))
        left[who] -= end - clock
        clock = end
    return _merge(runs)


def _rr(jobs: Processes, arrival_first: bool = True) -> list[Run]:
    left, clock, runs = list(jobs.services), 0, []
    queue, coming = deque[int](), deque(range(len(left)))
    while queue or coming:
        if not queue:
            clock = max(clock, jobs.arrivals[coming[0]])
            queue.append(coming.popleft())
        who = queue.popleft()
        spent = min(jobs.quantum, left[who])
        runs.append((who, clock, clock + spent))
        clock, left[who] = clock + spent, left[who] - spent
        arrived = []
        while coming and jobs.arrivals[coming[0]] <= clock:
            arrived.append(coming.popleft())
        again = [who] if left[who] else []
        queue.extend(arrived + again if arrival_first else again + arrived)
    return runs


Choice = Callable[[Processes, list[int], int], int]


def _in_turn(jobs: Processes, choose: Choice) -> list[Run]:
    """Without preemption: at each completion the chosen process runs to its end."""
    waiting, clock, runs = set(range(len(jobs.services))), 0, []
    while waiting:
        ready = sorted(i for i in waiting if jobs.arrivals[i] <= clock)
        if not ready:
            clock = min(jobs.arrivals[i] for i in waiting)
            continue
        who = choose(jobs, ready, clock)
        runs.append((who, clock, clock + jobs.services[who]))
        clock += jobs.services[who]
        waiting.remove(who)
    return runs


def _ratio(jobs: Processes, i: int, clock: int) -> Fraction:
    return Fraction(clock - jobs.arrivals[i] + jobs.services[i], jobs.services[i])


def _decimal(ratio: Fraction) -> str:
    return f"{'=' if (100 * ratio).denominator == 1 else '≈'} {fixed(ratio)}"


def _first(jobs: Processes, ready: list[int], clock: int) -> int:
    return ready[0]


def _shortest(jobs: Processes, ready: list[int], clock: int) -> int:
    return min(ready, key=lambda i: (jobs.services[i], i))


def _longest(jobs: Processes, ready: list[int], clock: int) -> int:
    return max(ready, key=lambda i: (jobs.services[i], -i))


def _highest(jobs: Processes, ready: list[int], clock: int) -> int:
    return max(ready, key=lambda i: _ratio(jobs, i, clock))


def _lowest(jobs: Processes, ready: list[int], clock: int) -> int:
    return min(ready, key=lambda i: (_ratio(jobs, i, clock), i))


def _hrrn_ties(jobs: Processes) -> bool:
    starts, done = _in_turn(jobs, _highest), set[int]()
    for who, clock, _ in starts:
        ready = [i for i in range(len(starts)) if i not in done and jobs.arrivals[i] <= clock]
        if sum(_ratio(jobs, i, clock) == _ratio(jobs, who, clock) for i in ready) > 1:
            return True
        done.add(who)
    return False


def _ends(jobs: Processes, runs: list[Run]) -> list[int]:
    return [max(end for who, _, end in runs if who == i) for i in range(len(jobs.services))]


def _mean(jobs: Processes, runs: list[Run]) -> str:
    return f"{fixed(Fraction(sum(_ends(jobs, runs)) - sum(jobs.arrivals), len(jobs.services)))} ms"


def _mistakes(jobs: Processes, runs: list[Run]) -> list[str]:
    """Slips with the right runs."""
    ends, n = _ends(jobs, runs), len(jobs.services)
    total, last = sum(ends) - sum(jobs.arrivals), ends.index(max(ends))
    slips = [
        total - sum(jobs.services),  # waiting, not turnaround
        sum(ends),  # arrivals not subtracted
        total - (ends[last] - jobs.arrivals[last]),  # the last to end left out of the sum
        total + jobs.services[last],  # the last service counted twice
        max(ends),  # only the last completion divided
    ]
    return [f"{fixed(Fraction(slip, n))} ms" for slip in slips]


def _table(jobs: Processes) -> str:
    return "；".join(f"P{i}：到达 {a}，运行 {s}" for i, (a, s) in enumerate(zip(jobs.arrivals, jobs.services, strict=True), 1))


def _steps(jobs: Processes, runs: list[Run]) -> str:
    gantt = "，".join(f"{a}–{b} P{who + 1}" for who, a, b in runs)
    each = "；".join(
        f"P{i}：{e} - {a} = {e - a}" for i, (e, a) in enumerate(zip(_ends(jobs, runs), jobs.arrivals, strict=True), 1)
    )
    total = sum(_ends(jobs, runs)) - sum(jobs.arrivals)
    return f"处理机依次为（ms）：{gantt}。周转时间 = 完成时刻 - 到达时刻：{each}。平均周转时间 = {total} ÷ {len(jobs.services)} {'≈' if 100 * total % len(jobs.services) else '='} {_mean(jobs, runs)}。"


def _ask_srtf(jobs: Processes) -> str:
    rule = "采用最短剩余时间优先（SRTF，抢占式短作业优先）算法，剩余时间相等时不抢占，忽略切换开销"
    return f"进程的到达时刻与运行时间（单位 ms）如下：{_table(jobs)}。{rule}，平均周转时间（保留两位小数）是"


def _ask_rr(jobs: Processes) -> str:
    rule = f"采用时间片轮转算法，时间片为 {jobs.quantum} ms；进程提前结束时立即切换，新到达的进程先于同一时刻时间片用完的进程入队，忽略切换开销"
    return f"进程的到达时刻与运行时间（单位 ms）如下：{_table(jobs)}。{rule}，平均周转时间（保留两位小数）是"


def _ask_hrrn(jobs: Processes) -> str:
    return f"进程的到达时刻与运行时间（单位 ms）如下：{_table(jobs)}。采用非抢占的高响应比优先（HRRN）算法，忽略切换开销，进程的执行次序是"


def _solve_srtf(jobs: Processes) -> Solution:
    runs, sjf = _srtf(jobs), _in_turn(jobs, _shortest)
    steps = f"每当有进程到达或结束，都选剩余时间最短的进程运行。{_steps(jobs, runs)}若不抢占，就成了 SJF，得到的 {_mean(jobs, sjf)} 是错的。"
    fcfs = _mean(jobs, _in_turn(jobs, _first))
    return Solution(_mean(jobs, runs), [_mean(jobs, sjf), *_mistakes(jobs, runs), fcfs], steps)


def _solve_rr(jobs: Processes) -> Solution:
    runs, late = _rr(jobs), _rr(jobs, False)
    steps = f"就绪队列按先进先出轮转，时间片到且未完成的进程排到队尾（排在刚到达的进程之后）。{_steps(jobs, runs)}"
    steps += (
        f"若误把时间片用完的进程排在新到达的进程之前，会得到 {_mean(jobs, late)}。"
        if _mean(jobs, late) != _mean(jobs, runs)
        else ""
    )
    fcfs = _mean(jobs, _in_turn(jobs, _first))
    return Solution(_mean(jobs, runs), [_mean(jobs, late), *_mistakes(jobs, runs), fcfs, _mean(jobs, _srtf(jobs))], steps)


def _order(runs: list[Run]) -> str:
    return " → ".join(f"P{who + 1}" for who, _, _ in runs)


def _solve_hrrn(jobs: Processes) -> Solution:
    runs, done, parts = _in_turn(jobs, _highest), set[int](), []
    for who, clock, end in runs:
        ready = [i for i in range(len(runs)) if i not in done and jobs.arrivals[i] <= clock]
        ratios = "，".join(
            f"P{i + 1} 为 ({clock - jobs.arrivals[i]} + {jobs.services[i]}) ÷ {jobs.services[i]} {_decimal(_ratio(jobs, i, clock))}"
            for i in ready
        )
        parts.append(f"时刻 {clock}：{ratios if len(ready) > 1 else '只有一个就绪进程'}，运行 P{who + 1} 至 {end}")
        done.add(who)
    steps = f"响应比 = (等待时间 + 运行时间) ÷ 运行时间，每次调度时重新计算，取最大者。{'；'.join(parts)}。执行次序是 {_order(runs)}。"
    wrong = [_order(_in_turn(jobs, rule)) for rule in (_shortest, _first, _lowest, _longest)]
    return Solution(_order(runs), wrong, steps + "只看运行时间是 SJF，只看到达次序是 FCFS。")


FAMILIES = [
    Family("os-srtf", "最短剩余时间优先的平均周转时间", "os", ("os.2.8",), _sample_srtf, _ask_srtf, _solve_srtf),
    Family("os-round-robin", "时间片轮转的平均周转时间", "os", ("os.2.9",), _sample_rr, _ask_rr, _solve_rr),
    Family("os-hrrn", "高响应比优先的执行次序", "os", ("os.2.10",), _sample_hrrn, _ask_hrrn, _solve_hrrn),
]
