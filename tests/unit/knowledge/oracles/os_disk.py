"""Head movement counted track by track."""


def _sstf(problem):
    """From the head, rings of growing radius until one meets a request."""
    head, left, moved = problem.head, set(problem.tracks), 0
    while left:
        radius = next(r for r in range(problem.last + 1) if {head - r, head + r} & left)
        (head,) = {head - radius, head + radius} & left
        left.remove(head)
        moved += radius
    return f"{moved} 个磁道"


def _walk(problem, circular):
    head, way, left, moved, serving = problem.head, problem.direction, set(problem.tracks), 0, True
    while left:
        if not 0 <= head + way <= problem.last:
            way, serving = -way, serving != circular  # the way back of C-SCAN serves nothing
        head, moved = head + way, moved + 1
        if circular and not serving and head in (0, problem.last):
            way, serving = -way, True
        if serving:
            left.discard(head)
    return f"{moved} 个磁道"


ORACLES = {"os-disk-sstf": _sstf, "os-disk-scan": lambda p: _walk(p, False), "os-disk-cscan": lambda p: _walk(p, True)}
