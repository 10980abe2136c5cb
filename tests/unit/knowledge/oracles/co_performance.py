"""Performance by counting the cycles of a hundred instructions; speedups by search and by rates."""

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction


def _plain(value, places):
    number = (Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(10) ** -places, ROUND_HALF_EVEN)
    return format(number.normalize(), "f")


def _mix(p):
    run = [cpi for percent, cpi in zip(p.percents, p.cpis, strict=True) for _ in range(percent)]
    cycles = sum(run)
    if p.asked == "cpi":
        return _plain(Fraction(cycles, len(run)), 2)
    if p.asked == "mips":
        return _plain(Fraction(p.clock * 10**6, cycles) * len(run) / 10**6, 2)
    seconds = Fraction(p.count * 10**6 // 100 * cycles, p.clock * 10**6)
    return _plain(seconds, 3) + " s"


def _speedup(p):
    if not hasattr(p, "factor"):
        return _mix(p)
    share = Fraction(p.percent, 100)
    overall = 1 / (1 - share + share / p.factor)  # Amdahl
    if p.asked == "speedup":
        return _plain(overall, 2)
    if p.asked == "time":
        return _plain(p.total / overall, 3) + " s"
    (factor,) = [k for k in range(1, 1000) if p.total * (1 - share + share / k) == p.total / overall]
    return f"{factor} 倍"


ORACLES = {"co-cpi-time": _mix, "co-mips-speedup": _speedup}
