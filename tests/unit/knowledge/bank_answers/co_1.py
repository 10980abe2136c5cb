"""Answers of the bank's questions of chapter co.1, computed from their stems."""

from collections.abc import Callable
from fractions import Fraction


def _co_1_1_1() -> str:
    size = 2**20 * 24 // 8
    return str(next(bits for bits in range(1, 64) if 2**bits >= size))


def _co_1_1_2() -> str:
    memory = {0x0210: 0x5345, 0x0345: 0x1A2B}
    pc = 0x0210
    mar, mdr = pc, memory[pc]
    pc += 1  # one word per instruction, word addressed
    mar = mdr & 0xFFF  # 5345H: the low 12 bits are the direct address
    mdr = memory[mar]
    return f"MAR={mar:04X}H，MDR={mdr:04X}H，PC={pc:04X}H"


def _co_1_3_2() -> str:
    code = bytes.fromhex("E89CFFFFFF")
    target = 0x08048536 + len(code) + int.from_bytes(code[1:], "little", signed=True)
    return f"{target:08X}H"


def _co_1_4_1() -> str:
    cpi = Fraction("4.2") * Fraction("2.5") * 10**9 / (6 * 10**9)
    others = Fraction("0.40") * 1 + Fraction("0.35") * 2
    return f"{float((cpi - others) / Fraction('0.25')):g}"


def _co_1_4_3() -> str:
    cpu = Fraction(6) * Fraction("1.5") / 2
    return f"{float(cpu + 4):.1f} s"


def _co_1_5_1() -> str:
    clock = 2 * 10**9
    counts = {"甲": 8 * 10**8, "乙": 5 * 10**8}
    cpi = {"甲": Fraction("1.5"), "乙": Fraction(2)}
    mips = {name: clock / cpi[name] for name in counts}
    times = {name: counts[name] * cpi[name] / clock for name in counts}
    return f"{max(mips, key=lambda n: mips[n])}的MIPS较大，{min(times, key=lambda n: times[n])}的程序执行较快"


def _co_1_5_2() -> str:
    count = 4 * 10**9
    seconds = count * Fraction("1.5") / (15 * 10**8)
    return f"{count * Fraction('0.3') * 2 / seconds / 10**6} MFLOPS"


def _co_1_6_1() -> str:
    p, q = Fraction("0.25"), Fraction("0.40")
    return f"{float(1 / (1 - p - q + p / 5 + q / 2)):.2f}"


def _co_1_6_2() -> str:
    serial = Fraction("0.08")
    speedup = 1 / (serial + (1 - serial) / 23)
    return f"约{float(speedup * serial * 100):.1f}%"  # the limit is 1/serial


ANSWERS: dict[str, Callable[[], str]] = {
    "co.1.1-1": _co_1_1_1,
    "co.1.1-2": _co_1_1_2,
    "co.1.3-2": _co_1_3_2,
    "co.1.4-1": _co_1_4_1,
    "co.1.4-3": _co_1_4_3,
    "co.1.5-1": _co_1_5_1,
    "co.1.5-2": _co_1_5_2,
    "co.1.6-1": _co_1_6_1,
    "co.1.6-2": _co_1_6_2,
}
