"""What the answers of several chapters compute with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction


@dataclass
class Job:
    """A job: bursts alternate between processor and its own device, starting with the processor."""

    name: str
    arrival: int
    bursts: list[int]
    priority: int = 0
    ready_at: int = 0

    @property
    def total(self) -> int:
        return sum(self.bursts[::2])


Key = Callable[[Job, int], Fraction]


@dataclass
class Trace:
    """What a simulated schedule did: who ran in each ms, when each job ended, how often states changed."""

    line: list[str] = field(default_factory=list)
    turnaround: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    dispatched: int = 0
    put_back: int = 0

    def mean(self) -> Fraction:
        return Fraction(sum(self.turnaround.values()), len(self.turnaround))


def fifo(_job: Job, _now: int) -> Fraction:
    return Fraction(0)


def priority(job: Job, _now: int) -> Fraction:
    return Fraction(job.priority)


def schedule(jobs: Sequence[Job], key: Key = fifo, preemptive: bool = False, quantum: int = 0) -> Trace:
    """Millisecond simulation of one processor; ties go to the running job, then to the head of the ready queue."""
    trace = Trace(waiting={job.name: 0 for job in jobs})
    for job in jobs:
        job.ready_at = job.arrival
    ready: list[Job] = []
    current: Job | None = None
    used = now = 0
    while len(trace.turnaround) < len(jobs):
        # Arrivals and wake-ups of this instant queue before a job whose time slice just ended.
        ready += [job for job in jobs if job.ready_at == now and job.name not in trace.turnaround]
        if current and (used == quantum > 0 or preemptive and any(key(r, now) < key(current, now) for r in ready)):
            ready.append(current)
            current = None
            trace.put_back += 1
        if not current and ready:
            current = min(ready, key=lambda r: key(r, now))
            ready.remove(current)
            used = 0
            trace.dispatched += 1
        for waiting in ready:
            trace.waiting[waiting.name] += 1
        trace.line.append(current.name if current else "")
        now += 1
        if current:
            used += 1
            current = spend(current, now, trace)
    return trace


def spend(job: Job, now: int, trace: Trace) -> Job | None:
    """Take one ms off the current burst; the job itself if it can go on running, else None."""
    job.bursts[0] -= 1
    if job.bursts[0]:
        return job
    job.bursts.pop(0)
    if job.bursts:
        job.ready_at = now + job.bursts.pop(0)
    else:
        trace.turnaround[job.name] = now - job.arrival
    return None


def minus(value: int) -> str:
    return str(value).replace("-", "−")
