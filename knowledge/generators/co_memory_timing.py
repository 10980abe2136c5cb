"""Times of memories: words read from interleaved modules, mean access time of a disk."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, exact

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Interleaved:
    """Low-order interleaving: modules, bus cycle in ns (a module is busy `modules` bus cycles), words of 64 bits to read."""

    modules: int
    bus: int
    words: int
    asked: str  # "time" or "rate"


def _sample_interleaved(rng: random.Random, difficulty: int) -> Interleaved:
    modules = 4 if difficulty <= 2 else rng.choice((4, 8))
    words = modules * rng.randrange(1, 2 + difficulty) + rng.randrange(difficulty)
    return Interleaved(
        modules, rng.choice((4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50)), words, "time" if difficulty <= 3 else "rate"
    )


def _span(p: Interleaved) -> int:
    """Nanoseconds until the last word is there."""
    return p.modules * p.bus + (p.words - 1) * p.bus


def _rate(p: Interleaved, time: int) -> Fraction:
    """10^6 bytes a second."""
    return Fraction(p.words * 8 * 1000, time)


def _ask_interleaved(p: Interleaved) -> str:
    stem = (
        f"某主存由 {p.modules} 个存储体低位交叉编址构成，每个存储体的存储字长为 64 位，存取周期为 {p.modules * p.bus} ns，"
        f"总线传送周期为 {p.bus} ns，各存储体按流水方式轮流启动，每个字在其存取周期结束时即读完。从 0 号存储体开始连续读出 {p.words} 个字，"
        f"从启动第一个存储体到读完最后一个字"
    )
    if p.asked == "time":
        return stem + "所需的时间是"
    return stem + "，数据传输率（1 MB = 10^6 B）约为（保留两位小数，末尾的 0 略去）"


def _solve_interleaved(p: Interleaved) -> Solution:
    cycle, right = p.modules * p.bus, _span(p)
    wrong = [
        cycle + p.words * p.bus,  # one bus cycle too many
        cycle + (p.words - 2) * p.bus,  # one too few
        p.words * cycle,  # one module after the other, as with high-order interleaving
        p.words * p.bus,  # forgot the first access
        -(-p.words // p.modules) * cycle,  # whole rounds only
        cycle + (p.words - p.modules) * p.bus,  # the first round for one access
        -(-p.words // p.modules) * (cycle + (p.modules - 1) * p.bus),  # every round starts anew
    ]

    def show(time: int) -> str:
        return f"{time} ns" if p.asked == "time" else f"{decimal(_rate(p, time), 2)} MB/s"

    rate = (
        ""
        if p.asked == "time"
        else f"共读出 {p.words} × 8 B = {p.words * 8} B，数据传输率 = {p.words * 8} B ÷ {right} ns ≈ {show(right)}。"
    )
    steps = (
        f"存取周期是总线传送周期的 {p.modules} 倍，等于存储体数，所以每隔 {p.bus} ns 可启动下一个存储体，流水不断。"
        f"第一个字用一个存取周期 {cycle} ns，此后每隔 {p.bus} ns 得到一个字，"
        f"总时间 = {cycle} + ({p.words} - 1) × {p.bus} = {right} ns。{rate}"
        f"把第一个字也算进后面的 {p.words} 个传送周期，会误得 {show(wrong[0])}；"
        f"按顺序方式（高位交叉）一个接一个地读，会误得 {show(wrong[2])}。"
    )
    return Solution(show(right), [show(w) for w in wrong], steps)


@dataclass(frozen=True)
class Disk:
    """Turns a minute, sectors a track, mean seek time in ms, sectors to read in a row, controller's delay in 0.1 ms."""

    turns: int
    sectors: int
    seek: int
    read: int
    delay: int


def _sample_disk(rng: random.Random, difficulty: int) -> Disk:
    while True:
        turns = rng.choice((6000, 7500, 10000, 12000, 15000) if difficulty <= 2 else (5000, 6000, 7500, 10000, 12000, 15000))
        sectors = rng.choice((100, 200, 250, 400, 500, 1000) if difficulty <= 3 else (125, 160, 200, 320, 400, 500, 800))
        read = 1 if difficulty <= 2 else rng.randrange(2, 21)
        p = Disk(turns, sectors, rng.randrange(3, 13), read, rng.randrange(1, 10) if difficulty >= 4 else 0)
        if exact(_turn(p) / (2 * p.sectors), 4) and exact(_mean(p), 3):
            return p


def _turn(p: Disk) -> Fraction:
    return Fraction(60000, p.turns)


def _mean(p: Disk) -> Fraction:
    return p.seek + _turn(p) / 2 + _turn(p) * p.read / p.sectors + Fraction(p.delay, 10)


def _ask_disk(p: Disk) -> str:
    what = "一个扇区" if p.read == 1 else f"同一磁道上连续的 {p.read} 个扇区"
    delay = f"，磁盘控制器的延迟为 {decimal(Fraction(p.delay, 10))} ms" if p.delay else "，不计磁盘控制器的延迟"
    return (
        f"某磁盘的转速为 {p.turns} 转/分，平均寻道时间为 {p.seek} ms，每个磁道有 {p.sectors} 个扇区{delay}。"
        f"平均旋转延迟按旋转半周计算，则读取{what}（一次寻道）的平均存取时间是"
    )


def _ms(value: Fraction) -> str:
    return f"{decimal(value, 3)} ms"


def _solve_disk(p: Disk) -> Solution:
    turn, right, delay = _turn(p), _mean(p), Fraction(p.delay, 10)
    each = turn / p.sectors
    mistakes = [
        right + turn / 2,  # a whole turn of delay
        right + p.seek,  # a seek there and one back
        right + turn,  # a turn to find the sector, another to read it
        right - each * p.read,  # forgot the transfer
        right - p.seek,  # forgot the seek
        right - turn / 2,  # forgot the rotation
        right - each * (p.read - 1),  # transfer of one sector
        right + (p.seek + turn / 2) * (p.read - 1),  # a seek and a delay for every sector
        right - delay,
    ]
    extra = f" + {decimal(delay)}" if p.delay else ""
    terms = "寻道时间 + 旋转延迟 + 传输时间" + (" + 控制器延迟" if p.delay else "")
    steps = (
        f"旋转一周用时 60 × 1000 ms ÷ {p.turns} = {_ms(turn)}，平均旋转延迟为半周，即 {_ms(turn / 2)}。"
        f"传输时间 = {_ms(turn)} × {p.read} ÷ {p.sectors} = {_ms(each * p.read)}。"
        f"平均存取时间 = {terms} = {p.seek} + {decimal(turn / 2)} + {decimal(each * p.read)}{extra} = {_ms(right)}。"
        f"旋转延迟误取一整周会得到 {_ms(mistakes[0])}，漏掉传输时间会得到 {_ms(right - each * p.read)}。"
    )
    return Solution(_ms(right), [_ms(m) for m in mistakes], steps)


FAMILIES = [
    Family(
        "co-interleaved-memory",
        "低位交叉存储器的读出时间",
        "co",
        ("co.3.5",),
        _sample_interleaved,
        _ask_interleaved,
        _solve_interleaved,
    ),
    Family("co-disk-access", "磁盘的平均存取时间", "co", ("co.3.6",), _sample_disk, _ask_disk, _solve_disk),
]
