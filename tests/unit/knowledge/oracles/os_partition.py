"""Partitions on a map of single KB cells."""


def _holes(cells):
    holes, start = [], None
    for at, free in enumerate([*cells, False]):
        if free and start is None:
            start = at
        elif not free and start is not None:
            holes.append((start, at - start))
            start = None
    return holes


def _fit(problem):
    cells = []
    for size in problem.holes:
        cells += [True] * size + [False]  # a used cell keeps the holes apart
    rank = {"首次适应": lambda h: h[0], "最佳适应": lambda h: h[1], "最坏适应": lambda h: -h[1]}[problem.rule]
    for request in problem.requests:
        start, _ = min((h for h in _holes(cells) if h[1] >= request), key=rank)
        cells[start : start + request] = [False] * request
    return "、".join(str(size) for _, size in _holes(cells)) + " KB"


ORACLES = {"os-partition-fit": _fit}
