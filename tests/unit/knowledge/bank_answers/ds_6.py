"""Answers of the bank's questions of chapter ds.6, computed from their stems."""

import ast
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, combinations_with_replacement, pairwise, permutations, product

from tests.unit.knowledge.bank_answers.shared_ds_6_to_8 import commas, dots, only_true, roman

Edge = tuple[int, int]


Weighted = dict[Edge, int]


Activities = dict[str, tuple[int, int, int]]


def _neighbours(edges: Iterable[Edge]) -> dict[int, set[int]]:
    near: dict[int, set[int]] = {}
    for u, v in edges:
        near.setdefault(u, set()).add(v)
        near.setdefault(v, set()).add(u)
    return near


def _is_dfs_order(order: Sequence[int], near: dict[int, set[int]]) -> bool:
    """Whether each vertex is reached from the deepest vertex that still has an unvisited neighbour."""
    stack, seen = [order[0]], {order[0]}
    for vertex in order[1:]:
        while stack and not near[stack[-1]] - seen:
            stack.pop()
        if not stack or vertex not in near[stack[-1]] - seen:
            return False
        stack.append(vertex)
        seen.add(vertex)
    return True


def _find(root: dict[int, int], vertex: int) -> int:
    while root.setdefault(vertex, vertex) != vertex:
        vertex = root[vertex]
    return vertex


def _kruskal(edges: Weighted, size: int) -> tuple[list[Edge], list[Edge]]:
    """The chosen edges, and the edges looked at but rejected before the tree was complete."""
    root: dict[int, int] = {}
    chosen: list[Edge] = []
    rejected: list[Edge] = []
    for edge in sorted(edges, key=lambda item: edges[item]):
        if len(chosen) == size - 1:
            break
        a, b = _find(root, edge[0]), _find(root, edge[1])
        (rejected if a == b else chosen).append(edge)
        root[a] = b
    return chosen, rejected


def _connected(edges: Sequence[Edge], vertices: Iterable[int]) -> bool:
    root: dict[int, int] = {}
    for u, v in edges:
        root[_find(root, u)] = _find(root, v)
    return len({_find(root, vertex) for vertex in vertices}) == 1


def _connected_graphs(size: int) -> Iterator[tuple[Edge, ...]]:
    pairs = list(combinations(range(size), 2))
    for number in range(size - 1, len(pairs) + 1):
        yield from (edges for edges in combinations(pairs, number) if _connected(edges, range(size)))


def _has_cycle(edges: Sequence[Edge], size: int) -> bool:
    return len(edges) > size - 1


def _dijkstra(arcs: Weighted, size: int) -> Iterator[tuple[int, list[float]]]:
    """Each vertex as it is settled, with the distances after its relaxations; settled distances stay as they are."""
    dist = [0.0] + [math.inf] * (size - 1)
    settled: set[int] = set()
    while len(settled) < size:
        u = min((v for v in range(size) if v not in settled), key=lambda v: dist[v])
        settled.add(u)
        for (a, b), weight in arcs.items():
            if a == u and b not in settled:
                dist[b] = min(dist[b], dist[u] + weight)
        yield u, list(dist)


def _event_times(activities: Activities) -> tuple[dict[int, int], dict[int, int]]:
    """Earliest and latest times of the events of an AOE net whose events are numbered topologically."""
    events = sorted({event for start, end, _ in activities.values() for event in (start, end)})
    earliest: dict[int, int] = {}
    for event in events:
        earliest[event] = max((earliest[s] + days for s, e, days in activities.values() if e == event), default=0)
    latest: dict[int, int] = {}
    for event in reversed(events):
        after = [latest[e] - days for s, e, days in activities.values() if s == event]
        latest[event] = min(after, default=earliest[events[-1]])
    return earliest, latest


def _ds_6_1_1() -> str:
    sizes = (parts for parts in combinations_with_replacement(range(2, 13), 3) if sum(parts) == 12)
    return str(max(sum(math.comb(part, 2) for part in parts) for parts in sizes))


def _ds_6_1_2() -> str:
    components = 30 - 24  # a forest has (vertices - edges) components; the isolated vertices are among them
    return str(components - 1)


def _ds_6_2_1() -> str:
    rows = ["01100", "00110", "10011", "00101", "01000"]
    walks = [1, 0, 0, 0, 0]
    for _ in range(3):
        walks = [sum(walks[u] * int(rows[u][v]) for u in range(5)) for v in range(5)]
    return str(walks[4])


def _ds_6_2_2() -> str:
    return commas([15 * 14 // 2, 46 // 2])  # every edge has two list nodes and one entry below the diagonal


def _scan_for_sink(arcs: set[Edge], size: int) -> int:
    c = 0
    for i in range(1, size):
        if (c, i) in arcs:
            c = i
    return c


def _reachable(arcs: set[Edge], start: int) -> set[int]:
    seen, queue = {start}, [start]
    while queue:
        u = queue.pop()
        fresh = {b for a, b in arcs if a == u} - seen
        seen |= fresh
        queue.extend(fresh)
    return seen


def _sink_graphs(size: int) -> Iterator[tuple[int, set[Edge]]]:
    """Every simple digraph that has a vertex of outdegree 0 and indegree n-1, with that vertex."""
    for sink in range(size):
        fixed = {(v, sink) for v in range(size) if v != sink}
        free = [arc for arc in permutations(range(size), 2) if sink not in arc]
        for mask in product((False, True), repeat=len(free)):
            yield sink, fixed | {arc for arc, taken in zip(free, mask, strict=True) if taken}


def _ds_6_2_3() -> str:
    claims = dict.fromkeys(("sink", "last entered", "largest outdegree", "farthest reachable"), True)
    for size in (2, 3, 4):
        for sink, arcs in _sink_graphs(size):
            result = _scan_for_sink(arcs, size)
            out = [sum(a == v for a, _ in arcs) for v in range(size)]
            claims["sink"] &= result == sink
            claims["last entered"] &= result == max(b for _, b in arcs)
            claims["largest outdegree"] &= result == out.index(max(out))
            claims["farthest reachable"] &= result == max(_reachable(arcs, 0))
    return only_true(
        {
            "该出度为0、入度为n−1的顶点的编号": claims["sink"],
            "图中最后一个有入弧的顶点的编号": claims["last entered"],
            "图中出度最大而编号又最小的顶点的编号": claims["largest outdegree"],
            "从顶点0出发能够到达的顶点中的最大编号": claims["farthest reachable"],
        }
    )


def _ds_6_3_1() -> str:
    nodes = {"a": (0, "", 1, ""), "b": (2, "", 0, "a"), "c": (1, "a", 2, "b")}
    nodes |= {"d": (3, "", 2, "c"), "e": (3, "d", 0, "b"), "f": (2, "d", 4, "")}
    visited, name = [], "f"
    while name:
        visited.append(name)
        ivex, ilink, _, jlink = nodes[name]
        name = ilink if ivex == 2 else jlink
    return dots(visited)


def _ds_6_4_1() -> str:
    near = _neighbours([(1, 2), (1, 4), (2, 3), (2, 5), (3, 6), (4, 5), (4, 7), (5, 6), (5, 8), (6, 8), (7, 8)])
    orders = ["12587436", "12547863", "12368745", "14786523"]
    return only_true({dots(order): not _is_dfs_order(list(map(int, order)), near) for order in orders})


def _dfs_trees(near: dict[int, set[int]]) -> Iterator[dict[int, int]]:
    """Every depth first tree from vertex 0, as a map from vertex to parent, over all orders of the neighbours."""

    def grow(stack: list[int], parent: dict[int, int]) -> Iterator[dict[int, int]]:
        while stack and not near[stack[-1]] - parent.keys():
            stack = stack[:-1]
        if not stack:
            yield parent
            return
        for vertex in near[stack[-1]] - parent.keys():
            yield from grow([*stack, vertex], parent | {vertex: stack[-1]})

    yield from grow([0], {0: 0})


def _bfs_trees(near: dict[int, set[int]]) -> Iterator[dict[int, int]]:
    """Every breadth first tree from vertex 0, over all orders of the neighbours."""

    def grow(queue: list[int], parent: dict[int, int]) -> Iterator[dict[int, int]]:
        if not queue:
            yield parent
            return
        fresh = near[queue[0]] - parent.keys()
        for order in permutations(fresh):
            yield from grow([*queue[1:], *order], parent | dict.fromkeys(order, queue[0]))

    yield from grow([0], {0: 0})


def _ancestors(parent: dict[int, int], vertex: int) -> list[int]:
    line = [vertex]
    while parent[line[-1]] != line[-1]:
        line.append(parent[line[-1]])
    return line


def _ds_6_4_3() -> str:
    first = second = third = True
    for edges in (graph for size in (2, 3, 4) for graph in _connected_graphs(size)):
        near = _neighbours(edges)
        deep, wide = list(_dfs_trees(near)), list(_bfs_trees(near))
        first &= all(u in _ancestors(t, v) or v in _ancestors(t, u) for t in deep for u, v in edges)
        second &= all(abs(len(_ancestors(t, u)) - len(_ancestors(t, v))) <= 1 for t in wide for u, v in edges)
        third &= not (_has_cycle(edges, len(near)) and any(t in wide for t in deep))
    return roman(first, second, third)


def _ds_6_5_1() -> str:
    edges = {(1, 2): 7, (1, 3): 3, (1, 4): 9, (2, 3): 6, (2, 5): 4, (3, 4): 5, (3, 6): 8, (4, 6): 2}
    edges |= {(5, 6): 10, (5, 7): 1, (6, 7): 11}
    inside, chosen = {1}, []
    while len(inside) < 7:
        crossing = [edge for edge in edges if (edge[0] in inside) != (edge[1] in inside)]
        chosen.append(min(crossing, key=lambda edge: edges[edge]))
        inside |= set(chosen[-1])
    u, v = chosen[3]
    return f"({u},{v}){edges[u, v]}"


def _simple_cycles(edges: Sequence[Edge]) -> Iterator[tuple[Edge, ...]]:
    """The edge sets in which every vertex has degree 2 and which hang together."""
    for number in range(3, len(edges) + 1):
        for part in combinations(edges, number):
            near = _neighbours(part)
            if all(len(others) == 2 for others in near.values()) and _connected(part, near):
                yield part


def _ds_6_5_2() -> str:
    bridge = added = squared = smallest = True
    for edges in _connected_graphs(4):
        bridges = [edge for edge in edges if not _connected([e for e in edges if e != edge], range(4))]
        cycles = list(_simple_cycles(edges))
        for weights in permutations(range(1, len(edges) + 1)):
            net = dict(zip(edges, weights, strict=True))
            tree = set(_kruskal(net, 4)[0])
            bridge &= tree.issuperset(bridges)
            added &= tree == set(_kruskal({e: w + 7 for e, w in net.items()}, 4)[0])
            squared &= tree == set(_kruskal({e: w * w for e, w in net.items()}, 4)[0])
            smallest &= all(min(cycle, key=lambda e: net[e]) in tree for cycle in cycles)
    return only_true(
        {
            "若某条边是G的桥，则无论其权值多大都必在T中": not bridge,
            "将每条边的权值都加上同一正数后，T仍是最小生成树": not added,
            "将每条边的权值都改为原来的平方后，T仍是最小生成树": not squared,
            "G的任意一条简单回路中权值最小的边必在T中": not smallest,
        }
    )


def _ds_6_6_1() -> str:
    edges = {(1, 3): 2, (4, 5): 3, (2, 3): 4, (3, 4): 5, (1, 2): 6, (5, 7): 7, (3, 5): 8, (2, 4): 9}
    edges |= {(6, 7): 10, (5, 6): 11, (4, 6): 12, (3, 7): 13}
    return dots(f"({u},{v})" for u, v in _kruskal(edges, 7)[1])


def _ds_6_6_2() -> str:
    edges = {(1, 2): 2, (2, 3): 2, (1, 3): 2, (4, 5): 3, (5, 6): 4, (4, 6): 4, (3, 4): 5, (2, 4): 5, (1, 5): 6}
    trees = [tree for tree in combinations(edges, 5) if _connected(tree, range(1, 7))]
    costs = [sum(edges[edge] for edge in tree) for tree in trees]
    return f"{costs.count(min(costs))}棵"


def _best_routes(arcs: Weighted, size: int) -> dict[int, list[tuple[int, ...]]]:
    """All shortest simple paths from vertex 0 to each vertex that can be reached."""
    routes: dict[int, list[tuple[int, ...]]] = {}
    for number in range(1, size):
        for tail in permutations(range(1, size), number):
            route = (0, *tail)
            if all(arc in arcs for arc in pairwise(route)):
                routes.setdefault(route[-1], []).append(route)
    cost = {r: sum(arcs[arc] for arc in pairwise(r)) for found in routes.values() for r in found}
    return {v: [r for r in found if cost[r] == min(cost[q] for q in found)] for v, found in routes.items()}


def _ds_6_7_1() -> str:
    scaled = shifted = sections = True
    pairs = [arc for arc in permutations(range(4), 2) if arc[1] != 0]
    for weights in product((0, 1, 3), repeat=len(pairs)):  # 0: no such arc
        arcs = {arc: weight for arc, weight in zip(pairs, weights, strict=True) if weight}
        best = _best_routes(arcs, 4)
        scaled &= best == _best_routes({arc: 5 * weight for arc, weight in arcs.items()}, 4)
        shifted &= best == _best_routes({arc: 5 + weight for arc, weight in arcs.items()}, 4)
        found = [route for routes in best.values() for route in routes]
        sections &= all(r[: i + 1] in best[r[i]] for r in found for i in range(1, len(r)))
    return roman(scaled, shifted, sections)


def _ds_6_7_2() -> str:
    arcs = {(0, 1): 12, (0, 2): 4, (0, 4): 20, (1, 5): 3, (2, 1): 7, (2, 3): 6, (2, 4): 15}
    arcs |= {(3, 1): 2, (3, 4): 4, (3, 5): 9, (4, 5): 1, (5, 4): 2}
    vertex, dist = list(_dijkstra(arcs, 6))[3]  # entry 0 is the source itself
    return f"顶点{vertex}，{dist[5]:.0f}"


def _ds_6_7_3() -> str:
    arcs = {(0, 1): 5, (0, 2): 7, (0, 3): 10, (1, 3): 3, (1, 4): 6, (2, 1): -4, (3, 4): 1}
    *_, (_, dist) = _dijkstra(arcs, 5)
    return commas(f"{value:.0f}" for value in dist[1:])


def _ds_6_8_1() -> str:
    path = [[-1, 4, -1, 4, 2], [3, -1, 3, -1, 3], [4, 4, -1, 4, -1], [-1, 4, 0, -1, 2], [3, -1, 3, 1, -1]]

    def after(i: int, j: int) -> list[int]:
        middle = path[i][j]
        return [j] if middle == -1 else after(i, middle) + after(middle, j)

    return "→".join(map(str, [0, *after(0, 3)]))


def _ds_6_9_1() -> str:
    arcs = [(1, 3), (1, 4), (2, 4), (3, 5), (4, 5), (4, 6), (5, 7), (6, 7)]
    orders = permutations(range(1, 8))
    return f"{sum(all(order.index(u) < order.index(v) for u, v in arcs) for order in orders)}种"


def _ds_6_9_2() -> str:
    after = {0: [2, 3], 1: [3, 4], 2: [5], 3: [5, 6], 4: [6], 5: [], 6: []}
    waiting = {v: sum(v in heads for heads in after.values()) for v in after}
    stack = [v for v in after if waiting[v] == 0]
    output = []
    while stack:
        output.append(stack.pop())
        for head in after[output[-1]]:
            waiting[head] -= 1
            if waiting[head] == 0:
                stack.append(head)
    return dots(output)


def _ds_6_9_3() -> str:
    tree = ast.parse("((x+y)*z-(x+y))/(((x+y)*z)*(z-w))", mode="eval")
    return str(len({ast.dump(node) for node in ast.walk(tree) if isinstance(node, ast.BinOp | ast.Name)}))


def _ds_6_10_1() -> str:
    net = {"a": (1, 2, 3), "b": (1, 3, 5), "c": (2, 4, 6), "d": (3, 4, 2), "e": (3, 5, 7)}
    net |= {"f": (4, 5, 3), "g": (4, 6, 8), "h": (5, 6, 4)}
    earliest, latest = _event_times(net)
    start, end, days = net["d"]
    return f"{earliest[start]}和{latest[end] - days}"


def _ds_6_10_2() -> str:
    net = {"a": (1, 2, 6), "b": (1, 3, 4), "c": (2, 4, 3), "d": (3, 4, 5), "e": (2, 5, 4)}
    net |= {"f": (4, 5, 3), "g": (4, 6, 7), "h": (5, 6, 5), "i": (5, 7, 6), "j": (6, 7, 4)}
    length = {}
    for name, (start, end, days) in net.items():
        length[name] = _event_times(net | {name: (start, end, days - 2)})[0][7]
    return only_true({name: value == min(length.values()) for name, value in length.items()})


ANSWERS: dict[str, Callable[[], str]] = {
    "ds.6.1-1": _ds_6_1_1,
    "ds.6.1-2": _ds_6_1_2,
    "ds.6.2-1": _ds_6_2_1,
    "ds.6.2-2": _ds_6_2_2,
    "ds.6.2-3": _ds_6_2_3,
    "ds.6.3-1": _ds_6_3_1,
    "ds.6.4-1": _ds_6_4_1,
    "ds.6.4-3": _ds_6_4_3,
    "ds.6.5-1": _ds_6_5_1,
    "ds.6.5-2": _ds_6_5_2,
    "ds.6.6-1": _ds_6_6_1,
    "ds.6.6-2": _ds_6_6_2,
    "ds.6.7-1": _ds_6_7_1,
    "ds.6.7-2": _ds_6_7_2,
    "ds.6.7-3": _ds_6_7_3,
    "ds.6.8-1": _ds_6_8_1,
    "ds.6.9-1": _ds_6_9_1,
    "ds.6.9-2": _ds_6_9_2,
    "ds.6.9-3": _ds_6_9_3,
    "ds.6.10-1": _ds_6_10_1,
    "ds.6.10-2": _ds_6_10_2,
}
