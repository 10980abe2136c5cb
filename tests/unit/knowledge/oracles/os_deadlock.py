"""The safe sequence among all permutations; deadlocked states looked for."""

from itertools import count, permutations


def _banker(state):
    total = [f + sum(h[k] for h in state.held) for k, f in enumerate(state.free)]

    def safe(order):
        """No kind is ever short: what the rest still hold plus the maximum of the next stays within the total."""
        return all(
            state.most[i][k] + sum(state.held[j][k] for j in order[step + 1 :]) <= total[k]
            for step, i in enumerate(order)
            for k in range(len(total))
        )

    (only,) = [order for order in permutations(range(len(state.held))) if safe(order)]
    return "，".join(f"P{i + 1}" for i in only)


def _can_deadlock(demands, resources):
    """Some way to give out everything while each process still wants more."""
    sums = {0}
    for demand in demands:
        sums = {s + held for s in sums for held in range(demand)}
    return resources in sums


def _minimum(problem):
    if problem.resources:
        fitting = (n for n in count(1) if _can_deadlock(problem.demands * (n + 1), problem.resources))
        return f"{next(fitting)} 个"
    return f"{next(r for r in count(max(problem.demands)) if not _can_deadlock(problem.demands, r))} 个"


ORACLES = {"os-banker": _banker, "os-deadlock-minimum": _minimum}
