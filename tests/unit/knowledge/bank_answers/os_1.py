"""Answers of the bank's questions of chapter os.1, computed from their stems."""

from collections.abc import Callable
from itertools import pairwise

from tests.unit.knowledge.bank_answers.shared_os_1_to_3 import Job, priority, schedule


def _os_1_1_1() -> str:
    jobs = [Job("甲", 0, [10, 25, 10], 1), Job("乙", 0, [15, 20, 10], 2), Job("丙", 0, [20, 10, 5], 3)]
    line = schedule(jobs, priority, preemptive=True).line
    return f"{100 * sum(map(bool, line)) / len(line):.4g}%"


def _os_1_2_1() -> str:
    # (mode before the event, number of such events); a system call, a fault and an interrupt all enter the kernel.
    events = [("user", 3), ("user", 1), ("user", 2), ("kernel", 1)]
    changes = 0
    for before, times in events:
        modes = [before, "kernel", before]  # before, during, after
        changes += times * sum(a != b for a, b in pairwise(modes))
    return f"{changes}次"


def _os_1_3_1() -> str:
    packets = 2 * 10**4
    cycles = packets // 10 * 4000 + packets * 1000
    return f"{100 * cycles / (2.5 * 10**9):.2f}%"


def _os_1_3_2() -> str:
    length = 4
    # A fault re-executes its instruction; a trap and an external interrupt continue with the next one.
    events = [(0x4000, "fault"), (0x4004, "trap"), (0x4008, "interrupt")]
    return "、".join(f"{pc if kind == 'fault' else pc + length:X}H" for pc, kind in events)


def _os_1_4_1() -> str:
    size, buffer = 20000, 4096
    calls = 2 + 2  # open and close of both files
    left, read_buf, write_buf = size, 0, 0
    while True:
        if read_buf == 0:
            calls += 1  # read, also the last one that returns 0
            read_buf = min(left, buffer)
            left -= read_buf
            if read_buf == 0:
                break
        read_buf -= 1
        write_buf += 1
        if write_buf == buffer:
            calls += 1
            write_buf = 0
    calls += write_buf > 0
    return f"{2 * calls}次"


def _os_1_5_1() -> str:
    path = ["app", "file", "disk", "file", "app"]
    micro = 2 * (len(path) - 1)  # each message enters the kernel and leaves it
    return f"{(micro - 2) * 0.4:.1f} μs"


ANSWERS: dict[str, Callable[[], str]] = {
    "os.1.1-1": _os_1_1_1,
    "os.1.2-1": _os_1_2_1,
    "os.1.3-1": _os_1_3_1,
    "os.1.3-2": _os_1_3_2,
    "os.1.4-1": _os_1_4_1,
    "os.1.5-1": _os_1_5_1,
}
