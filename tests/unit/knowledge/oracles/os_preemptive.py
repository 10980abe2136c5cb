"""Scheduling by simulating every millisecond."""

from fractions import Fraction

from tests.unit.knowledge.oracles.rounding import half_up


def _mean(jobs, done):
    return f"{half_up(Fraction(sum(d - a for d, a in zip(done, jobs.arrivals, strict=True)), len(done)))} ms"


def _srtf(jobs):
    left, done, clock = list(jobs.services), [0] * len(jobs.services), 0
    while any(left):
        ready = [i for i, rest in enumerate(left) if rest and jobs.arrivals[i] <= clock]
        clock += 1
        if ready:
            who = min(ready, key=lambda i: left[i])
            left[who] -= 1
            done[who] = clock
    return _mean(jobs, done)


def _round_robin(jobs):
    left, done, clock, queue, running, used = list(jobs.services), [0] * len(jobs.services), 0, [], None, 0
    while any(left):
        queue += [i for i, a in enumerate(jobs.arrivals) if a == clock]  # arrivals enter first …
        if running is not None and (used == jobs.quantum or not left[running]):
            queue += [running] if left[running] else []  # … then the expired process
            running = None
        if running is None and queue:
            running, used = queue.pop(0), 0
        clock += 1
        if running is not None:
            left[running] -= 1
            used += 1
            done[running] = clock
    return _mean(jobs, done)


def _hrrn(jobs):
    """Waiting times counted up ms by ms; ratios compared crosswise."""
    n = len(jobs.services)
    waited, order, running, rest, clock = [0] * n, [], None, 0, 0
    while len(order) < n or rest:
        if not rest:
            running = None
            for i in range(n):
                if i in order or jobs.arrivals[i] > clock:
                    continue
                if running is None or waited[i] * jobs.services[running] > waited[running] * jobs.services[i]:
                    running = i
            if running is not None:
                order.append(running)
                rest = jobs.services[running]
        for i in range(n):
            waited[i] += i not in order and jobs.arrivals[i] <= clock
        clock, rest = clock + 1, max(0, rest - 1)
    return " → ".join(f"P{i + 1}" for i in order)


ORACLES = {"os-srtf": _srtf, "os-round-robin": _round_robin, "os-hrrn": _hrrn}
