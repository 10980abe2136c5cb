"""Answers of the bank's questions of chapter os.4, computed from their stems."""

from collections.abc import Callable
from fractions import Fraction

from tests.unit.knowledge.bank_answers.shared_os_4_to_7 import GB, KB, MB, bits_of, ceil, lru, pages


def _hex(n: int, width: int = 0) -> str:
    return f"{n:0{width}X}H"


def _release(free: list[tuple[int, int]], start: int, size: int) -> list[tuple[int, int]]:
    """Give [start, start+size) back and merge neighbours; free holds (start, size)."""
    merged: list[tuple[int, int]] = []
    for s, n in sorted([*free, (start, size)]):
        if merged and merged[-1][0] + merged[-1][1] == s:
            merged[-1] = (merged[-1][0], merged[-1][1] + n)
        else:
            merged.append((s, n))
    return merged


def _carve(free: list[tuple[int, int]], index: int, size: int) -> tuple[int, list[tuple[int, int]]]:
    """Take size from the low end of free[index]."""
    start, n = free[index]
    rest = [(start + size, n - size)] if n > size else []
    return start, free[:index] + rest + free[index + 1 :]


def _best_fit(free: list[tuple[int, int]], size: int) -> tuple[int, list[tuple[int, int]]]:
    fits = [i for i, (_, n) in enumerate(free) if n >= size]
    return _carve(free, min(fits, key=lambda i: free[i][1]), size)


def _os_4_1_1() -> str:
    field, new_base = 3200, 51200
    # Dynamic relocation leaves the instruction as it is and adds the relocation register at each access.
    return f"{field}和{field + new_base}"


def _os_4_2_1() -> str:
    free = [(0, 512)]
    at: dict[str, tuple[int, int]] = {}
    for name, size in zip("ABCDE", (100, 60, 140, 80, 50), strict=True):
        start, free = _best_fit(free, size)
        at[name] = (start, size)
    for name in "BD":
        free = _release(free, *at[name])
    for size in (55, 75):
        _, free = _best_fit(free, size)
    free = _release(free, *at["C"])
    return f"{len(free)}个，{max(n for _, n in free)} KB"


def _os_4_2_2() -> str:
    free = [(60, 30), (150, 50), (260, 20), (340, 90), (500, 40)]
    start, end = -1, 150 + 50  # the partition used last ends at 200K
    for size in (18, 45, 35, 25):
        # The search starts at the first free partition behind the one used last; what is left of that one is skipped too,
        # since it lies below its old end.
        order = sorted(range(len(free)), key=lambda i: (free[i][0] < end, free[i][0]))
        chosen = next(i for i in order if free[i][1] >= size)
        end = sum(free[chosen])
        start, free = _carve(free, chosen, size)
    return f"{start}K"


def _os_4_2_3() -> str:
    free = [(0, 10), (30, 10), (60, 10)]
    after = {
        "Ⅰ": _carve(free, 1, 10)[1],
        "Ⅱ": _carve(free, 1, 4)[1],
        "Ⅲ": _release(free, 20, 10),
        "Ⅳ": _release(free, 10, 20),
    }
    return "仅" + "、".join(name for name, rest in after.items() if len(rest) < len(free))


def _os_4_3_1() -> str:
    size, frames, address = 2 * KB, [5, 9, 3, 12], 0x1A3C
    return _hex(frames[address // size] * size + address % size)


def _os_4_3_2() -> str:
    size, start, cols = 1 * KB, 3968, 48
    element = start + (20 * cols + 30) * 4
    return f"{len(pages(start, 64 * cols * 4, size))}和{element // size}"


def _os_4_3_3() -> str:
    old, new, logical, physical = 2 * KB, 8 * KB, 40, 36  # any widths: only the change matters
    truth = {
        "页表项中页框号至少需要的位数减少2位": (physical - bits_of(old)) - (physical - bits_of(new)) == 2,
        "进程的最大页数变为原来的1/4": Fraction(2**logical // new, 2**logical // old) == Fraction(1, 4),
        "逻辑地址中页号字段的位数减少2位": (logical - bits_of(old)) - (logical - bits_of(new)) == 2,
        "进程最后一页的平均内部碎片变为原来的1/4": Fraction(new, 2) / Fraction(old, 2) == Fraction(1, 4),
    }
    (wrong,) = [text for text, true in truth.items() if not true]
    return wrong


def _os_4_4_1() -> str:
    tlb, memory, limit = 5, 80, 101
    hit, miss = tlb + memory, tlb + 3 * memory  # two page-table levels and the datum
    return f"{float(Fraction(miss - limit, miss - hit) * 100):g}%"


def _os_4_4_2() -> str:
    page, sets = 0x0357A1C8 // (4 * KB), 64 // 4
    digits = ceil(32 - 12 - bits_of(sets), 4)
    return f"{_hex(page // sets, digits)}和{page % sets}"


def _os_4_4_3() -> str:
    refs = [4, 7, 4, 2, 9, 7, 4, 4]
    return str(len(refs) + lru(refs, 3))  # a miss adds one access to the page table


def _os_4_5_1() -> str:
    page_bits, entry_bits = 44 - bits_of(16 * KB), bits_of(16 * KB // 8)
    levels = ceil(page_bits, entry_bits)
    return f"{levels}级，2^{page_bits - (levels - 1) * entry_bits}个"


def _os_4_5_2() -> str:
    page = 8 * KB
    span = page // 4 * page
    areas = [(0, 20 * MB), (256 * MB, 36 * MB), (2**32 - MB, MB)]
    tables = {t for start, length in areas for t in pages(start, length, span)}
    return f"{(len(tables) + 1) * page // KB} KB"


def _os_4_5_3() -> str:
    page = 16 * KB
    entry = ceil(bits_of(8 * GB // page) + 9, 8)
    return f"{2**40 // page * entry // MB} MB"


def _os_4_6_1() -> str:
    address, base, frames = 0x20F3C, 0x3000, [0x11, 0x1C, 0x0A, 0x2B, 0x35]
    page, offset = address >> 10 & 0x3F, address & 0x3FF
    return f"{_hex(base + 2 * page)}和{_hex((frames[page] << 10) + offset)}"


ANSWERS: dict[str, Callable[[], str]] = {
    "os.4.1-1": _os_4_1_1,
    "os.4.2-1": _os_4_2_1,
    "os.4.2-2": _os_4_2_2,
    "os.4.2-3": _os_4_2_3,
    "os.4.3-1": _os_4_3_1,
    "os.4.3-2": _os_4_3_2,
    "os.4.3-3": _os_4_3_3,
    "os.4.4-1": _os_4_4_1,
    "os.4.4-2": _os_4_4_2,
    "os.4.4-3": _os_4_4_3,
    "os.4.5-1": _os_4_5_1,
    "os.4.5-2": _os_4_5_2,
    "os.4.5-3": _os_4_5_3,
    "os.4.6-1": _os_4_6_1,
}
