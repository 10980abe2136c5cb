"""Shortest paths by Floyd's recurrence; spanning trees by the circle property, one edge at a time."""


def _dijkstra(graph):
    vs, far = graph.vertices, float("inf")
    d = {(a, b): 0 if a == b else far for a in vs for b in vs} | {(a, b): w for a, b, w in graph.edges}
    for k in vs:
        for a in vs:
            for b in vs:
                d[a, b] = min(d[a, b], d[a, k] + d[k, b])
    return ", ".join(sorted((v for v in vs if v != graph.start), key=lambda v: d[graph.start, v]))


def _tree(graph):
    """An edge belongs to the tree unless lighter edges already join its ends."""
    kept = []
    for a, b, w in graph.edges:
        reach = {a}
        for _ in graph.vertices:
            reach |= {v for x, y, u in graph.edges if u < w and {x, y} & reach for v in (x, y)}
        if b not in reach:
            kept.append((a, b, w))
    return kept


def _show(edges):
    return ", ".join(f"({a},{b})" for a, b, _ in edges)


def _prim(graph):
    """Grows the finished tree from the start, the lightest edge at its border first."""
    left, inside, out = sorted(_tree(graph), key=lambda e: e[2]), {graph.start}, []
    while left:
        edge = next(e for e in left if inside & set(e[:2]))
        left.remove(edge)
        inside |= set(edge[:2])
        out.append(edge)
    return _show(out)


ORACLES = {
    "ds-dijkstra": _dijkstra,
    "ds-prim": _prim,
    "ds-kruskal": lambda graph: _show(sorted(_tree(graph), key=lambda e: e[2])),
}
