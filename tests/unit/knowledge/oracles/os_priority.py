"""Priority scheduling millisecond by millisecond."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _mean_turnaround(p):
    left, ends, running = list(p.services), {}, None
    clock = 0
    while any(left):
        ready = [i for i in range(len(left)) if left[i] and p.arrivals[i] <= clock]
        if ready:
            if p.preemptive or running not in ready:
                running = sorted(ready, key=lambda i: p.priorities[i])[0]
            left[running] -= 1
            if not left[running]:
                ends[running], running = clock + 1, None
                clock += 1
                continue
        clock += 1
    turnarounds = [ends[i] - p.arrivals[i] for i in range(len(left))]
    return f"{half_up(Fraction(sum(turnarounds), len(turnarounds)))} ms"


ORACLES = {"os-priority": _mean_turnaround}
