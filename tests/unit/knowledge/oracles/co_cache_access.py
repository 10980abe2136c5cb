"""Hits by reuse distances and by load times; mean times by listing a million accesses' paths in whole numbers."""

from decimal import Decimal


def _hits(p):
    sets, count, loaded = p.lines // p.ways, 0, {}
    for now, block in enumerate(p.blocks):
        mine = [b for b in p.blocks[:now] if b % sets == block % sets]
        if p.lru:  # a hit: fewer than `ways` other blocks of the set since the last access
            last = max((i for i, b in enumerate(mine) if b == block), default=None)
            count += last is not None and len(set(mine[last + 1 :])) < p.ways
            continue
        present = {b: t for b, t in loaded.items() if b % sets == block % sets}
        if block in present:
            count += 1
            continue
        if len(present) == p.ways:
            del loaded[min(present, key=present.get)]
        loaded[block] = now
    return f"{count} 次"


def _plain(value):
    return format(Decimal(value).normalize(), "f")


def _access(p):
    total, million = 0, 10**6
    missed = million // 100 * (100 - p.hit)
    if p.kind == "one":
        total = (million - missed) * p.time + missed * (p.time + p.memory)
    elif p.kind == "two":
        missed2 = missed // 100 * (100 - p.hit2)
        total = (million - missed) * p.time + (missed - missed2) * (p.time + p.time2) + missed2 * (p.time + p.time2 + p.memory)
    else:
        accesses = million + million // 100 * p.data
        total = million * p.time + accesses // 100 * (100 - p.hit) * p.memory
    return _plain(Decimal(total) / million) + ("" if p.kind == "cpi" else " ns")


ORACLES = {"co-cache-hits": _hits, "co-average-access": _access}
