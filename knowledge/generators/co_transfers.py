"""Bus transfers: the mean data rate of bursts."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Burst:
    """Clock in MHz, transfers a cycle, width in bits; cycles for the address, for memory, transfers in a bus transaction."""

    clock: int
    rate: int
    width: int
    address: int
    wait: int
    length: int


def _sample_burst(rng: random.Random, difficulty: int) -> Burst:
    clock = rng.choice((50, 66, 80, 100, 133, 150, 200, 400))
    rate = 1 if difficulty <= 3 else rng.choice((2, 4))
    wait = 0 if difficulty <= 1 else rng.randrange(1, 6) if difficulty <= 4 else rng.randrange(4, 13)
    length = rng.choice((4, 8, 16) if difficulty <= 4 else (8, 16, 32))
    return Burst(clock, rate, rng.choice((16, 32, 64)), 1 if difficulty <= 3 else rng.choice((1, 2)), wait, length)


def _ask_burst(p: Burst) -> str:
    per = {1: "每个时钟周期传送一次数据", 2: "每个时钟周期的上升沿和下降沿各传送一次数据", 4: "每个时钟周期传送 4 次数据"}[p.rate]
    wait = f"，主存准备数据用 {p.wait} 个时钟周期" if p.wait else "，主存准备数据的时间不计"
    return (
        f"某同步总线的时钟频率为 {p.clock} MHz，数据线宽度为 {p.width} 位，{per}。一次突发（猝发）读事务中，"
        f"传送首地址用 {p.address} 个时钟周期{wait}，随后连续传送 {p.length} 个 {p.width} 位数据，各阶段不重叠，事务之间没有间隔。"
        f"连续进行这样的读事务，总线的平均数据传输率（1 MB = 10^6 B，结果最多保留两位小数）是"
    )


def _mega(value: Fraction) -> str:
    return f"{decimal(value, 2)} MB/s"


def _solve_burst(p: Burst) -> Solution:
    size, data = p.length * p.width // 8, Fraction(p.length, p.rate)
    cycles = p.address + p.wait + data
    right, peak = size * p.clock / cycles, Fraction(p.width * p.rate * p.clock, 8)
    wrong = [
        peak,  # the peak rate
        size * p.clock / (p.wait + data),  # forgot the address
        size * p.clock / (p.address + data),  # forgot the memory
        Fraction(size * p.clock, p.address + p.wait + p.length),  # one transfer a cycle
        Fraction(p.width * p.clock, 8) / (p.address + p.wait + 1),  # a transaction for every transfer
        size * p.clock / (2 * p.address + p.wait + data),  # the address sent back with the data
        size * p.clock / (p.address + 2 * p.wait + data + (not p.wait)),  # memory waited for twice (or once without need)
        (size - p.width // 8) * p.clock / cycles,  # the first word not counted as data
        size * p.clock / (cycles + data),  # the data counted for reading and for sending
        8 * right,  # bits for bytes
    ]
    parts = [str(p.address)] + ([str(p.wait)] if p.wait else []) + [decimal(data)]
    each = "" if p.rate == 1 else f"传送 {p.length} 个数据用 {p.length} ÷ {p.rate} = {decimal(data)} 个时钟周期。"
    steps = (
        f"一次事务传送 {p.length} × {p.width} ÷ 8 = {size} B。{each}"
        f"一次事务共用 {' + '.join(parts)} = {decimal(cycles)} 个时钟周期。"
        f"每秒有 {p.clock} × 10^6 个时钟周期，平均数据传输率 = {size} B × {p.clock} × 10^6 ÷ {decimal(cycles)} ≈ {_mega(right)}。"
        f"{_mega(peak)} 是只算数据阶段的峰值带宽，没有计入{'地址和等待' if p.wait else '地址'}阶段。"
    )
    if (100 * right).denominator == 1:
        steps = steps.replace("≈", "=")
    return Solution(_mega(right), [_mega(w) for w in wrong], steps)


FAMILIES = [Family("co-bus-bandwidth", "突发传送的平均数据传输率", "co", ("co.6.2",), _sample_burst, _ask_burst, _solve_burst)]
