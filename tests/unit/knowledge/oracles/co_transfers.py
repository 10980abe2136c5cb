"""Bus transfers by counting the edges of the clock over many transactions."""

from decimal import ROUND_HALF_UP, Decimal


def _burst(p):
    """A long time in half and quarter cycles (`rate` edges a cycle): count the bytes."""
    edges, moved = 0, 0
    for _ in range(100):
        edges += (p.address + p.wait) * p.rate
        for _ in range(p.length):
            edges += 1
            moved += p.width // 8
    mean = Decimal(moved * p.clock * p.rate) / Decimal(edges)
    return format(mean.quantize(Decimal("0.01"), ROUND_HALF_UP), "f").rstrip("0").rstrip(".") + " MB/s"


ORACLES = {"co-bus-bandwidth": _burst}
