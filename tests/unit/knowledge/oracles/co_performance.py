"""Performance by counting the cycles of a hundred instructions; speedups by search and by rates."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _plain(value, places):
    return half_up(value, places, zeros=False)


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
        return half_up(overall)
    if p.asked == "time":
        return _plain(p.total / overall, 3) + " s"
    (factor,) = [k for k in range(1, 1000) if p.total * (1 - share + share / k) == p.total / overall]
    return f"{factor} 倍"


ORACLES = {"co-cpi-time": _mix, "co-mips-speedup": _speedup}
