"""The value of a counting semaphore and the processes blocked on it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Semaphore:
    """The initial value; P and V operations done ("now"), or p processes that share the resource ("range")."""

    initial: int
    p: int
    v: int
    question: str


def _sample(rng: random.Random, difficulty: int) -> Semaphore:
    if difficulty <= 2 and rng.random() < 0.5:
        initial = rng.randrange(1, 5)
        return Semaphore(initial, initial + rng.randrange(2, 8), 0, "range")
    initial = rng.randrange(1, 3 + 2 * difficulty)
    v = rng.randrange(2, 5 + 5 * difficulty)
    # mostly blocked processes; now and then free units, where "nobody waits" must be seen
    rest = -rng.randrange(1, 3 + difficulty) if rng.random() < 0.75 else rng.randrange(1, initial + 1)
    return Semaphore(initial, initial + v - rest, v, "now")


def _ask(problem: Semaphore) -> str:
    if problem.question == "range":
        return (
            f"{problem.p} 个进程共享某类资源，同一时刻最多允许 {problem.initial} 个进程使用，用一个信号量控制，"
            "每个进程使用前执行一次 P 操作，使用后执行一次 V 操作。信号量可能取值的范围是"
        )
    return (
        f"信号量 S 的初值为 {problem.initial}，用记录型信号量（值为负时其绝对值等于阻塞进程数）。"
        f"已对 S 执行了 {problem.p} 次 P 操作（含阻塞在其上的）和 {problem.v} 次 V 操作，此时 S 的值与阻塞在 S 上的进程数是"
    )


def _now(value: int, waiting: int) -> str:
    return f"信号量为 {value}，{waiting} 个进程阻塞"


def _solve(problem: Semaphore) -> Solution:
    return _solve_range(problem) if problem.question == "range" else _solve_now(problem)


def _solve_range(problem: Semaphore) -> Solution:
    top, n = problem.initial, problem.p
    answer = f"{top - n}～{top}"
    steps = (
        f"无进程使用资源时信号量为初值 {top}，这是最大值。{n} 个进程都执行了 P 操作时，每次 P 操作减 1，为 {top} - {n} = {top - n}，"
        f"此时 {top} 个进程在使用、{n - top} 个进程阻塞，这是最小值。所以范围是 {answer}。"
        "信号量可以为负，初值是允许同时使用的进程数而不是进程总数。"
    )
    # negative values refused; processes for the upper bound; one process not counted; initial value 1; sign lost
    wrong = [f"0～{top}", f"{top - n}～{n}", f"{top - n + 1}～{top}", f"{1 - n}～1", f"{-n}～{top}"]
    return Solution(answer, wrong, steps)


def _solve_now(problem: Semaphore) -> Solution:
    initial, p, v = problem.initial, problem.p, problem.v
    value = initial - p + v
    waiting = max(0, -value)
    answer = _now(value, waiting)
    meaning = f"值为负，其绝对值 {waiting} 就是阻塞的进程数" if value < 0 else f"值不为负，没有进程阻塞，{value} 是可用的资源数"
    steps = (
        f"每次 P 操作使 S 减 1，每次 V 操作使 S 加 1：{initial} - {p} + {v} = {value}。{meaning}，所以{answer}。"
        "忘了初值，或把 P、V 操作的增减弄反，都会算错。"
    )
    wrong = [
        _now(v - p, max(0, p - v)),  # the initial value forgotten
        _now(-value, max(0, value)),  # P and V exchanged
        _now(value + 1, max(0, -value - 1)),  # one P or V miscounted
        _now(value - 1, max(0, 1 - value)),
        _now(initial - p, max(0, p - initial)),  # the V operations forgotten
    ]
    return Solution(answer, wrong, steps)


FAMILIES = [Family("os-semaphore-value", "信号量的值与阻塞进程数", "os", ("os.3.3",), _sample, _ask, _solve)]
