"""Dynamic partitions: the holes left by first, best and worst fit."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

_RULES = ("首次适应", "最佳适应", "最坏适应")


@dataclass(frozen=True)
class Partitions:
    """Free partitions by address and the requests in turn, in KB; the algorithm."""

    holes: tuple[int, ...]
    requests: tuple[int, ...]
    rule: str


def _sample(rng: random.Random, difficulty: int) -> Partitions:
    n, m = 3 + (difficulty + 1) // 2, 2 + difficulty // 2
    while True:  # each algorithm can place everything without ties, and the results differ
        holes = tuple(rng.sample(range(10, 30 + 20 * difficulty), n))
        requests = tuple(rng.sample(range(4, 20 + 10 * difficulty), m))
        results = [_place(holes, requests, rule) for rule in _RULES]
        if all(results) and len({tuple(steps[-1][1]) for steps in results}) == 3:
            return Partitions(holes, requests, rng.choice(_RULES))


def _choose(holes: list[int], request: int, rule: str) -> int | None:
    """Index of the hole; None if none is large enough or the rule cannot tell two apart."""
    fitting = [i for i, size in enumerate(holes) if size >= request]
    if not fitting:
        return None
    if rule == "首次适应":
        return fitting[0]
    chosen = (min if rule == "最佳适应" else max)(fitting, key=lambda i: holes[i])
    return chosen if holes.count(holes[chosen]) == 1 else None


def _place(holes: tuple[int, ...], requests: tuple[int, ...], rule: str) -> list[tuple[int, list[int]]]:
    """By request: the size of the hole taken and the holes then (0: used up); empty if it cannot be done."""
    left, steps = list(holes), list[tuple[int, list[int]]]()
    for request in requests:
        at = _choose(left, request, rule)
        if at is None:
            return []
        size = left[at]
        left[at] -= request
        steps.append((size, list(left)))
    return steps


def _print(holes: list[int]) -> str:
    return "、".join(str(size) for size in holes if size) + " KB"


def _ask(problem: Partitions) -> str:
    return (
        f"动态分区管理中，空闲分区按地址从低到高依次为 {'、'.join(map(str, problem.holes))} KB，互不相邻。"
        f"采用{problem.rule}算法依次分配 {'、'.join(map(str, problem.requests))} KB，每次从所选分区的低地址端划出，剩余部分仍为空闲分区。"
        "全部分配后，空闲分区按地址从低到高的大小依次是"
    )


def _whole(problem: Partitions) -> str:
    """As if a partition were given away whole."""
    left = list(problem.holes)
    for request in problem.requests:
        at = _choose(left, request, problem.rule)
        if at is not None:
            left[at] = 0
    return _print(left)


def _solve(problem: Partitions) -> Solution:
    steps = _place(problem.holes, problem.requests, problem.rule)
    others = [_print(_place(problem.holes, problem.requests, rule)[-1][1]) for rule in _RULES if rule != problem.rule]
    answer = _print(steps[-1][1])
    how = {"首次适应": "地址最低的足够大的分区", "最佳适应": "足够大的分区中最小的", "最坏适应": "最大的分区"}[problem.rule]
    parts = [
        f"{request} KB 取 {size} KB 的分区，剩 {size - request} KB"
        for request, (size, _) in zip(problem.requests, steps, strict=True)
    ]
    gone = "（剩 0 KB 的分区不再存在）" if "剩 0 KB" in "".join(parts) else ""
    text = (
        f"{problem.rule}每次选{how}，分配后的剩余部分仍参加下一次选择：{'；'.join(parts)}。"
        f"最后空闲分区依次是 {answer}{gone}。{others[0]} 与 {others[1]} 是另两种适应算法的结果。"
    )
    first = _place(problem.holes, problem.requests[:-1], problem.rule)[-1][1]  # the last request forgotten
    by_size = sorted(steps[-1][1])  # listed by size instead of address
    return Solution(answer, [*others, _print(by_size), _whole(problem), _print(first)], text)


FAMILIES = [Family("os-partition-fit", "动态分区分配算法", "os", ("os.4.2",), _sample, _ask, _solve)]
