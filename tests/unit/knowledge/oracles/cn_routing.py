"""Shortest ways by relaxing every link until nothing changes (the vectors' own graph with C joined to it)."""


def _relax(edges, source):
    best = {source: (0, "")}
    while True:
        before = dict(best)
        for a, b, cost in [*edges, *((b, a, c) for a, b, c in edges)]:
            if a in best and (b not in best or best[a][0] + cost < best[b][0]):
                best[b] = (best[a][0] + cost, best[a][1] + b)
        if best == before:
            return best


def _vector(v):
    best = _relax([*v.edges, *(("C", n, cost) for n, cost in v.links)], "C")
    return "(" + ", ".join(str(best[n][0]) for n in v.names) + ")"


def _network(network):
    cost, path = _relax(network.edges, "A")[network.target]
    return f"代价 {cost}，下一跳 {path[0]}"


ORACLES = {"cn-distance-vector": _vector, "cn-link-state": _network}
