"""Answers of the bank's questions of chapter cn.3, computed from their stems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations, product

from tests.unit.knowledge.bank_answers.shared_cn_1_to_3 import store_and_forward


def _cn_3_1_1() -> str:
    out, ones, skip = "", 0, False
    for bit in "110111110011111010":
        if skip:
            assert bit == "0"
            ones, skip = 0, False
            continue
        out += bit
        ones = ones + 1 if bit == "1" else 0
        skip = ones == 5
    return out


def _cn_3_1_2() -> str:
    rules = {0x5E: 0x7E, 0x5D: 0x7D}
    out: list[int] = []
    escaped = False
    for byte in bytes.fromhex("3A 7D 5E 7D 5D 5E 7D 5D 5D"):
        if escaped:
            out.append(rules[byte])
            escaped = False
        elif byte == 0x7D:
            escaped = True
        else:
            out.append(byte)
    return " ".join(f"{byte:02X}" for byte in out)


def _remainder(bits: str, divisor: str) -> str:
    """Remainder modulo 2 of the bits as they stand."""
    work = [int(bit) for bit in bits]
    for start in range(len(bits) - len(divisor) + 1):
        if work[start]:
            for step, bit in enumerate(divisor):
                work[start + step] ^= int(bit)
    return "".join(map(str, work[len(bits) - len(divisor) + 1 :]))


def _cn_3_2_1() -> str:
    return _remainder("11100101" + "0" * 4, "10011")


def _cn_3_2_2() -> str:
    (missed,) = [e for e in ("0011000", "0100100", "0101100", "0111000") if "1" not in _remainder(e, "1011")]
    return missed


def _cn_3_3_1() -> str:
    bits = {place: int(bit) for place, bit in enumerate("010111001101", start=1)}
    wrong = 0
    for place, bit in bits.items():
        wrong ^= place * bit
    if wrong:
        bits[wrong] ^= 1
    return "".join(str(bit) for place, bit in bits.items() if place & (place - 1))


def _cn_3_3_2() -> str:
    words = [int(word, 2) for word in ("00000000", "00011111", "11100011", "11111100")]

    def near(word: int, errors: int) -> set[int]:
        return {other for other in range(256) if (word ^ other).bit_count() <= errors}

    detects = max(d for d in range(9) if all(near(word, d) & set(words) == {word} for word in words))
    corrects = max(c for c in range(9) if all(not near(a, c) & near(b, c) for a, b in combinations(words, 2)))
    return f"{detects} 和 {corrects}"


def _cn_3_4_1() -> str:
    rate = 64_000
    send, ack = Fraction(960 * 8, rate), Fraction(320 * 8, rate)
    return f"{float(send / (send + ack + 2 * Fraction(70, 1000))) * 100:.0f}%"


def _cn_3_4_2() -> str:
    frame_lost, ack_lost = {(1, 1)}, {(2, 1)}  # (frame, which sending of it)
    frames = acks = 0
    for frame in (1, 2, 3):
        turn = 0
        while True:
            turn += 1
            frames += 1
            if (frame, turn) in frame_lost:
                continue
            acks += 1
            if (frame, turn) not in ack_lost:
                break
    return f"{frames} 和 {acks}"


def _cn_3_5_1() -> str:
    window, space = 5, 8
    base = 5  # absolute numbers, frame 8 carries 0
    while base % space != (6 + 1) % space:  # ACK6 confirms everything up to 6
        base += 1
    unconfirmed = range(base, base + window)  # the new frames have filled the window
    return str(len(unconfirmed))


def _cn_3_5_2() -> str:
    window, space = 6, 8
    base, following = 2, 8
    for ack in (4, 6):  # ACK n: n is expected next
        while base % space != ack:
            base += 1
    fresh = range(following, base + window)
    return "、".join(str(frame % space) for frame in fresh) + " 号帧"


def _cn_3_5_3() -> str:
    space = 4
    expected = 0
    for frame in range(4):
        assert frame % space == expected  # all four arrive in order
        expected = (expected + 1) % space
    repeated = 0
    if repeated == expected:
        return f"接收方正期望 {expected} 号帧，把这个旧帧当作新帧接受"
    return "接收方识别出重复帧，丢弃后重新返回确认"


def _cn_3_5_4() -> str:
    frames, window, lost = 10, 4, {3, 9}
    base = expected = sent = 0
    while base < frames:
        for frame in range(base, min(base + window, frames)):
            sent += 1
            if sent not in lost and frame == expected:
                expected += 1
        base = expected  # no acknowledgement is lost
    return str(sent)


def _cn_3_6_1() -> str:
    space, window, base = 8, 4, 6
    buffered: set[int] = set()
    last = ""
    for number in (7, 0, 6, 5):
        offset = (number - base) % space
        if offset < window:
            last = f"缓存 {number} 号帧并返回其确认"
            buffered.add(number)
        elif offset >= space - window:  # the window before: an old frame, acknowledged again
            last = f"丢弃 {number} 号帧并返回其确认"
        else:
            last = f"丢弃 {number} 号帧且不返回确认"
        while base in buffered:
            buffered.remove(base)
            base = (base + 1) % space
    return f"窗口为 {'、'.join(str((base + step) % space) for step in range(window))}，{last}"


def _cn_3_6_2() -> str:
    space, sending = 2**4, 11

    def safe(receiving: int) -> bool:
        # Worst case: a whole sending window arrived and moved the receiver on, all of it may be sent again.
        old = {number % space for number in range(sending)}
        return old.isdisjoint({number % space for number in range(sending, sending + receiving)})

    return str(max(receiving for receiving in range(1, sending + 1) if safe(receiving)))


def _cn_3_6_3() -> str:
    frames, lost = range(7), {2}
    arrived = [frame for frame in frames if frame not in lost]
    selective = set(frames) - {frame for frame in arrived if frame not in {0, 5}}
    expected, acks = 0, set[int]()
    for frame in arrived:  # cumulative: a frame out of order makes the last acknowledgement go out again
        expected += frame == expected
        acks.add(expected - 1)
    base = max(acks - {0}) + 1
    return f"{len(selective)} 和 {len(frames) - base}"


def _least_bits(fits: Callable[[int], bool]) -> int:
    return next(bits for bits in range(1, 64) if fits(bits))


def _cn_3_7_1() -> str:
    slot = Fraction(640 * 8, 512_000)
    window = math.ceil((slot + 2 * Fraction(155, 1000) + slot) / slot)  # the acknowledgement rides on a data frame
    selective = _least_bits(lambda bits: 2 ** (bits - 1) >= window)
    go_back = _least_bits(lambda bits: 2**bits - 1 >= window)
    return f"{selective} 和 {go_back}"


def _cn_3_7_2() -> str:
    rate, size = 8_000_000, 1000 * 8
    slot = Fraction(size, rate)
    cycle = slot + 2 * Fraction(9, 1000) + slot
    used = min(Fraction(1), (2**3 - 1) * slot / cycle)
    return f"{float(used * rate) / 1e6:.2f} Mb/s"


def _cn_3_7_3() -> str:
    rate, window = 2_000_000, 2**4 // 2

    def used(size: int) -> Fraction:
        slot = Fraction(size * 8, rate)
        return min(Fraction(1), window * slot / (slot + 2 * Fraction(18, 1000)))

    return f"{next(size for size in range(1, 10_000) if used(size) >= Fraction(8, 10))} B"


def _cn_3_8_1() -> str:
    a, b = (1, 1, -1, -1), (1, -1, 1, -1)

    def signal(factors: tuple[int, int]) -> str:
        total = [factors[0] * x + factors[1] * y for x, y in zip(a, b, strict=True)]
        return "(" + ",".join(f"{value:+d}".replace("-", "−") if value else "0" for value in total) + ")"

    return " 和 ".join(signal(factors) for factors in [(1, -1), (-1, 0)])  # 1 / 0 / silent = +1 / −1 / 0


def _cn_3_8_2() -> str:
    users, rate, active = 10, 20, Fraction(25, 100)
    statistical = users * rate * active / Fraction(80, 100)
    return f"{users * rate} kb/s 和 {float(statistical):g} kb/s"


def _cn_3_9_1() -> str:
    per_second = Fraction(184, 1000) / Fraction(400, 200_000)
    return str(per_second // Fraction(1, 2))


def _cn_3_9_2() -> str:
    def busy(at: float) -> bool:
        return at < 3

    persistent = 0.0 if not busy(0) else 3.0  # waits, listening all the time
    waits = iter((2, 2.5))
    modest = 0.0
    while busy(modest):
        modest += next(waits)
    draws = iter((0.6, 0.4, 0.2))
    slot = 3  # first slot that begins with the channel idle
    while next(draws) >= 0.3:
        slot += 1
    return "、".join(f"{at:g} ms" for at in (persistent, modest, slot))


def _cn_3_10_1() -> str:
    one_way = Fraction(2 * 400, 200_000_000) + Fraction(8, 10**7)
    return f"{math.ceil(2 * one_way * 10**8 / 8)} B"


def _same(choices: int) -> Fraction:
    pairs = list(product(range(choices), repeat=2))
    return Fraction(sum(a == b for a, b in pairs), len(pairs))


def _cn_3_10_2() -> str:
    return str(_same(2**1) * (1 - _same(2**2)))


def _cn_3_10_3() -> str:
    rate, delay = 10**8, Fraction(1000, 200_000_000)
    start_a, start_b = Fraction(0), Fraction(3, 10**6)
    sent_a = (start_b + delay - start_a) * rate  # A stops when B's signal arrives
    sent_b = (start_a + delay - start_b) * rate
    return f"{sent_a} 和 {sent_b}"


def _cn_3_12_1() -> str:
    data = 10
    frame = 14 + max(46, data + 8 + 20) + 4
    return f"{data / (8 + frame + 96 / 8) * 100:.2f} Mb/s"


def _cn_3_12_2() -> str:
    header = bytes.fromhex("FF FF FF FF FF FF 00 1C 25 3A 4B 60 08 06")
    cast = "广播" if header[:6] == b"\xff" * 6 else "多播" if header[0] & 1 else "单播"
    kind = int.from_bytes(header[12:14], "big")
    if kind <= 1500:
        return f"它是{cast}帧，数据部分长 0x{kind:04X} 字节"
    return f"它是{cast}帧，数据部分是 {({0x0800: 'IP 数据报', 0x0806: 'ARP 报文'})[kind]}"


class _Switch:
    """A learning switch without VLANs."""

    def __init__(self, ports: Iterable[int]) -> None:
        self.ports = set(ports)
        self.table: dict[str, int] = {}

    def forward(self, source: str, target: str, port: int) -> set[int]:
        self.table[source] = port
        if target in self.table:
            return {self.table[target]} - {port}
        return self.ports - {port}


Place = tuple[str, int]


def _deliver(
    switches: Mapping[str, _Switch],
    trunks: Mapping[Place, Place],
    hosts: Mapping[str, Place],
    frame: tuple[str, str],
) -> set[str]:
    """Send one frame; the hosts on whose cards it appears."""
    at = {place: host for host, place in hosts.items()}
    seen: set[str] = set()
    todo = [hosts[frame[0]]]
    while todo:
        name, port = todo.pop()
        for out in switches[name].forward(*frame, port):
            if (name, out) in at:
                seen.add(at[name, out])
            elif (name, out) in trunks:
                todo.append(trunks[name, out])
    return seen


def _cn_3_13_1() -> str:
    switches = {name: _Switch((1, 2, 3)) for name in ("S1", "S2")}
    trunks: dict[Place, Place] = {("S1", 3): ("S2", 1), ("S2", 1): ("S1", 3)}
    hosts: dict[str, Place] = {"A": ("S1", 1), "B": ("S1", 2), "C": ("S2", 2), "D": ("S2", 3)}
    seen: set[str] = set()
    for frame in ("AC", "DA", "CD", "BC"):
        seen = _deliver(switches, trunks, hosts, (frame[0], frame[1]))
    names = sorted(seen)
    if len(names) == 1:
        return f"仅 {names[0]}"
    return f"{'、'.join(names[:-1])} 和 {names[-1]}"


def _cn_3_13_2() -> str:
    # Every link of a switch or router port is one collision domain; all links of a hub are one together.
    links = [("R", "S1"), ("R", "U2"), ("R", "S3"), ("S3", "U3")]
    links += [("S1", f"a{n}") for n in range(4)] + [("U2", f"b{n}") for n in range(3)]
    links += [("S3", f"c{n}") for n in range(2)] + [("U3", f"d{n}") for n in range(3)]

    def domains(breaks: str) -> int:
        """Groups of links joined by nodes whose name does not begin with a letter in breaks."""
        groups: list[set[str]] = []
        for number, (a, b) in enumerate(links):
            group = {f"{number}:{end}" if end[0] in breaks else end for end in (a, b)}
            joined = [other for other in groups if other & group]
            groups = [other for other in groups if not other & group] + [group.union(*joined)]
        return len(groups)

    return f"{domains('RS')} 和 {domains('R')}"


def _cn_3_13_3() -> str:
    rate, frame, hops = 10**8, 1250 * 8, 3
    stored = store_and_forward(1, [Fraction(frame, rate)] * hops)[-1][-1]
    through = Fraction(frame, rate) + (hops - 1) * Fraction(6 * 8, rate)
    return f"{float((stored - through) * 10**6):.2f} μs"


def _cn_3_13_4() -> str:
    switch = _Switch((1, 2, 3))
    switch.table = {"A": 1, "B": 2}
    out = switch.forward("B", "A", 2)  # A now hangs on port 3 and has not sent anything
    received = "能够收到" if 3 in out else "收不到"
    if out == {1, 3}:
        return f"向端口 2 以外的端口泛洪，A {received}"
    (port,) = out
    return f"只从端口 {port} 转发，A {received}该帧"


def _cn_3_14_1() -> str:
    vlan = {("S1", 1): 10, ("S1", 3): 10, ("S1", 2): 20, ("S2", 1): 20, ("S2", 3): 20, ("S2", 2): 10, ("S2", 4): 10}
    trunk = {20}

    def receivers(sender: Place) -> int:
        own = vlan[sender]
        return sum(
            other != sender and number == own and (other[0] == sender[0] or own in trunk) for other, number in vlan.items()
        )

    return f"{receivers(('S1', 1))} 和 {receivers(('S2', 1))}"


def _cn_3_14_2() -> str:
    tag = bytes.fromhex("81 00 60 0F")
    assert int.from_bytes(tag[:2], "big") == 0x8100
    control = int.from_bytes(tag[2:], "big")
    return f"{control >> 13} 和 {control & 0xFFF}"


ANSWERS: dict[str, Callable[[], str]] = {
    "cn.3.1-1": _cn_3_1_1,
    "cn.3.1-2": _cn_3_1_2,
    "cn.3.2-1": _cn_3_2_1,
    "cn.3.2-2": _cn_3_2_2,
    "cn.3.3-1": _cn_3_3_1,
    "cn.3.3-2": _cn_3_3_2,
    "cn.3.4-1": _cn_3_4_1,
    "cn.3.4-2": _cn_3_4_2,
    "cn.3.5-1": _cn_3_5_1,
    "cn.3.5-2": _cn_3_5_2,
    "cn.3.5-3": _cn_3_5_3,
    "cn.3.5-4": _cn_3_5_4,
    "cn.3.6-1": _cn_3_6_1,
    "cn.3.6-2": _cn_3_6_2,
    "cn.3.6-3": _cn_3_6_3,
    "cn.3.7-1": _cn_3_7_1,
    "cn.3.7-2": _cn_3_7_2,
    "cn.3.7-3": _cn_3_7_3,
    "cn.3.8-1": _cn_3_8_1,
    "cn.3.8-2": _cn_3_8_2,
    "cn.3.9-1": _cn_3_9_1,
    "cn.3.9-2": _cn_3_9_2,
    "cn.3.10-1": _cn_3_10_1,
    "cn.3.10-2": _cn_3_10_2,
    "cn.3.10-3": _cn_3_10_3,
    "cn.3.12-1": _cn_3_12_1,
    "cn.3.12-2": _cn_3_12_2,
    "cn.3.13-1": _cn_3_13_1,
    "cn.3.13-2": _cn_3_13_2,
    "cn.3.13-3": _cn_3_13_3,
    "cn.3.13-4": _cn_3_13_4,
    "cn.3.14-1": _cn_3_14_1,
    "cn.3.14-2": _cn_3_14_2,
}
