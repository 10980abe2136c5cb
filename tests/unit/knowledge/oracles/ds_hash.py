"""Linear probing in another order (the total does not depend on it) and by runs of full cells; chaining by collision counts."""

from collections import Counter
from fractions import Fraction


def _linear(table):
    cells, moved = set(), 0
    for key in sorted(table.keys):
        home = key % table.p
        shift = next(s for s in range(table.length) if (home + s) % table.length not in cells)
        cells.add((home + shift) % table.length)
        moved += shift
    if table.success:
        return str(1 + Fraction(moved, len(table.keys)))
    full = "".join("x" if i in cells else "." for i in range(table.length)) * 2
    return str(Fraction(sum(full.index(".", home) - home + 1 for home in range(table.p)), table.p))


def _chain(table):
    homes = Counter(key % table.p for key in table.keys)
    if not table.success:
        return str(sum(Fraction(homes[home], table.p) for home in range(table.p)))
    sizes = homes.values()
    return str(Fraction(sum(s * (s + 1) // 2 for s in sizes), len(table.keys)))


ORACLES = {"ds-hash-asl-linear": _linear, "ds-hash-asl-chain": _chain}
