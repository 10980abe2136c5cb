"""Page faults without simulating frames: stack distance (LRU), faults since the load (FIFO), all evictions tried (OPT)."""


def _lru(problem):
    """A use hits if fewer than `frames` other pages were used since the last use."""
    faults = 0
    for now, page in enumerate(problem.pages):
        before = problem.pages[:now]
        if page not in before:
            faults += 1
            continue
        last = now - 1 - before[::-1].index(page)
        faults += len(set(before[last + 1 :])) >= problem.frames
    return f"{faults} 次"


def _fifo(problem):
    """A page leaves at the `frames`-th fault after its own load (itself counted, more than `frames` faults)."""
    faults, loaded = 0, {}
    for page in problem.pages:
        if page not in loaded or faults - loaded[page] > problem.frames:
            loaded[page] = faults
            faults += 1
    return f"{faults} 次"


def _opt(problem):
    """The fewest faults over every choice of victim."""
    states = {frozenset(): 0}
    for page in problem.pages:
        following = {}
        for held, faults in states.items():
            if page in held:
                choices, cost = [held], faults
            elif len(held) < problem.frames:
                choices, cost = [held | {page}], faults + 1
            else:
                choices, cost = [(held - {out}) | {page} for out in held], faults + 1
            for choice in choices:
                following[choice] = min(cost, following.get(choice, cost))
        states = following
    return f"{min(states.values())} 次"


ORACLES = {"os-page-lru": _lru, "os-page-fifo": _fifo, "os-page-opt": _opt}
