"""Answers of the bank's questions of chapter os.7, computed from their stems."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise

from tests.unit.knowledge.bank_answers.shared_os_4_to_7 import ceil


def _travel(path: Sequence[int]) -> int:
    return sum(abs(a - b) for a, b in pairwise(path))


def _os_7_1_1() -> str:
    interrupts = Fraction(20, 100) * 500_000_000 / 250
    return f"{float(interrupts * 4 / 10**6):g} MB/s"


def _buffered(t: int, m: int, cpu: Sequence[int], buffers: int) -> int:
    """Finish time: input t into a free buffer, move m into the one work area, process."""
    moved: list[int] = []  # when block i has left its buffer
    read = done = 0
    for i, c in enumerate(cpu):
        read = max(read, moved[i - buffers] if i >= buffers else 0) + t
        moved.append(max(read, done) + m)
        done = moved[-1] + c
    return done


def _os_7_3_1() -> str:
    cpu = [60] * 12
    return f"{_buffered(90, 15, cpu, 1) - _buffered(90, 15, cpu, 2)} μs"


def _os_7_3_2() -> str:
    return f"{_buffered(60, 10, (30, 100, 40), 1)} μs"


def _os_7_5_1() -> str:
    last = (20 * 4 + 2) * 100 + 30 + 900 - 1
    return f"({last // 400}, {last // 100 % 4}, {last % 100})"


def _os_7_5_2() -> str:
    turn, per_track = Fraction(60_000, 15000), 200
    cylinders = ceil(500, 2 * per_track)
    seeks = 5 + (cylinders - 1) * 1
    return f"{seeks + cylinders * turn / 2 + 500 * turn / per_track} ms"


def _os_7_6_1() -> str:
    requests, head = [200, 95, 30, 160, 250, 110, 20], 120
    return str(_travel([head, 0, max(r for r in requests if r > head)]))


def _os_7_6_2() -> str:
    waiting, head, arrivals = {90, 130, 180, 50}, 100, {90: 70, 70: 120}
    served: list[int] = []
    while waiting:
        head = min(waiting, key=lambda c: abs(c - head))
        waiting.remove(head)
        served.append(head)
        if head in arrivals:
            waiting.add(arrivals[head])
    return "、".join(map(str, served))


def _os_7_6_3() -> str:
    return f"{_travel([30, 149, 30])}和{_travel([30, 149, 0, 30])}"


def _os_7_7_1() -> str:
    pages, valid = 128, 80
    host = pages - valid  # pages gained per erased block, all for the host
    return f"{float(Fraction(host + valid, host)):.2f}"


ANSWERS: dict[str, Callable[[], str]] = {
    "os.7.1-1": _os_7_1_1,
    "os.7.3-1": _os_7_3_1,
    "os.7.3-2": _os_7_3_2,
    "os.7.5-1": _os_7_5_1,
    "os.7.5-2": _os_7_5_2,
    "os.7.6-1": _os_7_6_1,
    "os.7.6-2": _os_7_6_2,
    "os.7.6-3": _os_7_6_3,
    "os.7.7-1": _os_7_7_1,
}
