"""Directed acyclic graphs: topological orders; critical paths of an AOE network."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Orders:
    """Arcs of an acyclic graph, four vertex sequences, and whether the odd one out is the topological one."""

    vertices: str
    arcs: tuple[tuple[str, str], ...]
    candidates: tuple[str, ...]
    legal: bool


def _broken(arcs: tuple[tuple[str, str], ...], order: str) -> list[tuple[str, str]]:
    """Arcs whose head comes before their tail in the sequence."""
    return [(a, b) for a, b in arcs if order.index(a) > order.index(b)]


def _random_order(rng: random.Random, vertices: str, arcs: tuple[tuple[str, str], ...]) -> str:
    order = ""
    while len(order) < len(vertices):
        order += rng.choice([v for v in vertices if v not in order and all(a in order for a, b in arcs if b == v)])
    return order


def _random_wrong(rng: random.Random, vertices: str, arcs: tuple[tuple[str, str], ...]) -> str:
    """A topological order with the two ends of an arc exchanged."""
    a, b = rng.choice(arcs)
    return _random_order(rng, vertices, arcs).translate(str.maketrans(a + b, b + a))


def _sample_orders(rng: random.Random, difficulty: int) -> Orders:
    n, legal = 5 + (difficulty >= 2) + (difficulty >= 4), rng.random() < 0.5
    odd, rest = (_random_order, _random_wrong) if legal else (_random_wrong, _random_order)
    while True:
        vertices = "".join(rng.sample("ABCDEFG"[:n], n))
        pairs = [(a, b) for i, a in enumerate(vertices) for b in vertices[i + 1 :]]
        arcs = tuple(sorted(rng.sample(pairs, n + rng.randrange(2))))
        candidates = dict.fromkeys([odd(rng, vertices, arcs), *(rest(rng, vertices, arcs) for _ in range(12))])
        if len(candidates) >= 4 and {v for arc in arcs for v in arc} == set(vertices):
            return Orders("ABCDEFG"[:n], arcs, tuple(candidates)[:4], legal)


def _ask_orders(problem: Orders) -> str:
    arcs = "，".join(f"<{a},{b}>" for a, b in problem.arcs)
    what = "是该图的拓扑序列" if problem.legal else "不是该图的拓扑序列"
    return f"有向无环图的顶点为 {'、'.join(problem.vertices)}，弧为 {arcs}。下列顶点序列中，{what}的是"


def _solve_orders(problem: Orders) -> Solution:
    lines, odd = [], ""
    for order in problem.candidates:
        broken = _broken(problem.arcs, order)
        why = "，".join(f"<{a},{b}>" for a, b in broken)
        lines.append(f"{order}：违反 {why}，不是拓扑序列" if broken else f"{order}：每条弧的弧尾都在弧头之前，是拓扑序列")
        if (not broken) == problem.legal:
            odd = order
    steps = f"拓扑序列要求每条弧 <u,v> 中 u 排在 v 之前，逐条弧检查。{'；'.join(lines)}。因此选 {odd}。"
    return Solution(odd, [c for c in problem.candidates if c != odd], steps)


@dataclass(frozen=True)
class Network:
    """Activities (tail, head, days) between events 1..events, from event 1 to the last; what is asked, of which activity."""

    events: int
    activities: tuple[tuple[int, int, int], ...]
    asked: str
    index: int


def _sample_network(rng: random.Random, difficulty: int) -> Network:
    n, extra = 5 + (difficulty >= 3) + (difficulty >= 5), 2 + difficulty // 2
    asked = "length" if difficulty < 3 else rng.choice(["latest", "slack", "length"] if difficulty == 3 else ["latest", "slack"])
    while True:
        pairs = {(rng.randrange(1, j), j) for j in range(2, n + 1)} | {(i, rng.randrange(i + 1, n + 1)) for i in range(1, n)}
        spare = [(i, j) for i in range(1, n) for j in range(i + 1, n + 1) if (i, j) not in pairs and (i, j) != (1, n)]
        pairs |= set(rng.sample(spare, max(0, n - 1 + extra - len(pairs))))
        activities = tuple((i, j, rng.randrange(2, 10)) for i, j in sorted(pairs))
        early, late = _times(Network(n, activities, asked, 0))
        loose = [k for k, (i, j, w) in enumerate(activities) if late[j] - w > early[i]]
        if (1, n) not in pairs and loose:
            return Network(n, activities, asked, rng.choice(loose))


def _times(network: Network) -> tuple[dict[int, int], dict[int, int]]:
    """Earliest and latest times of the events; every activity leads to a larger number."""
    early = {1: 0}
    for event in range(2, network.events + 1):
        early[event] = max(early[i] + w for i, j, w in network.activities if j == event)
    late = {network.events: early[network.events]}
    for event in range(network.events - 1, 0, -1):
        late[event] = min(late[j] - w for i, j, w in network.activities if i == event)
    return early, late


def _name(network: Network) -> str:
    i, j, _ = network.activities[network.index]
    return f"a{network.index + 1} = <{i},{j}>"


def _ask_network(network: Network) -> str:
    arcs = "，".join(f"a{k} = <{i},{j}> 需 {w} 天" for k, (i, j, w) in enumerate(network.activities, 1))
    what = {
        "length": "完成整个工程至少需要",
        "latest": f"在不推迟整个工程完成的前提下，活动 {_name(network)} 的最迟开始时间（工程开始为第 0 天）是",
        "slack": f"活动 {_name(network)} 的时间余量（最迟开始时间减最早开始时间）是",
    }[network.asked]
    return f"AOE 网的事件为 1～{network.events}，1 为源点，{network.events} 为汇点，活动为：{arcs}。{what}"


def _event_lines(network: Network, early: dict[int, int], late: dict[int, int]) -> str:
    first = "，".join(f"ve({e}) = {t}" for e, t in sorted(early.items()))
    if network.asked == "length":
        return f"事件的最早发生时间取各入边 ve(尾) + 权 的最大值：{first}。"
    last = "，".join(f"vl({e}) = {t}" for e, t in sorted(late.items()))
    return f"事件的最早发生时间取各入边 ve(尾) + 权 的最大值：{first}。事件的最迟发生时间从汇点倒推，取各出边 vl(头) - 权 的最小值：{last}。"


def _solve_network(network: Network) -> Solution:
    early, late = _times(network)
    i, j, w = network.activities[network.index]
    start, latest, total = early[i], late[j] - w, early[network.events]
    steps = _event_lines(network, early, late)
    if network.asked == "length":
        answer, wrong = total, _wrong_lengths(network, total)
        critical = [k for k, (a, b, d) in enumerate(network.activities, 1) if late[b] - d == early[a]]
        steps += f"汇点的最早发生时间就是工程的最短工期，即关键路径的长度 {total} 天，关键活动是 {'、'.join(f'a{k}' for k in critical)}。不能取最短的路径。"
    elif network.asked == "latest":
        answer, wrong = latest, [start, late[j], late[i], early[j], early[j] - w]
        steps += f"活动 <{i},{j}> 的最迟开始时间 = vl({j}) - {w} = {late[j]} - {w} = {latest} 天。最早开始时间 ve({i}) = {start} 天不是所问。"
    else:
        answer, wrong = latest - start, [late[i] - early[i], late[j] - early[j], latest, late[j] - early[i], start]
        steps += (
            f"最早开始时间 = ve({i}) = {start}，最迟开始时间 = vl({j}) - {w} = {late[j]} - {w} = {latest}，"
            f"时间余量 = {latest} - {start} = {latest - start} 天。"
        )
    return Solution(f"{answer} 天", [f"{x} 天" for x in wrong if x >= 0], steps)


def _wrong_lengths(network: Network, total: int) -> list[int]:
    """Other paths (the longest arc at every event, the shortest, the second longest), and wrong sums."""
    lengths, greedy, event = {1: {0}}, 0, 1
    for e in range(2, network.events + 1):
        lengths[e] = {x + w for i, j, w in network.activities if j == e for x in lengths[i]}
    while event != network.events:
        w, event = max((w, j) for i, j, w in network.activities if i == event)
        greedy += w
    ends = sorted(lengths[network.events], reverse=True)
    late = max(total - ends[-1], 1)
    everything = sum(w for _, _, w in network.activities)
    rounds = sum(max(w for i, _, w in network.activities if i == e) for e in range(1, network.events))
    last = min(w for _, j, w in network.activities if j == network.events)
    # An activity counted twice; the longest arc of every event added up; all activities one after the other
    longer = [total + last, rounds, total + min(w for _, _, w in network.activities), everything, total + late]
    return [greedy, longer[0], ends[-1], *longer[1:3], *ends[1:2], total - last, *ends[2:], *[x for x in longer[3:] if x > total]]


FAMILIES = [
    Family("ds-topological-order", "拓扑序列的判断", "ds", ("ds.6.9",), _sample_orders, _ask_orders, _solve_orders),
    Family("ds-critical-path", "AOE 网与关键路径", "ds", ("ds.6.10",), _sample_network, _ask_network, _solve_network),
]
