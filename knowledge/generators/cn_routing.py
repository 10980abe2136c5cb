"""Routing algorithms: a distance vector's update, and shortest paths from link states."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Vectors:
    """The router C's neighbours with their link costs and their distances to all the others (names in order)."""

    names: str
    links: tuple[tuple[str, int], ...]
    vectors: tuple[tuple[int, ...], ...]
    edges: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Network:
    """Weighted links, the source A is asked about its way to the target."""

    edges: tuple[tuple[str, str, int], ...]
    target: str


def _random_edges(rng: random.Random, names: str, extra: int, top: int) -> tuple[tuple[str, str, int], ...]:
    """A connected graph: a random tree and some more links."""
    pairs = {(rng.choice(names[:i]), names[i]) for i in range(1, len(names))}
    others = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :] if (a, b) not in pairs]
    pairs |= set(rng.sample(others, extra))
    return tuple((a, b, rng.randrange(1, top)) for a, b in sorted(pairs))


def _neighbours(edges: tuple[tuple[str, str, int], ...]) -> dict[str, dict[str, int]]:
    graph: dict[str, dict[str, int]] = {}
    for a, b, cost in edges:
        graph.setdefault(a, {})[b] = cost
        graph.setdefault(b, {})[a] = cost
    return graph


def _dijkstra(edges: tuple[tuple[str, str, int], ...], source: str) -> tuple[dict[str, int], dict[str, str]]:
    """Distances in the order of settling, and each node's predecessor."""
    graph, settled, before = _neighbours(edges), dict[str, int](), dict[str, str]()
    open_ = {source: 0}
    while open_:
        node = min(open_, key=lambda n: (open_[n], n))
        settled[node] = open_.pop(node)
        for other, cost in graph[node].items():
            if other not in settled and settled[node] + cost < open_.get(other, 10**9):
                open_[other], before[other] = settled[node] + cost, node
    return settled, before


def _sample_vector(rng: random.Random, difficulty: int) -> Vectors:
    names = "ABDEF" if difficulty >= 3 else "ABDE"
    while True:
        edges = _random_edges(rng, names, 2, 10)
        chosen = sorted(rng.sample(names, 2 if difficulty <= 3 else 3))
        vectors = tuple(tuple(_dijkstra(edges, n)[0][m] for m in names) for n in chosen)
        links = tuple((n, rng.randrange(1, 9)) for n in chosen)
        best = [min(range(len(links)), key=lambda i: links[i][1] + vectors[i][k]) for k in range(len(names))]
        if len(set(best)) == len(links):
            return Vectors(names, links, vectors, edges)


def _tuple(numbers: list[int] | tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"


def _ask_vector(v: Vectors) -> str:
    rows = "；".join(f"来自 {n} 的为 {_tuple(vector)}" for (n, _), vector in zip(v.links, v.vectors, strict=True))
    costs = "、".join(f"{n} 的代价为 {cost}" for n, cost in v.links)
    return (
        f"采用距离向量路由算法的网络中，路由器 C 收到各邻居的距离向量（依次为到 {'、'.join(v.names)} 的距离，略去到 C 的一项）：{rows}。"
        f"C 到邻居 {costs}。更新后 C 到 {'、'.join(v.names)} 的距离依次是"
    )


def _solve_vector(v: Vectors) -> Solution:
    sums = [[cost + d for d in vector] for (_, cost), vector in zip(v.links, v.vectors, strict=True)]
    columns = list(zip(*sums, strict=True))
    answer = _tuple([min(c) for c in columns])
    hops = [v.links[c.index(min(c))][0] for c in columns]
    lines = [
        f"到 {name}：min({'，'.join(f'经 {n} 为 {cost} + {s - cost} = {s}' for (n, cost), s in zip(v.links, c, strict=True))}) = {min(c)}（经 {hop}）"
        for name, c, hop in zip(v.names, columns, hops, strict=True)
    ]
    nearest = sums[min(range(len(sums)), key=lambda i: v.links[i][1])]
    unadded = [min(c) for c in zip(*v.vectors, strict=True)]
    direct = dict(v.links)
    kept = [direct.get(name, min(c)) for name, c in zip(v.names, columns, strict=True)]
    wrong = [unadded, nearest, kept, [max(c) for c in columns], *sums]
    text = (
        f"对每个目的，取“C 到邻居的代价 + 邻居到目的的距离”的最小值。{'；'.join(lines)}。所以结果是 {answer}。"
        f"忘记加上到邻居的代价会得到 {_tuple(unadded)}，只经最近的邻居会得到 {_tuple(nearest)}，都不对。"
    )
    return Solution(answer, [_tuple(w) for w in wrong], text)


def _paths(graph: dict[str, dict[str, int]], path: str, target: str) -> list[tuple[int, str]]:
    """All simple paths that prolong `path` to the target, with the cost of the whole."""
    if path[-1] == target:
        return [(sum(graph[a][b] for a, b in zip(path, path[1:], strict=False)), path)]
    return [p for n in graph[path[-1]] if n not in path for p in _paths(graph, path + n, target)]


def _sample_network(rng: random.Random, difficulty: int) -> Network:
    names = "ABCDEFG"[: (4, 5, 5, 6, 7)[difficulty - 1]]
    while True:
        edges = _random_edges(rng, names, (2, 3, 3, 4, 4)[difficulty - 1], 11)
        network = Network(edges, rng.choice(names[1:]))
        ranked = sorted(_paths(_neighbours(edges), "A", network.target))
        # One shortest path only, of at least two links, and another first hop to be led astray to.
        if len(ranked) > 3 and ranked[0][0] < ranked[1][0] and len(ranked[0][1]) > 2 and len(_neighbours(edges)["A"]) > 1:
            return network


def _hop(cost: int, node: str) -> str:
    return f"代价 {cost}，下一跳 {node}"


def _ask_network(network: Network) -> str:
    links = "、".join(f"{a}-{b} 为 {cost}" for a, b, cost in network.edges)
    return f"某网络采用链路状态路由算法，各链路（双向）的代价为：{links}。路由器 A 用 Dijkstra 算法求得的到 {network.target} 的最小代价与下一跳是"


def _solve_network(network: Network) -> Solution:
    settled, before = _dijkstra(network.edges, "A")
    graph, target, path = _neighbours(network.edges), network.target, network.target
    while path[0] != "A":
        path = before[path[0]] + path
    answer, ranked = _hop(settled[target], path[1]), sorted(_paths(graph, "A", target))
    fewest = min(ranked, key=lambda p: (len(p[1]), p[0]))
    other = [p for p in ranked if p[1][1] != path[1]]
    wrong = [_hop(fewest[0], fewest[1][1]), _hop(settled[target], path[-2]), *(_hop(c, p[1]) for c, p in other[:1])]
    last, first = graph[path[-2]][target], min(graph["A"], key=lambda n: graph["A"][n])
    wrong += [
        _hop(settled[target] - last, path[1]),  # the last link forgotten
        _hop(settled[target] - graph["A"][path[1]], first),  # the first link forgotten, the nearest neighbour chosen
        _hop(ranked[1][0], ranked[1][1][1]),
        *(_hop(settled[target], p[1]) for _, p in other[:1]),
        _hop(ranked[2][0], ranked[2][1][1]),
    ]
    order = "；".join(f"{n}（{d}{f'，前驱 {before[n]}' if n in before else ''}）" for n, d in settled.items())
    runner_up = f"A 到 {target} 的次优路径 {' → '.join(ranked[1][1])} 代价为 {ranked[1][0]}，不是最小。"
    text = (
        f"从 A 起每次选定距离最小的未选结点，依次选定（括号内为距离）：{order}。由前驱回溯得最短路径 {' → '.join(path)}，"
        f"代价 {' + '.join(str(graph[a][b]) for a, b in zip(path, path[1:], strict=False))} = {settled[target]}，"
        f"下一跳是路径上 A 之后的第一个路由器 {path[1]}。所以答案是：{answer}。{runner_up}"
    )
    return Solution(answer, wrong, text)


FAMILIES = [
    Family("cn-distance-vector", "距离向量的更新", "cn", ("cn.4.13",), _sample_vector, _ask_vector, _solve_vector),
    Family("cn-link-state", "链路状态算法的最短路径", "cn", ("cn.4.14",), _sample_network, _ask_network, _solve_network),
]
