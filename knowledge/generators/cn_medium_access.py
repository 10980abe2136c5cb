"""Sharing a medium: the shortest frame of CSMA/CD, the chips of CDMA."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

_WALSH = {
    4: ((1, 1, 1, 1), (1, -1, 1, -1), (1, 1, -1, -1), (1, -1, -1, 1)),
    8: tuple(tuple(-1 if (i & j).bit_count() % 2 else 1 for j in range(8)) for i in range(8)),
}


@dataclass(frozen=True)
class Bus:
    """Rate in Mb/s, length in m, speed in m/µs, extra one-way delay in tenths of µs, least frame in bytes (0: it is asked for)."""

    rate: int
    length: int
    speed: int
    extra: int
    frame: int


@dataclass(frozen=True)
class Cdma:
    """Chips of the stations A, B, C; the bits each sends; whose bits are asked for."""

    chips: tuple[tuple[int, ...], ...]
    data: tuple[str, ...]
    station: int


def _number(x: Fraction) -> str:
    return f"{float(x):.3f}".rstrip("0").rstrip(".")


def _sample_bus(rng: random.Random, difficulty: int) -> Bus:
    while True:
        rate, speed = rng.choice((10, 100) if difficulty < 5 else (100, 1000)), rng.choice((200, 200, 250))
        length = rng.choice(range(200, 3000, 100))
        extra = rng.choice((5, 10, 15, 20)) if difficulty >= 3 else 0
        frame = rng.choice((64, 80, 100, 128, 160, 200, 256)) if difficulty >= 4 else 0
        # An asked length must come out positive and whole, an asked frame length in whole bits.
        room = (Fraction(frame * 8, rate) - Fraction(extra, 5)) * speed / 2
        bits = (Fraction(2 * length, speed) + Fraction(extra, 5)) * rate
        if (frame and room >= 20 and room.denominator == 1) or (not frame and bits.denominator == 1):
            return Bus(rate, 0 if frame else length, speed, extra, frame)


def _extra_text(bus: Bus) -> str:
    return f"，途中的中继设备使单程另增加 {_number(Fraction(bus.extra, 10))} μs 的时延" if bus.extra else ""


def _ask_bus(bus: Bus) -> str:
    start = f"某局域网采用 CSMA/CD 协议，数据传输速率为 {bus.rate} Mb/s，信号传播速度为 {bus.speed} m/μs"
    if bus.frame:
        return f"{start}，最小帧长为 {bus.frame} B{_extra_text(bus)}，则相距最远的两个站之间的距离最大为"
    return f"{start}，相距最远的两个站之间的距离为 {bus.length} m{_extra_text(bus)}，则最小帧长应为"


def _solve_bus(bus: Bus) -> Solution:
    return _solve_length(bus) if bus.frame else _solve_frame(bus)


def _solve_frame(bus: Bus) -> Solution:
    one_way = Fraction(bus.length, bus.speed) + Fraction(bus.extra, 10)
    bits = 2 * one_way * bus.rate
    without_extra = Fraction(2 * bus.length, bus.speed) * bus.rate
    extra_once = without_extra + Fraction(bus.extra, 10) * bus.rate
    more = f" + {_number(Fraction(bus.extra, 10))}" if bus.extra else ""
    text = (
        f"单程时延 = {bus.length} m ÷ {bus.speed} m/μs{more} = {_number(one_way)} μs，争用期（往返时延）= 2 × {_number(one_way)} = "
        f"{_number(2 * one_way)} μs。发送最短帧的时间不能小于争用期，故最小帧长 = {bus.rate} Mb/s × {_number(2 * one_way)} μs = "
        f"{_number(bits)} bit。只算单程会得到 {_number(bits / 2)} bit，那样发完时冲突信号还没有传回来。"
    )
    # One way; doubled twice; the relays forgotten, counted once, counted four times; the round trip of the wire alone halved
    wrong = [bits / 2, bits * 2, without_extra, extra_once, 2 * bits - without_extra, bits / 8, bits * 3 / 2, bits * 8]
    return Solution(f"{_number(bits)} bit", [f"{w} bit" for w in wrong if w.denominator == 1], text)


def _solve_length(bus: Bus) -> Solution:
    send, extra = Fraction(bus.frame * 8, bus.rate), Fraction(bus.extra, 10)
    length = (send / 2 - extra) * bus.speed
    no_half, no_extra, once = (send - extra) * bus.speed, send / 2 * bus.speed, (send - extra) / 2 * bus.speed
    text = (
        f"发送最小帧的时间 = {bus.frame} × 8 bit ÷ {bus.rate} Mb/s = {_number(send)} μs，它不能小于往返时延，"
        f"所以单程时延最大为 {_number(send)} ÷ 2 = {_number(send / 2)} μs，其中中继设备占 {_number(extra)} μs，线路传播最多 "
        f"{_number(send / 2 - extra)} μs。最大距离 = {_number(send / 2 - extra)} μs × {bus.speed} m/μs = {_number(length)} m。"
        f"忘记除以 2 会得到 {_number(no_half)} m，忘记中继设备的时延会得到 {_number(no_extra)} m，都偏大。"
    )
    twice = (send / 2 - 2 * extra) * bus.speed  # both ways through the relays, one way on the wire
    wrong = [no_half, no_extra, twice, once, length / 2, (send / 4 - extra) * bus.speed, length * 2]
    return Solution(f"{_number(length)} m", [f"{_number(w)} m" for w in wrong if w > 0], text)


def _sample_cdma(rng: random.Random, difficulty: int) -> Cdma:
    size = 4 if difficulty <= 3 else 8
    n = 2 if difficulty == 1 else 3
    # Walsh row 0 would make the inner product a mere sum, so it is kept out of the long codes.
    rows = rng.sample(_WALSH[size][0 if size == 4 else 1 :], n)
    length = 3 if difficulty <= 2 else 4
    while True:
        data = tuple("".join(rng.choice("01") for _ in range(length)) for _ in range(n))
        if len(set(data)) == n:
            return Cdma(tuple(rows), data, rng.randrange(n))


def _received(cdma: Cdma) -> list[list[int]]:
    """The sums of the chips, a list for each bit."""
    slots = zip(*cdma.data, strict=True)
    signs = [[1 if bit == "1" else -1 for bit in slot] for slot in slots]
    return [[sum(s * c for s, c in zip(row, column, strict=True)) for column in zip(*cdma.chips, strict=True)] for row in signs]


def _vector(numbers: list[int] | tuple[int, ...]) -> str:
    return f"({', '.join(map(str, numbers))})"


def _ask_cdma(cdma: Cdma) -> str:
    chips = "，".join(f"{name} 为 {_vector(c)}" for name, c in zip("ABC", cdma.chips, strict=False))
    stream = "、".join(map(_vector, _received(cdma)))
    return (
        f"站点 {'、'.join('ABC'[: len(cdma.chips)])} 用 CDMA 同时发送数据，码片序列分别是：{chips}。发送比特 1 时发码片序列本身，发送比特 0 时发其反码。"
        f"接收方先后收到的叠加信号是 {stream}，则站点 {'ABC'[cdma.station]} 发送的数据是"
    )


def _solve_cdma(cdma: Cdma) -> Solution:
    chips, size, parts = cdma.chips[cdma.station], len(cdma.chips[0]), []
    answer = ""
    for chunk in _received(cdma):
        product = sum(a * b for a, b in zip(chunk, chips, strict=True))
        answer += "1" if product > 0 else "0"
        parts.append(
            f"{_vector(chunk)} · {_vector(chips)} ÷ {size} = {product} ÷ {size} = {product // size}，对应比特 {answer[-1]}"
        )
    inverse = "".join("10"[int(b)] for b in answer)
    others = [d for i, d in enumerate(cdma.data) if i != cdma.station]
    text = (
        f"各站的码片序列相互正交，把收到的信号与站点 {'ABC'[cdma.station]} 的码片序列作规格化内积，得 1 表示比特 1，得 -1 表示比特 0。"
        f"依次为：{'；'.join(parts)}。所以数据是 {answer}。把 1 与 -1 的含义弄反会得到 {inverse}，用了别站的码片序列会得到 {others[0]}。"
    )
    last = answer[:-1] + "10"[int(answer[-1])]
    return Solution(answer, [inverse, *others, answer[::-1], last, "10"[int(answer[0])] + answer[1:]], text)


FAMILIES = [
    Family("cn-csmacd-min-frame", "CSMA/CD 的最小帧长与最大距离", "cn", ("cn.3.10",), _sample_bus, _ask_bus, _solve_bus),
    Family("cn-cdma", "码分多址的接收数据", "cn", ("cn.3.8",), _sample_cdma, _ask_cdma, _solve_cdma),
]
