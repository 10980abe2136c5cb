"""CSMA/CD by a search for the limit in whole bits or metres; CDMA by trying every combination of bits."""

from fractions import Fraction
from itertools import product


def _heard_in_time(bus, bits, length):
    """A collision at the far end is back before the last bit has left."""
    there = Fraction(length, bus.speed) + Fraction(bus.extra, 10)
    return Fraction(bits, bus.rate) >= there + there


def _bus(bus):
    low, high = 0, 1 << 20
    while high - low > 1:
        middle = (low + high) // 2
        fits = _heard_in_time(bus, bus.frame * 8, middle) if bus.frame else not _heard_in_time(bus, middle, bus.length)
        low, high = (middle, high) if fits else (low, middle)
    return f"{low} m" if bus.frame else f"{high} bit"


def _sum(chips, bits):
    return [sum(c[k] if bit else -c[k] for c, bit in zip(chips, bits, strict=True)) for k in range(len(chips[0]))]


def _cdma(cdma):
    found = ""
    for slot in range(len(cdma.data[0])):
        heard = _sum(cdma.chips, [d[slot] == "1" for d in cdma.data])
        fits = [bits for bits in product((0, 1), repeat=len(cdma.chips)) if _sum(cdma.chips, bits) == heard]
        assert len(fits) == 1
        found += str(fits[0][cdma.station])
    return found


ORACLES = {"cn-csmacd-min-frame": _bus, "cn-cdma": _cdma}
