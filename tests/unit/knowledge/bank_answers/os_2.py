"""Answers of the bank's questions of chapter os.2, computed from their stems."""

from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import permutations, product

from tests.unit.knowledge.bank_answers.shared_os_1_to_3 import Job, minus, priority, schedule


def _shortest(job: Job, _now: int) -> Fraction:
    return Fraction(job.bursts[0])


def _response_ratio(job: Job, now: int) -> Fraction:
    return -Fraction(now - job.arrival + job.bursts[0], job.bursts[0])


def _jobs(*rows: tuple[int, int]) -> list[Job]:
    return [Job("ABCDE"[i], arrival, [run]) for i, (arrival, run) in enumerate(rows)]


def _ms(value: Fraction) -> str:
    return f"{float(value):g} ms"


def _os_2_1_1() -> str:
    link = dict(enumerate([5, -1, 7, 1, 0, 3, -1, 6])) | {8: -1}

    def chain(head: int) -> list[int]:
        return [] if head < 0 else [head, *chain(link[head])]

    ready, blocked = chain(4), chain(2)
    blocked.append(8)
    ready.pop(0)
    blocked.remove(7)
    ready.append(7)
    for queue in (ready, blocked):
        link.update(zip(queue, [*queue[1:], -1], strict=True))
    return "、".join(minus(link[i]) for i in (7, 1, 2))


def _os_2_2_1() -> str:
    jobs = [Job("P1", 0, [4, 3, 2]), Job("P2", 0, [5]), Job("P3", 0, [2, 5, 1])]
    trace = schedule(jobs, quantum=3)
    return f"{trace.dispatched}次和{trace.put_back}次"


def _os_2_3_1() -> str:
    values: list[int] = []
    # Values of fork() seen: first and, when evaluated, second; "child" is 0, "parent" is not.
    for first in ("child", "parent"):
        if first == "child":
            values.append(1 + 1)  # short circuit: the second fork is not evaluated
            continue
        values += [1 + 1 if second == "child" else 1 + 10 for second in ("child", "parent")]
    printed = values * 2  # every process forks once more
    return f"{len(printed)}个，总和为{sum(printed)}"


def _os_2_4_1() -> str:
    def shortest(units: list[int], processors: int = 2) -> int:
        # Freely preemptible units: the bound max(longest, mean load) is reached (wrap-around rule).
        return max(max(units), -(-sum(units) // processors))

    return f"{shortest([3 * 12, 12, 12])} ms和{shortest([12] * 5)} ms"


def _os_2_5_1() -> str:
    capacity, chunk, content, waiting = 64, 24, 0, 0
    for action in ("写", "写", 20, "写", "写", 30):
        if isinstance(action, int):
            content -= min(action, content)
        else:
            waiting += 1
        while waiting and content + chunk <= capacity:
            content += chunk
            waiting -= 1
    return str(content)


def _os_2_6_1() -> str:
    runs = [8, 3, 1]
    switching = 0.5 * len(runs)
    return f"{100 * switching / (sum(runs) + switching):.1f}%"


def _os_2_7_1() -> str:
    jobs = [Job("P1", 0, [6, 4, 3]), Job("P2", 1, [2, 5, 2]), Job("P3", 2, [8])]
    return f"{schedule(jobs).waiting['P2']} ms"


def _os_2_7_2() -> str:
    jobs = _jobs((0, 4), (2, 2), (9, 3), (10, 6))
    runs = {job.name: job.total for job in jobs}
    turnaround = schedule(jobs).turnaround
    return f"{sum(turnaround[n] / runs[n] for n in runs) / len(runs):.2f}"


def _os_2_8_1() -> str:
    jobs = _jobs((0, 9), (1, 5), (3, 2), (4, 4), (6, 1))
    return _ms(schedule(jobs, _shortest, preemptive=True).mean())


def _os_2_8_2() -> str:
    def mean(x: Fraction) -> Fraction:
        runs = sorted([Fraction(3), Fraction(8), Fraction(5), x])
        return sum((sum(runs[: i + 1], Fraction(0)) for i in range(4)), Fraction(0)) / 4

    solutions = [x for x in (Fraction(i, 4) for i in range(1, 200)) if mean(x) == 12]
    (x,) = solutions  # the mean grows with x
    return f"{float(x):g}"


def _os_2_8_3() -> str:
    sets = list(product(product((0, 1, 2), (1, 3, 5)), repeat=3))
    truths = [
        any(not _sjf_is_best(rows) for rows in sets),
        all(_each_arrival_preempts(rows) for rows in sets),
        not _starves(),
        all(_same_order(runs) for runs in permutations((1, 2, 4, 7))),
    ]
    return "仅" + "、".join(name for name, true in zip("ⅠⅡⅢⅣ", truths, strict=True) if true)


def _sjf_is_best(rows: Sequence[tuple[int, int]]) -> bool:
    return schedule(_jobs(*rows), _shortest).mean() <= schedule(_jobs(*rows), _shortest, preemptive=True).mean()


def _each_arrival_preempts(rows: Sequence[tuple[int, int]]) -> bool:
    trace = schedule(_jobs(*rows), _shortest, preemptive=True)
    later = len({arrival for arrival, _ in rows}) - 1
    return "" in trace.line or trace.put_back == later  # an arrival at an idle processor is no counterexample


def _starves() -> bool:
    """Does a long job wait for as long as short ones keep coming?"""
    short = [Job(f"S{i}", i, [1]) for i in range(100)]
    line = schedule([Job("L", 0, [5]), *short], _shortest, preemptive=True).line
    return "L" not in line[:100]


def _same_order(runs: Sequence[int]) -> bool:
    rows = [(0, run) for run in runs]
    return schedule(_jobs(*rows), _shortest).line == schedule(_jobs(*rows), _shortest, preemptive=True).line


def _os_2_9_1() -> str:
    turnaround = schedule(_jobs((0, 5), (1, 4), (3, 2), (8, 3)), quantum=3).turnaround
    return f"{turnaround['A']} ms和{turnaround['C']} ms"


def _os_2_9_2() -> str:
    users, switch, limit = 20, 2, 1000
    quantum = max(q for q in range(1, limit) if users * (switch + q) <= limit)
    return f"{quantum} ms，{100 * quantum / (quantum + switch):.0f}%"


def _os_2_9_3() -> str:
    rows = [(0, 5), (0, 9), (0, 7), (0, 12)]
    line = schedule(_jobs(*rows)).line
    return str(min(q for q in range(1, 13) if schedule(_jobs(*rows), quantum=q).line == line))


def _os_2_10_1() -> str:
    return _ms(schedule(_jobs((0, 10), (3, 8), (5, 2), (7, 4)), _response_ratio).mean())


def _os_2_10_2() -> str:
    jobs = [Job("A", 0, [6], 3), Job("B", 1, [4], 1), Job("C", 2, [3], 2), Job("D", 6, [2], 0)]
    return _ms(schedule(jobs, priority, preemptive=True).mean())


def _os_2_10_3() -> str:
    steps = [Fraction(i, 4) for i in range(200)]
    not_y = [t for t in steps if (t + 2) / 2 <= (12 + t + 6) / 6]
    return _ms(max(not_y))


def _os_2_11_1() -> str:
    slices, arrivals, left = [1, 2, 4], {0: "A", 2: "B", 5: "C"}, {"A": 7, "B": 4, "C": 1}
    queues: list[deque[str]] = [deque(), deque(), deque()]
    done: dict[str, int] = {}
    current, level, used, now = "", 0, 0, 0
    while len(done) < len(left):
        if current and used == slices[level]:
            queues[min(level + 1, 2)].append(current)
            current = ""
        if now in arrivals:
            queues[0].append(arrivals[now])
        if current and any(queues[:level]):
            queues[level].append(current)
            current = ""
        if not current:
            level = next(i for i in range(3) if queues[i])
            current, used = queues[level].popleft(), 0
        now, used = now + 1, used + 1
        left[current] -= 1
        if left[current] == 0:
            done[current] = now
            current = ""
    return f"{done['A']} ms和{done['B']} ms"


ANSWERS: dict[str, Callable[[], str]] = {
    "os.2.1-1": _os_2_1_1,
    "os.2.2-1": _os_2_2_1,
    "os.2.3-1": _os_2_3_1,
    "os.2.4-1": _os_2_4_1,
    "os.2.5-1": _os_2_5_1,
    "os.2.6-1": _os_2_6_1,
    "os.2.7-1": _os_2_7_1,
    "os.2.7-2": _os_2_7_2,
    "os.2.8-1": _os_2_8_1,
    "os.2.8-2": _os_2_8_2,
    "os.2.8-3": _os_2_8_3,
    "os.2.9-1": _os_2_9_1,
    "os.2.9-2": _os_2_9_2,
    "os.2.9-3": _os_2_9_3,
    "os.2.10-1": _os_2_10_1,
    "os.2.10-2": _os_2_10_2,
    "os.2.10-3": _os_2_10_3,
    "os.2.11-1": _os_2_11_1,
}
