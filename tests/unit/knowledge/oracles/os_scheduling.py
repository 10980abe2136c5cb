"""Scheduling by simulating every millisecond."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _simulate(jobs, choose):
    left, done, clock, running = list(jobs.services), [0] * len(jobs.services), 0, None
    while any(left):
        ready = [i for i, rest in enumerate(left) if rest and jobs.arrivals[i] <= clock]
        if running is None or not left[running]:
            running = choose(ready, jobs) if ready else None
        clock += 1
        if running is not None:
            left[running] -= 1
            if not left[running]:
                done[running] = clock
    mean = Fraction(sum(d - a for d, a in zip(done, jobs.arrivals, strict=True)), len(done))
    return f"{half_up(mean)} ms"


ORACLES = {
    "os-fcfs": lambda jobs: _simulate(jobs, lambda ready, j: min(ready, key=lambda i: j.arrivals[i])),
    "os-sjf": lambda jobs: _simulate(jobs, lambda ready, j: min(ready, key=lambda i: (j.services[i], i))),
}
