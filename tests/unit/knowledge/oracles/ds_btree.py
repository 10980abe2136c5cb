"""B-trees without nodes: every key has a height, and a node is a run of keys of one height not parted by a higher key."""


def _runs(heights, level):
    """The nodes of a level, left to right; levels above the leaves may have keys only at that height."""
    runs = [[]]
    for key in sorted(heights):
        if heights[key] == level:
            runs[-1].append(key)
        elif heights[key] > level:
            runs.append([])
    return runs


def _build(problem):
    heights = {}
    for key in problem.keys:
        heights[key], level = 0, 0
        # the run that the new key, or the key moved up, made too long
        while full := [run for run in _runs(heights, level) if len(run) == problem.order]:
            heights[full[0][(problem.order - 1) // 2]] += 1
            level += 1
    levels = range(max(heights.values()), -1, -1)
    return " / ".join(" ".join(f"[{' '.join(map(str, run))}]" for run in _runs(heights, level)) for level in levels)


ORACLES = {"ds-btree-split": _build}
