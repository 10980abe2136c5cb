"""Answers of the bank's questions of chapter co.7, computed from their stems."""

from collections.abc import Callable
from fractions import Fraction
from math import floor

from tests.unit.knowledge.bank_answers.shared_co_3_5_7 import ratio


def _co_7_1_1() -> str:
    number, port = divmod(0xF1A6B - 0xF0000, 8)
    return f"{number}，{port}"


def _co_7_2_1() -> str:
    return ratio(Fraction(60_000, 2) * 400 / 500_000_000)


def _co_7_2_2() -> str:
    per_device = Fraction(600, 25 * 1000)  # cycles of a query against cycles between two bytes
    return str(floor(Fraction(30, 100) / per_device))


def _co_7_3_1() -> str:
    interval = 5 / Fraction(20, 100)  # µs from one interrupt to the next
    return f"{8 / interval * 1000} kB/s"


def _co_7_3_2() -> str:
    ends = (40, 40 + 120, 40 + 120 + 60)
    return f"{next(end for end in ends if end >= 70) + 30} ns"


def _co_7_3_3() -> str:
    return str(next(x for x in range(2000, 0, -1) if 900 * x < 1000 * 300))


def _co_7_4_1() -> str:
    order = (4, 2, 5, 1, 3)
    higher = order[: order.index(5)]
    return "".join("1" if source in higher else "0" for source in range(1, 6))


def _co_7_4_2() -> str:
    handling = ("L2", "L3", "L1")
    arrivals = {"L1": 0, "L2": 0, "L3": 20}
    left = dict.fromkeys(arrivals, 30)
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    stack: list[str] = []
    for now in range(200):
        while stack and left[stack[-1]] == 0:
            ends[stack.pop()] = now
        while True:  # the sources let through are answered in the order L1, L2, L3
            allowed = handling[: handling.index(stack[-1])] if stack else handling
            pending = [s for s in sorted(arrivals) if arrivals[s] <= now and s not in starts and s in allowed]
            if not pending:
                break
            starts[pending[0]] = now
            stack.append(pending[0])
        if stack:
            left[stack[-1]] -= 1
    return f"{starts['L3']} μs，{ends['L1']} μs"


def _co_7_5_1() -> str:
    rate = 20_480_000
    cpu = Fraction(rate, 4096) * 2000 / 10**9
    memory = Fraction(rate, 8) * 10 / 10**9
    return f"{ratio(cpu)}，{ratio(memory)}"


def _co_7_5_2() -> str:
    cycle, cycles_left, now, dma = 50, 4, 0, -1
    while cycles_left:
        if dma < 0 and now >= 70:  # a bus request is answered at the end of any memory cycle
            dma = now
        else:
            cycles_left -= 1
        now += cycle
    return f"{dma} ns，{now} ns"  # the interrupt, requested at 60 ns, waits for the end of the instruction


ANSWERS: dict[str, Callable[[], str]] = {
    "co.7.1-1": _co_7_1_1,
    "co.7.2-1": _co_7_2_1,
    "co.7.2-2": _co_7_2_2,
    "co.7.3-1": _co_7_3_1,
    "co.7.3-2": _co_7_3_2,
    "co.7.3-3": _co_7_3_3,
    "co.7.4-1": _co_7_4_1,
    "co.7.4-2": _co_7_4_2,
    "co.7.5-1": _co_7_5_1,
    "co.7.5-2": _co_7_5_2,
}
