"""Answers of the bank's questions of chapter co.3, computed from their stems."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import product
from math import ceil, log2

from tests.unit.knowledge.bank_answers.shared_co_3_5_7 import KI, bits_of, ratio


def _misses(blocks: Iterable[int], set_of: Callable[[int], int], ways: int, fifo: bool = False) -> int:
    """Misses of an initially empty set-associative cache with LRU (or FIFO) replacement."""
    sets: dict[int, list[int]] = {}
    misses = 0
    for block in blocks:
        lines = sets.setdefault(set_of(block), [])
        if block in lines:
            if not fifo:
                lines.remove(block)
                lines.append(block)
            continue
        misses += 1
        if len(lines) == ways:
            lines.pop(0)
        lines.append(block)
    return misses


def _co_3_1_1() -> str:
    cache, memory, efficiency = 4, 64, Fraction(8, 10)
    longest = cache / efficiency  # average access time allowed: the cache is tried first, so t = cache + (1 - h) * memory
    return f"{float(1 - (longest - cache) / memory) * 100:.2f}%"


def _co_3_2_1() -> str:
    address = bits_of(8 * KI * KI)
    pins = min(max(row, address - row) for row in range(1, address))
    row_bits = [row for row in range(1, address) if max(row, address - row) == pins and row <= address - row]
    (rows,) = (2**row for row in row_bits)
    return f"{pins}根，{4000 / rows:.2f} μs"


def _refresh(rows: int, slots: int, spread: bool) -> tuple[int, int]:
    """Total refresh time and longest run of dead cycles in a refresh period of so many access cycles."""
    step = slots // rows if spread else 1
    dead = [slot % step == 0 and slot // step < rows for slot in range(slots)]
    longest = run = 0
    for busy in dead:
        run = run + 1 if busy else 0
        longest = max(longest, run)
    return sum(dead), longest


def _co_3_2_2() -> str:
    before, after = _refresh(128, 4000, False), _refresh(128, 4000, True)
    total = "不变" if after[0] == before[0] else "增加" if after[0] > before[0] else "减少"
    dead = "也不变" if after[1] == before[1] else "被消除" if after[1] == 0 else "缩短"
    return f"用于刷新的总时间{total}，最长的连续死时间{dead}"


def _co_3_4_1() -> str:
    first, last, chip_words, chip_bits = 0x40000, 0x6FFFF, 32 * KI, 4
    chips = (last - first + 1) // chip_words * (8 // chip_bits)
    return f"{chips}片，第{(0x5A3C7 - first) // chip_words}组"


def _co_3_4_2() -> str:
    def cell(address: int) -> int | None:
        selected = address >> 15 == 0 and address >> 14 & 1 == 1
        return address & 0x1FFF if selected else None

    (alias,) = (a for a in range(1 << 16) if a != 0x4A25 and cell(a) == cell(0x4A25))
    return f"{alias:04X}H"


def _co_3_5_1() -> str:
    modules, cycle, gap = 4, 40, 10
    free = [0] * modules
    start = -gap
    for address in (5, 6, 9, 12, 15):
        module = address % modules
        start = max(start + gap, free[module])
        free[module] = start + cycle
    return f"{start + cycle} ns"


def _co_3_5_2() -> str:
    modules = 8

    def finish(stride: int) -> int:
        """Time of many reads: one start per bus cycle, a module is busy for 8 of them."""
        free = [0] * modules
        start = -1
        for k in range(800):
            module = k * stride % modules
            start = max(start + 1, free[module])
            free[module] = start + 8
        return start + 8

    return str(min((6, 7, 8, 12), key=finish))


def _co_3_6_1() -> str:
    turn, seek, per_track, sectors = Fraction(60_000, 6000), 6, 200, 80
    sector = turn / per_track
    scattered = sectors * (seek + turn / 2 + sector)
    together = seek + turn / 2 + sectors * sector
    return f"{scattered - together} ms"


def _co_3_6_2() -> str:
    surfaces, per_track = 6, 64
    track, sector = divmod(5100, per_track)
    return f"（{track // surfaces}，{track % surfaces}，{sector}）"


def _co_3_7_1() -> str:
    # One forward scan never returns to a block, so each block that is touched misses once.
    structs, arrays = (len({i * step // 64 for i in range(1000)}) for step in (32, 4))
    return f"由{structs}次降为{arrays}次"


def _co_3_8_1() -> str:
    block_words, sets = 8, 4 * KI // 8 // 2
    block = 0x3B6A5 // block_words
    return f"{block % sets:03X}H，{block // sets:03X}H"


def _co_3_8_2() -> str:
    block_size, lines = 32, 16 * KI // 32
    wanted = 0x1A2C4 // block_size
    blocks = {address: address // block_size for address in (0x1C2C4, 0x3E2D8, 0x5A2E4, 0x1A2DC)}
    (found,) = (a for a, block in blocks.items() if block != wanted and block % lines == wanted % lines)
    return f"{found:05X}H"


def _co_3_8_3() -> str:
    width, first = 16, 0x1728  # any block number whose top 6 of (here) 16 bits stay the same over 32 blocks
    blocks = [block for _ in range(2) for block in range(first, first + 32) for _ in range(8)]
    high = _misses(blocks, lambda block: block >> (width - 6), 2)
    low = _misses(blocks, lambda block: block & 63, 2)
    return f"{high}次和{low}次"


def _co_3_9_1() -> str:
    address, size, block, ways = 32, 32 * KI, 32, 8
    lines = size // block
    tag = address - bits_of(block) - bits_of(lines // ways)
    line = block * 8 + tag + 3 + 1 + 1  # LRU counter, valid bit, and the dirty bit that write-back needs
    return f"{lines * line // KI} Kbit"


def _co_3_9_2() -> str:
    address, size, block = 30, 64 * KI, 64
    lines = size // block

    def extra(ways: int) -> int:
        return lines * (address - bits_of(block) - bits_of(lines // ways) + 1 + 1 + int(log2(ways)))

    (found,) = (ways for ways in (2**k for k in range(bits_of(lines) + 1)) if extra(ways) == 20 * KI)
    return str(found)


def _co_3_10_1() -> str:
    trace = (3, 7, 1, 5, 3, 8, 7, 3, 1, 5)
    lru, fifo = (len(trace) - _misses(trace, lambda _: 0, 4, fifo) for fifo in (False, True))
    return f"{lru}次和{fifo}次"


def _co_3_10_2() -> str:
    counters = [2, 0, 3, 1]

    def use(line: int) -> None:
        """The line used becomes 0, the ones used more recently than it grow by one."""
        old = counters[line]
        for k, value in enumerate(counters):
            counters[k] = 0 if k == line else value + (value < old)

    use(0)
    use(counters.index(max(counters)))
    return "、".join(map(str, counters))


def _co_3_10_3() -> str:
    trace = [block for _ in range(10) for block in range(5)]
    full = _misses(trace, lambda _: 0, 4)
    direct = _misses(trace, lambda block: block % 4, 1)
    return f"{len(trace) - full}次和{len(trace) - direct}次"


def _co_3_11_1() -> str:
    block_size, lines = 32, 4 * KI // 32
    writes = [4 * i for _ in range(4) for i in range(2048)]
    through = 4 * len(writes)  # never loaded (only writes, no allocation), so each write goes to memory
    held: dict[int, int] = {}
    back = 0
    for address in writes:
        block = address // block_size
        if held.get(block % lines) != block:
            back += block_size * (1 + (block % lines in held))  # load the block; every line held is dirty
            held[block % lines] = block
    back += block_size * len(held)
    return f"{through // KI} KB，{back // KI} KB"


def _co_3_12_1() -> str:
    return f"{float(1 + Fraction(5, 100) * (10 + Fraction(20, 100) * 100))}个时钟周期"


def _co_3_12_2() -> str:
    stalls = 40 * (Fraction(1, 100) + Fraction(25, 100) * Fraction(4, 100))
    return str(float(Fraction(11, 10) + stalls))


def _co_3_12_3() -> str:
    def hits(padding: int) -> str:
        x, y = 0, 1024 + padding
        trace = [(base + 4 * i) // 16 for i in range(256) for base in (x, y)]
        share = 1 - Fraction(_misses(trace, lambda block: block % 64, 1), len(trace))
        return ratio(share) if share else "0"

    return f"{hits(0)}和{hits(16)}"


def _co_3_13_1() -> str:
    return f"{0x260000 + 0x1A4F3B8 // (8 * KI) * 4:X}H"


def _co_3_13_2() -> str:
    virtual, physical, offset = 40, 34, bits_of(16 * KI)
    entry = ceil((physical - offset + 1 + 1 + 1 + 3) / 8)
    table = entry << (virtual - offset)
    size = f"{table >> 30} GB" if table >> 30 else f"{table >> 20} MB"
    return f"{entry} B，{size}"


def _co_3_13_3() -> str:
    # page: valid, rights, dirty, frame
    table = {0: (1, "rx", 0, 0x1C), 1: (1, "rw", 1, 0x05), 2: (0, "rw", 0, 0x0A), 3: (1, "rw", 0, 0x13)}

    def access(address: int, kind: str) -> str:
        valid, rights, _, frame = table[address >> 12]
        if not valid:
            return "fault"
        return f"{frame << 12 | address & 0xFFF:05X}H" if kind in rights else "denied"

    writable = access(0x3A08, "w").endswith("H")
    truth = {
        "若操作系统淘汰1号虚页，则可直接丢弃而不写回磁盘": not table[1][2],
        "若该进程写虚拟地址0FF4H，则产生缺页异常": access(0x0FF4, "w") == "fault",
        "若该进程读虚拟地址2040H，则访问物理地址0A040H": access(0x2040, "r") == "0A040H",
        "若该进程写虚拟地址3A08H，则3号虚页的修改位变为1": writable,  # a write that is carried out sets the bit
    }
    (found,) = (text for text, holds in truth.items() if holds)
    return found


def _co_3_14_1() -> str:
    tlb = 1 + Fraction(2, 100) * 50
    cache = 2 + Fraction(5, 100) * 50
    return f"{float(tlb + cache)} ns"


def _co_3_14_2() -> str:
    entries = {(1, 5): (1, 0x7), (1, 2): (0, 0x9), (2, 5): (1, 0xD), (2, 6): (1, 0x2)}  # (set, tag): valid, frame
    sets = 8 // 2
    page, offset = divmod(0xB5C4, 2 * KI)
    valid, frame = entries.get((page % sets, page // sets), (0, 0))
    return f"TLB命中，物理地址为{frame * 2 * KI + offset:04X}H" if valid else "TLB缺失，需要访问主存中的页表"


def _co_3_14_3() -> str:
    always = [True] * 4
    for present, tlb, cache in product((False, True), repeat=3):
        if (tlb or cache) and not present:
            continue  # neither the TLB nor the cache holds anything of a page that is not in main memory
        if cache:
            memory = (not tlb) + (not cache)  # page table, block
            facts = (present, tlb, cache, memory == 0)  # a hit means that the tags are equal
            always = [a and f for a, f in zip(always, facts, strict=True)]
    return "仅" + "、".join(n for n, a in zip("ⅠⅡⅢⅣ", always, strict=True) if a)


def _co_3_15_1() -> str:
    address = 0x2053A7
    segment, page = address >> 20, address >> 12 & 0xFF
    return f"{0x00800 + segment * 8:05X}H，{0x01200 + page * 4:05X}H"


ANSWERS: dict[str, Callable[[], str]] = {
    "co.3.1-1": _co_3_1_1,
    "co.3.2-1": _co_3_2_1,
    "co.3.2-2": _co_3_2_2,
    "co.3.4-1": _co_3_4_1,
    "co.3.4-2": _co_3_4_2,
    "co.3.5-1": _co_3_5_1,
    "co.3.5-2": _co_3_5_2,
    "co.3.6-1": _co_3_6_1,
    "co.3.6-2": _co_3_6_2,
    "co.3.7-1": _co_3_7_1,
    "co.3.8-1": _co_3_8_1,
    "co.3.8-2": _co_3_8_2,
    "co.3.8-3": _co_3_8_3,
    "co.3.9-1": _co_3_9_1,
    "co.3.9-2": _co_3_9_2,
    "co.3.10-1": _co_3_10_1,
    "co.3.10-2": _co_3_10_2,
    "co.3.10-3": _co_3_10_3,
    "co.3.11-1": _co_3_11_1,
    "co.3.12-1": _co_3_12_1,
    "co.3.12-2": _co_3_12_2,
    "co.3.12-3": _co_3_12_3,
    "co.3.13-1": _co_3_13_1,
    "co.3.13-2": _co_3_13_2,
    "co.3.13-3": _co_3_13_3,
    "co.3.14-1": _co_3_14_1,
    "co.3.14-2": _co_3_14_2,
    "co.3.14-3": _co_3_14_3,
    "co.3.15-1": _co_3_15_1,
}
