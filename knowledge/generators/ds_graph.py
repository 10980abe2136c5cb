"""Weighted graphs: the order of Dijkstra's shortest paths, the edges chosen by Prim's and Kruskal's algorithms."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

Edge = tuple[str, str, int]


@dataclass(frozen=True)
class Graph:
    """Vertices, weighted edges (directed for shortest paths) and where to start."""

    vertices: str
    edges: tuple[Edge, ...]
    start: str


def _random_graph(rng: random.Random, n: int, extra: int, directed: bool) -> Graph:
    """A tree from the start plus some more edges; all weights distinct."""
    vertices = "ABCDEFGH"[:n]
    start = vertices[0] if directed else rng.choice(vertices)
    order = [start, *rng.sample([v for v in vertices if v != start], n - 1)]
    pairs = [(rng.choice(order[:i]), order[i]) for i in range(1, n)]
    while len(pairs) < n - 1 + extra:
        a, b = rng.sample(vertices, 2)
        if (a, b) not in pairs and (directed or (b, a) not in pairs) and not (directed and b == start):
            pairs.append((a, b))
    if not directed:
        pairs = [(min(p), max(p)) for p in pairs]
    weights = rng.sample(range(1, 2 * len(pairs) + 4), len(pairs))
    edges = sorted((a, b, w) for (a, b), w in zip(pairs, weights, strict=True))
    return Graph(vertices, tuple(edges), start)


def _sample_paths(rng: random.Random, difficulty: int) -> Graph:
    while True:
        graph = _random_graph(rng, 5 + (difficulty >= 3), 2 + difficulty, directed=True)
        order, distances, _ = _dijkstra(graph)
        # equal distances would allow two orders
        if len(set(distances.values())) == len(graph.vertices) and "".join(order) != graph.vertices[1:]:
            return graph


def _dijkstra(graph: Graph, along: bool = True) -> tuple[list[str], dict[str, int], list[str]]:
    """Targets in order, distances, a line a step; not `along`: the mistake of comparing single edges, as Prim does."""
    distances, done, order, lines = {graph.start: 0}, {graph.start}, [], []
    current = graph.start
    while len(done) < len(graph.vertices):
        for a, b, w in graph.edges:
            if a == current and b not in done:
                distances[b] = min(distances.get(b, w + (distances[a] if along else 0)), w + (distances[a] if along else 0))
        current = min((v for v in distances if v not in done), key=lambda v: (distances[v], v))
        open_ones = "，".join(f"{v} 为 {distances[v]}" for v in sorted(distances) if v not in done)
        lines.append(f"当前各距离：{open_ones}，最小的是 {current}")
        done.add(current)
        order.append(current)
    return order, distances, lines


def _breadth(graph: Graph) -> list[str]:
    order = [graph.start]
    for v in order:
        order += [b for a, b, _ in graph.edges if a == v and b not in order]
    return order[1:]


def _direct(graph: Graph) -> list[str]:
    """The mistake of ordering by the edges from the start alone, the others behind."""
    near = sorted((w, b) for a, b, w in graph.edges if a == graph.start)
    first = [b for _, b in near]
    return first + [v for v in graph.vertices if v not in first and v != graph.start]


def _arcs(graph: Graph) -> str:
    return "，".join(f"<{a},{b}> 权 {w}" for a, b, w in graph.edges)


def _show(order: list[str]) -> str:
    return ", ".join(order)


def _ask_paths(graph: Graph) -> str:
    return (
        f"有向带权图的顶点为 {'、'.join(graph.vertices)}，弧及其权值为：{_arcs(graph)}。"
        f"用 Dijkstra 算法求从 {graph.start} 到其余各顶点的最短路径，依次得到最短路径的目标顶点是"
    )


def _solve_paths(graph: Graph) -> Solution:
    order, distances, lines = _dijkstra(graph)
    steps = "；".join(f"第 {i} 步，{line}" for i, line in enumerate(lines, 1))
    found = "，".join(f"{v}（{distances[v]}）" for v in order)
    answer, prim = _show(order), _show(_dijkstra(graph, along=False)[0])
    text = f"每步选距离最小的未确定顶点，再用它的出弧更新其余顶点的距离。{steps}。目标顶点及最短距离依次为 {found}，即 {answer}。"
    if prim != answer:
        text += f"{prim} 是只比较单条弧的权值（Prim 的做法），没有加上到弧尾的距离。"
    deep = sorted(graph.vertices[1:], key=lambda v: -distances[v])
    swapped = [*order[:-2], order[-1], order[-2]]
    return Solution(answer, [prim, _show(_direct(graph)), _show(_breadth(graph)), _show(swapped), _show(deep)], text)


def _sample_tree(rng: random.Random, difficulty: int) -> Graph:
    while True:
        graph = _random_graph(rng, 5 + (difficulty >= 3), 2 + (difficulty + 1) // 2, directed=False)
        if _prim(graph) != _kruskal(graph) and _lightest(graph) != _kruskal(graph):
            return graph


def _prim(graph: Graph) -> list[Edge]:
    inside, chosen = {graph.start}, []
    while len(inside) < len(graph.vertices):
        edge = min((e for e in graph.edges if (e[0] in inside) != (e[1] in inside)), key=lambda e: e[2])
        inside |= set(edge[:2])
        chosen.append(edge)
    return chosen


def _kruskal(graph: Graph) -> list[Edge]:
    part = {v: v for v in graph.vertices}
    chosen = []
    for a, b, w in sorted(graph.edges, key=lambda e: e[2]):
        if part[a] != part[b]:
            chosen.append((a, b, w))
            part = {v: part[a] if p == part[b] else p for v, p in part.items()}
    return chosen


def _lightest(graph: Graph) -> list[Edge]:
    """The mistake of taking the lightest edges, circles or not."""
    return sorted(graph.edges, key=lambda e: e[2])[: len(graph.vertices) - 1]


def _path_tree(graph: Graph) -> list[Edge]:
    """The mistake of choosing by the distance from the start, as Dijkstra does."""
    distances, chosen = {graph.start: 0}, []
    while len(distances) < len(graph.vertices):
        steps = [
            (distances[u] + w, e)
            for e in graph.edges
            for u, v, w in (e, (e[1], e[0], e[2]))
            if u in distances and v not in distances
        ]
        far, edge = min(steps)
        distances[edge[0] if edge[1] in distances else edge[1]] = far
        chosen.append(edge)
    return chosen


def _walk_tree(graph: Graph) -> list[Edge]:
    """The mistake of continuing from the newest vertex where possible."""
    trail, chosen = [graph.start], []
    while len(trail) < len(graph.vertices):
        ways = [[e for e in graph.edges if v in e[:2] and not set(e[:2]) <= set(trail)] for v in reversed(trail)]
        edge = min(next(w for w in ways if w), key=lambda e: e[2])
        trail.append(edge[0] if edge[1] in trail else edge[1])
        chosen.append(edge)
    return chosen


def _edges(edges: list[Edge]) -> str:
    return ", ".join(f"({a},{b})" for a, b, _ in edges)


def _network(graph: Graph) -> str:
    return f"无向带权图的顶点为 {'、'.join(graph.vertices)}，边及其权值为：" + "，".join(
        f"({a},{b}) 权 {w}" for a, b, w in graph.edges
    )


def _ask_prim(graph: Graph) -> str:
    return f"{_network(graph)}。从顶点 {graph.start} 出发用 Prim 算法求最小生成树，依次选出的边是"


def _ask_kruskal(graph: Graph) -> str:
    return f"{_network(graph)}。用 Kruskal 算法求最小生成树，依次选出的边是"


def _solve_prim(graph: Graph) -> Solution:
    chosen, inside, lines = _prim(graph), graph.start, []
    for a, b, _ in chosen:
        cut = "，".join(f"({x},{y}) {v}" for x, y, v in graph.edges if (x in inside) != (y in inside))
        inside += b if a in inside else a
        lines.append(f"跨越的边有 {cut}，选最小的 ({a},{b})")
    answer = _edges(chosen)
    steps = (
        f"每步在一端已在树中、另一端不在的边里选权值最小的。开始树中只有 {graph.start}。{'；'.join(lines)}。"
        f"依次选出 {answer}，总权值 {sum(e[2] for e in chosen)}。{_edges(_kruskal(graph))} 是 Kruskal 算法的次序。"
    )
    return Solution(answer, [_edges(w) for w in _wrong_trees(graph, _kruskal(graph), chosen)], steps)


def _wrong_trees(graph: Graph, other: list[Edge], chosen: list[Edge]) -> list[list[Edge]]:
    swapped = [*chosen[:-2], chosen[-1], chosen[-2]]
    return [other, _path_tree(graph), _walk_tree(graph), _lightest(graph), swapped]


def _solve_kruskal(graph: Graph) -> Solution:
    chosen, lines = _kruskal(graph), []
    for edge in sorted(graph.edges, key=lambda e: e[2]):
        lines.append(f"({edge[0]},{edge[1]}) 权 {edge[2]}，{'选入' if edge in chosen else '会成回路，舍去'}")
        if edge == chosen[-1]:
            break
    answer, lightest = _edges(chosen), _lightest(graph)
    steps = (
        f"按权值从小到大考察各边，两端不连通才选入：{'；'.join(lines)}。已选够 {len(chosen)} 条，"
        f"依次为 {answer}，总权值 {sum(e[2] for e in chosen)}。不查回路、只取最小的 {len(chosen)} 条边会误得 {_edges(lightest)}。"
    )
    wrong = [lightest, _prim(graph), _path_tree(graph), _walk_tree(graph), sorted(chosen)]
    return Solution(answer, [_edges(w) for w in wrong], steps)


FAMILIES = [
    Family("ds-dijkstra", "Dijkstra 算法的求解次序", "ds", ("ds.6.7",), _sample_paths, _ask_paths, _solve_paths),
    Family("ds-prim", "Prim 算法的选边次序", "ds", ("ds.6.5",), _sample_tree, _ask_prim, _solve_prim),
    Family("ds-kruskal", "Kruskal 算法的选边次序", "ds", ("ds.6.6",), _sample_tree, _ask_kruskal, _solve_kruskal),
]
