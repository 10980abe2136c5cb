"""Overheads as busy cycles within the cycles between two requests, a byte and an instruction at a time."""

from decimal import Decimal
from fractions import Fraction


def _share(busy, period):
    value = Fraction(100 * busy) / period
    return format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f") + "%"


def _byte(p):
    """CPU cycles that pass while the device delivers one byte."""
    return Fraction(p.clock * 1000, p.rate)


def _interrupts(p):
    period = sum(_byte(p) for _ in range(p.unit))
    busy = p.extra
    for _ in range(p.instructions):
        busy += p.cpi
    return _share(busy, period)


def _dma(p):
    busy, arrived, period = p.before + p.after, 0, p.block * _byte(p)
    for _ in range(p.block):
        arrived += 1
        if arrived == 4:
            arrived, busy = 0, busy + p.stolen
    return _share(busy, period)


ORACLES = {"co-interrupt-overhead": _interrupts, "co-dma-overhead": _dma}
