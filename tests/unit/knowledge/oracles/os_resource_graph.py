"""Deadlock detection by definition: the largest set of which none could go on even if all the others had ended."""

from itertools import combinations


def _stuck(graph, members):
    n = len(graph.held)
    free = [f + sum(graph.held[i][t] for i in range(n) if i not in members) for t, f in enumerate(graph.free)]
    return all(any(a > f for a, f in zip(graph.asked[i], free, strict=True)) for i in members)


def _deadlocked(graph):
    n = len(graph.held)
    for size in range(n, 0, -1):
        for members in combinations(range(n), size):
            if _stuck(graph, members):
                return "、".join(f"P{i + 1}" for i in members)
    return "没有进程"


ORACLES = {"os-deadlock-detection": _deadlocked}
