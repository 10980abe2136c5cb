"""Deadlock detection: which processes of a resource allocation graph can't be reduced."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

Row = tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Free units by type; units held and units asked for, a row a process."""

    free: Row
    held: tuple[Row, ...]
    asked: tuple[Row, ...]


def _sample(rng: random.Random, difficulty: int) -> Graph:
    processes, types = 4 + (difficulty >= 3), 2 + (difficulty >= 4)
    while True:
        held = tuple(tuple(rng.randrange(0, 3) for _ in range(types)) for _ in range(processes))
        asked = tuple(tuple(rng.randrange(0, 4) for _ in range(types)) for _ in range(processes))
        graph = Graph(tuple(rng.randrange(0, 3) for _ in range(types)), held, asked)
        if not _legal(graph):
            continue
        dead, at_once = _deadlocked(graph), _can_run(graph, graph.free)
        # Some end, at least one of them only by what others give back; the deadlocked ones hold something.
        if 2 <= len(dead) <= processes - 2 and at_once and len(at_once) + len(dead) < processes and all(map(any, held)):
            return graph


def _legal(graph: Graph) -> bool:
    """Whether no process claims more than the system has."""
    total = [f + sum(row[t] for row in graph.held) for t, f in enumerate(graph.free)]
    return all(h[t] + a[t] <= total[t] for h, a in zip(graph.held, graph.asked, strict=True) for t in range(len(total)))


def _can_run(graph: Graph, free: Row) -> list[int]:
    return [i for i, row in enumerate(graph.asked) if all(a <= f for a, f in zip(row, free, strict=True))]


def _reduction(graph: Graph) -> list[tuple[int, Row]]:
    """Processes in the order in which they can end, each with what is free after it."""
    free, order = graph.free, list[tuple[int, Row]]()
    done: set[int] = set()
    while ready := [i for i in _can_run(graph, free) if i not in done]:
        free = tuple(f + h for f, h in zip(free, graph.held[ready[0]], strict=True))
        done.add(ready[0])
        order.append((ready[0], free))
    return order


def _deadlocked(graph: Graph) -> set[int]:
    return set(range(len(graph.held))) - {i for i, _ in _reduction(graph)}


def _row(row: Row) -> str:
    return "(" + ", ".join(map(str, row)) + ")"


def _names(processes: set[int]) -> str:
    return "、".join(f"P{i + 1}" for i in sorted(processes)) or "没有进程"


def _ask(graph: Graph) -> str:
    types = "、".join(f"R{i + 1}" for i in range(len(graph.free)))
    rows = "；".join(
        f"P{i + 1}：已分配 {_row(h)}，请求 {_row(a)}" for i, (h, a) in enumerate(zip(graph.held, graph.asked, strict=True))
    )
    return f"系统有 {types} {'两三'[len(graph.free) - 2]}类资源，某时刻可用资源数为 {_row(graph.free)}，各进程占有与正在请求的资源数为：{rows}。此时处于死锁状态的进程（列出全部）有"


def _solve(graph: Graph) -> Solution:
    dead, everyone = _deadlocked(graph), set(range(len(graph.held)))
    ordered = [i for i, _ in _reduction(graph)]
    at_once = set(_can_run(graph, graph.free))
    wrong = [
        everyone - at_once,  # releases forgotten: all that can't go on at once
        dead | {ordered[-1]},  # the last one that can end overlooked
        everyone - dead,  # those that can end taken for the deadlocked
        *(dead - {one} | {ordered[-1]} for one in sorted(dead)),  # the order of releasing mistaken
        *(dead - {one} for one in sorted(dead) if len(dead) > 2),  # one of the deadlocked believed able to end
        dead | set(ordered[-2:]),
        everyone,
    ]
    order = " → ".join(f"P{i + 1}（结束后可用资源 {_row(free)}）" for i, free in _reduction(graph))
    left = "；".join(f"P{i + 1} 请求 {_row(graph.asked[i])}" for i in sorted(dead))
    steps = (
        f"逐个化简资源分配图：请求能被当前可用资源 {_row(graph.free)} 满足的进程可以运行结束并归还资源，得到 {order}。"
        f"此后剩下的请求都不能满足：{left}。不能化简的进程就是死锁的进程：{_names(dead)}。"
    )
    return Solution(_names(dead), [_names(w) for w in wrong], steps)


FAMILIES = [Family("os-deadlock-detection", "资源分配图的化简与死锁检测", "os", ("os.3.11",), _sample, _ask, _solve)]
