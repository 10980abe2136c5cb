"""Answers of the bank's questions of chapter os.5, computed from their stems."""

from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction

from tests.unit.knowledge.bank_answers.shared_os_4_to_7 import KB, lru, pages


def _fifo(refs: Sequence[int], frames: int) -> int:
    queue: deque[int] = deque()
    faults = 0
    for page in refs:
        if page in queue:
            continue
        faults += 1
        if len(queue) == frames:
            queue.popleft()
        queue.append(page)
    return faults


def _opt(refs: Sequence[int], frames: int) -> int:
    resident: set[int] = set()
    faults = 0
    for i, page in enumerate(refs):
        if page in resident:
            continue
        faults += 1
        if len(resident) == frames:
            rest = list(refs[i + 1 :])
            resident.remove(max(resident, key=lambda p: rest.index(p) if p in rest else len(refs)))
        resident.add(page)
    return faults


def _os_5_1_1() -> str:
    areas = [(0x2FFD, 6), (0x5FFC, 8), (0x6FF8, 8)]
    return f"{len({p for start, n in areas for p in pages(start, n, 4 * KB)})}次"


def _os_5_1_3() -> str:
    queue: deque[int] = deque()
    dirty: set[int] = set()
    transfers = 0
    for access in ["W1", "R2", "W3", "R4", "W2", "R5", "R1", "R4", "W5", "R2"]:
        page = int(access[1])
        if page not in queue:
            transfers += 1
            if len(queue) == 3:
                victim = queue.popleft()
                transfers += victim in dirty
                dirty.discard(victim)
            queue.append(page)
        if access[0] == "W":
            dirty.add(page)
    return f"{transfers}次"


def _os_5_2_1() -> str:
    hit, limit = 200, 238
    fault = Fraction(6, 10) * 6_000_000 + Fraction(4, 10) * 10_000_000
    rate = Fraction(limit - hit) / (fault - hit)  # the access is part of the fault's time
    return f"{float(rate) * 1e6:.1f}×10^-6"


def _os_5_2_2() -> str:
    refs = [(i * 256 + j) * 2 // KB for j in range(256) for i in range(64)]
    return str(lru(refs, 4))


def _os_5_3_1() -> str:
    pages = [12, 30, 54]
    return str(Fraction(54 * 64, sum(pages)) - Fraction(54 * 64, sum(pages) + 32))


def _os_5_4_1() -> str:
    refs = [6, 2, 8, 3, 6, 5, 2, 6, 8, 5, 3, 2, 6]
    return f"{_fifo(refs, 3)}和{_opt(refs, 3)}"


def _change(n: int) -> str:
    return "不变" if n == 0 else f"{'增加' if n > 0 else '减少'}{abs(n)}次"


def _os_5_4_2() -> str:
    refs = [2, 3, 5, 1, 2, 3, 4, 2, 3, 2, 5, 1, 4]
    return f"FIFO{_change(_fifo(refs, 4) - _fifo(refs, 3))}，LRU{_change(lru(refs, 4) - lru(refs, 3))}"


def _os_5_5_1() -> str:
    return str(lru([1, 7, 3, 5, 1, 2, 7, 1, 3, 4, 2, 7, 5, 1], 4))


def _os_5_5_2() -> str:
    registers = {"P0": 0b10110000, "P1": 0b01101100, "P2": 0b01000111, "P3": 0b11000000}
    for used in ({"P2"}, {"P0", "P1"}):
        registers = {p: value >> 1 | (0x80 if p in used else 0) for p, value in registers.items()}
    return min(registers, key=registers.__getitem__)


def _os_5_5_3() -> str:
    counts, cold, total = [300, 180, 120, 90, 60, 30], 20, 800
    # With m frames LRU misses exactly the accesses of stack distance above m.
    enough = (m for m in range(1, 7) if Fraction(sum(counts[m:]) + cold, total) <= Fraction(15, 100))
    return str(next(enough))


def _os_5_6_1() -> str:
    frames, bits, hand = [6, 2, 9, 4], [1, 0, 1, 0], 0
    out: list[int] = []
    for page in (2, 7, 6, 3):
        if page in frames:
            bits[frames.index(page)] = 1
            continue
        while bits[hand]:
            bits[hand] = 0
            hand = (hand + 1) % 4
        out.append(frames[hand])
        frames[hand], bits[hand] = page, 1
        hand = (hand + 1) % 4
    return "、".join(map(str, out))


def _enhanced_victim(frames: list[tuple[int, int]], hand: int) -> int:
    """Improved CLOCK; clears access bits of frames in the second round."""
    ring = [(hand + k) % len(frames) for k in range(len(frames))]
    while True:
        for i in ring:
            if frames[i] == (0, 0):
                return i
        for i in ring:
            if frames[i] == (0, 1):
                return i
            frames[i] = (0, frames[i][1])


def _os_5_6_2() -> str:
    frames, hand = [(1, 0), (0, 1), (1, 1), (1, 0), (1, 1)], 2
    victims: list[int] = []
    written = 0
    for _ in range(2):
        victim = _enhanced_victim(frames, hand)
        victims.append(victim)
        written += frames[victim][1]
        frames[victim] = (1, 0)
        hand = (victim + 1) % len(frames)
    return f"依次为{'、'.join(map(str, victims))}，写回{written}次"


def _os_5_6_3() -> str:
    bits, hand, checks = [1] * 6, 2, 1
    while bits[hand]:
        bits[hand] = 0
        hand = (hand + 1) % 6
        checks += 1
    return f"检查{checks}次，淘汰页框{hand}，指针指向{(hand + 1) % 6}"


def _os_5_7_1() -> str:
    refs = [2, 5, 2, 7, 7, 3, 2, 3, 8, 3, 8, 8, 3, 5]
    return "和".join(str(len(set(refs[t - 5 : t]))) for t in (9, 12))


def _os_5_7_2() -> str:
    table = {"P1": (20000, 100), "P2": (5000, 260), "P3": (12000, 300), "P4": (8000, 40)}
    rate = {p: Fraction(faults, accesses) for p, (accesses, faults) in table.items()}
    more = "、".join(p for p in rate if rate[p] > Fraction(4, 100))
    fewer = "、".join(p for p in rate if rate[p] < Fraction(1, 100))
    return f"从{fewer}收回页框，给{more}增加页框"


ANSWERS: dict[str, Callable[[], str]] = {
    "os.5.1-1": _os_5_1_1,
    "os.5.1-3": _os_5_1_3,
    "os.5.2-1": _os_5_2_1,
    "os.5.2-2": _os_5_2_2,
    "os.5.3-1": _os_5_3_1,
    "os.5.4-1": _os_5_4_1,
    "os.5.4-2": _os_5_4_2,
    "os.5.5-1": _os_5_5_1,
    "os.5.5-2": _os_5_5_2,
    "os.5.5-3": _os_5_5_3,
    "os.5.6-1": _os_5_6_1,
    "os.5.6-2": _os_5_6_2,
    "os.5.6-3": _os_5_6_3,
    "os.5.7-1": _os_5_7_1,
    "os.5.7-2": _os_5_7_2,
}
