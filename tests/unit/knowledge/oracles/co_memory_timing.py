"""Memories by simulation: modules that are busy, a head above every place of the track."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def _plain(value, places):
    number = Decimal(value.numerator) / Decimal(value.denominator)
    text = format(number.quantize(Decimal(10) ** -places, ROUND_HALF_UP), "f")
    return text.rstrip("0").rstrip(".")


def _interleaved(p):
    free, start, end = [0] * p.modules, -p.bus, 0
    for word in range(p.words):
        start = max(start + p.bus, free[word % p.modules])
        end = free[word % p.modules] = start + p.modules * p.bus
    return f"{end} ns" if p.asked == "time" else _plain(Fraction(8000 * p.words, end), 2) + " MB/s"


def _disk(p):
    """Mean over the head's places at the middle of each of `sectors` equal arcs before the wanted sector."""
    arc = Fraction(60000, p.turns) / p.sectors
    waits = [arc * i + arc / 2 for i in range(p.sectors)]
    transfer = sum([arc] * p.read)
    mean = sum(wait + p.seek + transfer + Fraction(p.delay, 10) for wait in waits) / p.sectors
    return _plain(mean, 3) + " ms"


ORACLES = {"co-interleaved-memory": _interleaved, "co-disk-access": _disk}
