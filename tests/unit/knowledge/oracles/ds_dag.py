"""Topological orders by repeatedly removing sources; the AOE network by listing all paths."""


def _is_topological(problem, order):
    arcs = set(problem.arcs)
    for vertex in order:
        if any(b == vertex for _, b in arcs):
            return False
        arcs = {(a, b) for a, b in arcs if a != vertex}
    return sorted(order) == sorted(problem.vertices)


def _topological(problem):
    (odd,) = [c for c in problem.candidates if _is_topological(problem, c) == problem.legal]
    return odd


def _paths(network, start, end):
    """The lengths of all paths."""
    if start == end:
        return [0]
    return [w + rest for i, j, w in network.activities if i == start for rest in _paths(network, j, end)]


def _network(network):
    total = max(_paths(network, 1, network.events))
    i, j, w = network.activities[network.index]
    early = max(_paths(network, 1, i))
    late = total - w - max(_paths(network, j, network.events))
    return f"{ {'length': total, 'latest': late, 'slack': late - early}[network.asked] } 天"


ORACLES = {"ds-topological-order": _topological, "ds-critical-path": _network}
