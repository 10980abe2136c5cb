"""The least weighted path length over the leaf depths of every binary tree."""

from functools import cache


@cache
def _depths(leaves):
    """All multisets of leaf depths, deepest first: a tree grows by splitting a leaf."""
    if leaves == 1:
        return {(0,)}
    grown = set()
    for depths in _depths(leaves - 1):
        for d in set(depths):
            rest = list(depths)
            rest.remove(d)
            grown.add(tuple(sorted([*rest, d + 1, d + 1], reverse=True)))
    return grown


def _least(weights):
    ordered = sorted(weights)
    return str(min(sum(w * d for w, d in zip(ordered, depths, strict=True)) for depths in _depths(len(weights))))


ORACLES = {"ds-huffman-wpl": _least}
