"""Answers of the bank's questions of chapter co.5, computed from their stems."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from fractions import Fraction
from itertools import pairwise, product

from tests.unit.knowledge.bank_answers.shared_co_3_5_7 import KI, bits_of


def _co_5_1_1() -> str:
    mar = bits_of(64 * KI * KI)
    pc = mar - bits_of(4)  # the two low bits of an aligned instruction address are always 0
    return f"{pc}、{mar}、64"


def _co_5_2_1() -> str:
    cycles = 4 * (1 + Fraction(1, 2) * 1 + 1)
    return f"{400 / cycles} MIPS"


def _co_5_2_2() -> str:
    pc = 0x024F
    pc += 1  # fetch
    pc = 0x0300  # JMP is carried out before the interrupt cycle
    return f"{pc:04X}H"


_State = tuple[str, str, str, str, str]  # MAR, MDR, Y, Z, and the memory cell that R1 points to


def _bus_steps(state: _State) -> Iterable[_State]:
    """Every state that one clock cycle can lead to: one value on the bus, at most one memory operation."""
    mar, mdr, y, z, cell = state
    bus = {"R1": "R1", "R2": "R2", "MDR": mdr, "Z": z}
    for source, targets, memory in product(bus.values(), range(16), ("", "read", "write")):
        to_mar, to_mdr, to_y, to_z = (targets >> k & 1 for k in range(4))
        if (memory and mar != "R1") or (memory and to_mdr):
            continue
        total = "sum" if {y, source} == {"M", "R2"} else ""
        new_mdr = cell if memory == "read" else source if to_mdr else mdr
        new_cell = mdr if memory == "write" else cell
        yield source if to_mar else mar, new_mdr, source if to_y else y, total if to_z else z, new_cell


def _co_5_3_1() -> str:
    states: set[_State] = {("", "", "", "", "M")}
    cycles = 0
    while not any(state[4] == "sum" for state in states):
        states = {after for state in states for after in _bus_steps(state)}
        cycles += 1
    return str(cycles)


def _co_5_3_2() -> str:
    fetch, read, alu, memory, write = parts = (180, 90, 120, 200, 80)
    paths = {"load": parts, "store": (fetch, read, alu, memory), "op": (fetch, read, alu, write), "branch": (fetch, read, alu)}
    shares = {"load": 25, "store": 15, "op": 45, "branch": 15}
    single = max(sum(path) for path in paths.values())
    multi = max(parts) * Fraction(sum(shares[kind] * len(path) for kind, path in paths.items()), 100)
    return f"{single} ps，{multi} ps"


def _co_5_4_1() -> str:
    commands = sum(bits_of(n + 1) for n in (3, 8, 16, 5))  # one code per field stands for no command
    return f"{commands + 3 + bits_of(300)}位"


def _co_5_5_1() -> str:
    table = {0x48: "20 31 00 00", 0x4C: "80 45 01 00", 0x50: "C0 52 01 00"}
    vector = int.from_bytes(bytes.fromhex(table[0x13 * 4]), "little")
    return f"{vector:08X}H"


def _flow(stages: Sequence[int], units: Sequence[int], count: int) -> int:
    """Cycles of a pipeline: a stage takes stages[s] cycles and has units[s] copies that are used in turn."""
    free = [[0] * n for n in units]
    done = 0
    for k in range(count):
        done = 0
        for s, length in enumerate(stages):
            start = max(done, free[s][k % units[s]])
            done = free[s][k % units[s]] = start + length
    return done


def _co_5_6_1() -> str:
    def total(stages: Sequence[int]) -> int:
        return (max(stages) + 10) * _flow([1] * len(stages), [1] * len(stages), 50)

    return f"{total((90, 120, 100, 80)) - total((90, 60, 60, 100, 80))} ps"


def _co_5_6_2() -> str:
    one, three = (_flow((1, 1, 3, 1, 1), (1, 1, n, 1, 1), 10) for n in (1, 3))
    return f"{one}和{three}"


def _co_5_6_3() -> str:
    stages = 4

    def efficiency(n: int) -> Fraction:
        return Fraction(n * stages, stages * _flow([1] * stages, [1] * stages, n))

    return str(next(n for n in range(1, 1000) if efficiency(n) >= Fraction(9, 10)))


def _co_5_7_1() -> str:
    # name: operation, destination ("" for none), sources
    code = {
        1: ("lw", "r1", ("r8",)),
        2: ("lw4", "r2", ("r8",)),
        3: ("add", "r3", ("r1", "r2")),
        4: ("sw", "", ("r3", "r8")),
        5: ("sub", "r4", ("r1", "r5")),
    }

    def result(order: Sequence[int]) -> Hashable:
        """Final registers and what was stored, as expressions."""
        values: dict[str, str] = {}
        for k in order:
            operation, target, sources = code[k]
            values[target or "memory"] = f"{operation}({','.join(values.get(s, s) for s in sources)})"
        return frozenset(values.items())

    def stalls(order: Sequence[int]) -> int:
        pairs = pairwise(order)
        # A store that follows the load of its datum is not met here, so every use in the next instruction counts.
        return sum(code[a][0].startswith("lw") and code[a][1] in code[b][2] for a, b in pairs)

    orders = {
        "把I4移到I2与I3之间": (1, 2, 4, 3, 5),
        "把I5移到I3与I4之间": (1, 2, 3, 5, 4),
        "交换I1与I2的位置": (2, 1, 3, 4, 5),
        "把I5移到I2与I3之间": (1, 2, 5, 3, 4),
    }
    (found,) = (text for text, order in orders.items() if not stalls(order) and result(order) == result((1, 2, 3, 4, 5)))
    return found


def _co_5_7_2() -> str:
    code = (("r1", ("r2", "r3")), ("r4", ("r5", "r6")), ("r7", ("r1", "r4")), ("r8", ("r7", "r1")))
    written: dict[str, int] = {}
    decode = 1
    for target, sources in code:
        # Registers are written in the first half of WB, so they can be read in ID in that very cycle.
        decode = max(decode + 1, *(written.get(s, 0) for s in sources))
        written[target] = decode + 3
    return str(max(written.values()))


def _co_5_7_3() -> str:
    loads = {1, 2}
    busy: set[int] = set()  # cycles in which the memory serves a load's MEM stage
    fetch = 0
    for k in range(1, 9):
        fetch += 1
        while fetch in busy:
            fetch += 1
        if k in loads:
            busy.add(fetch + 3)
    return str(fetch + 4)


def _co_5_8_1() -> str:
    taken = Fraction(60, 100)
    return f"{float(1 + Fraction(25, 100) * (taken * 1 + (1 - taken) * 3)):.2f}"


def _co_5_8_2() -> str:
    outcomes = [c == "T" for c in "TTNTTNTTN"]
    counter, last = 1, False
    wrong_two = wrong_one = 0
    for taken in outcomes:
        wrong_two += (counter >= 2) != taken
        wrong_one += last != taken
        counter = min(counter + 1, 3) if taken else max(counter - 1, 0)
        last = taken
    return f"{wrong_two}次和{wrong_one}次"


def _co_5_9_1() -> str:
    waiting = list("amaammam")  # a: arithmetic, m: memory access
    groups = 0
    while waiting:
        first = waiting.pop(0)
        if waiting and waiting[0] != first:
            waiting.pop(0)
        groups += 1
    return str(_flow([1] * 5, [1] * 5, groups))


ANSWERS: dict[str, Callable[[], str]] = {
    "co.5.1-1": _co_5_1_1,
    "co.5.2-1": _co_5_2_1,
    "co.5.2-2": _co_5_2_2,
    "co.5.3-1": _co_5_3_1,
    "co.5.3-2": _co_5_3_2,
    "co.5.4-1": _co_5_4_1,
    "co.5.5-1": _co_5_5_1,
    "co.5.6-1": _co_5_6_1,
    "co.5.6-2": _co_5_6_2,
    "co.5.6-3": _co_5_6_3,
    "co.5.7-1": _co_5_7_1,
    "co.5.7-2": _co_5_7_2,
    "co.5.7-3": _co_5_7_3,
    "co.5.8-1": _co_5_8_1,
    "co.5.8-2": _co_5_8_2,
    "co.5.9-1": _co_5_9_1,
}
