"""The processor's share of input and output: by interrupts, by DMA."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, exact

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Interrupts:
    """Clock in MHz, device in KB/s, bytes an interrupt; the service: instructions, their CPI, further cycles."""

    clock: int
    rate: int
    unit: int
    instructions: int
    cpi: int
    extra: int


@dataclass(frozen=True)
class Dma:
    """Clock in MHz, device in KB/s, bytes a block, cycles before and after a block, cycles stolen for every 4 bytes."""

    clock: int
    rate: int
    block: int
    before: int
    after: int
    stolen: int


def _share(cycles: int, clock: int, rate: int, unit: int) -> Fraction:
    """Percent of the clock that `cycles` cycles for every `unit` bytes take."""
    return Fraction(100 * cycles * rate * 1000, unit * clock * 10**6)


def _percent(value: Fraction) -> str:
    return f"{decimal(value, 4)}%"


def _sample_interrupts(rng: random.Random, difficulty: int) -> Interrupts:
    while True:
        p = Interrupts(
            rng.choice((50, 100, 200, 400, 500, 800, 1000)),
            rng.choice((10, 20, 40, 50, 80, 100, 200, 400, 500, 800)),
            rng.choice((2, 4) if difficulty <= 2 else (4, 8, 16)),
            rng.randrange(10, 31),
            1 if difficulty == 1 else rng.randrange(2, 7),
            rng.randrange(1, 11) * 10 if difficulty >= 3 else 0,
        )
        share = _share(_service(p), p.clock, p.rate, p.unit)
        if exact(share, 3) and 1 <= share <= 60 and share != 50:
            return p


def _service(p: Interrupts) -> int:
    return p.instructions * p.cpi + p.extra


def _ask_interrupts(p: Interrupts) -> str:
    extra = f"，中断响应、恢复等其他开销为 {p.extra} 个时钟周期" if p.extra else "，其他开销不计"
    return (
        f"某计算机的 CPU 主频为 {p.clock} MHz，CPI 为 {p.cpi}。某外设的数据传输率为 {p.rate} KB/s（1 KB = 10^3 B），"
        f"采用中断方式与主机交换数据，每次中断传送 {p.unit * 8} 位数据，对应的中断服务程序有 {p.instructions} 条指令{extra}。"
        f"外设持续工作时，CPU 用于该外设输入/输出的时间占整个 CPU 时间的百分比是"
    )


def _solve_interrupts(p: Interrupts) -> Solution:
    cycles, each = _service(p), Fraction(p.rate * 1000, p.unit)
    right = _share(cycles, p.clock, p.rate, p.unit)
    wrong = [
        _share(cycles - p.extra, p.clock, p.rate, p.unit),  # forgot the further cycles
        _share(p.instructions + p.extra, p.clock, p.rate, p.unit),  # every instruction one cycle
        right / 8,  # bits taken for bytes
        right * p.unit,  # an interrupt for every byte
        right * 8,  # the bits of a transfer taken for so many bytes less
        _share(cycles + p.instructions, p.clock, p.rate, p.unit),  # an extra cycle for every instruction's fetch
        _share(2 * cycles - p.extra, p.clock, p.rate, p.unit),  # the service counted on entry and on return
        right / p.unit,
        right * 1024 / 1000,  # 1 KB taken for 2^10 B
    ]
    extra = f" + {p.extra}" if p.extra else ""
    note = f"漏掉 {p.extra} 个周期的其他开销会误得 {_percent(wrong[0])}；" if p.extra else ""
    steps = (
        f"每次中断传送 {p.unit * 8} 位，即 {p.unit} B，每秒中断 {p.rate} × 10^3 ÷ {p.unit} = {decimal(each)} 次。"
        f"每次中断的开销为 {p.instructions} × {p.cpi}{extra} = {cycles} 个时钟周期，每秒共 {decimal(each)} × {cycles} = {decimal(each * cycles)} 个时钟周期。"
        f"所占百分比 = {decimal(each * cycles)} ÷ ({p.clock} × 10^6) = {_percent(right)}。"
        f"{note}把 {p.unit * 8} 位当成 {p.unit * 8} B 会误得 {_percent(wrong[2])}。"
    )
    return Solution(_percent(right), [_percent(w) for w in wrong if w <= 100], steps)


def _sample_dma(rng: random.Random, difficulty: int) -> Dma:
    while True:
        p = Dma(
            rng.choice((100, 200, 400, 500, 800, 1000)),
            rng.choice((1000, 2000, 4000, 5000, 8000, 10000, 20000)),
            rng.choice((1000, 2000, 4000, 5000, 8000)),
            rng.randrange(2, 11) * 100,
            0 if difficulty == 1 else rng.randrange(2, 16) * 50,
            rng.randrange(2, 6) if difficulty >= 4 else 0,
        )
        share = _share(_block(p), p.clock, p.rate, p.block)
        if p.before != p.after and exact(share, 3) and Fraction(1, 10) <= share <= 40:
            return p


def _block(p: Dma) -> int:
    """Cycles that a block costs."""
    return p.before + p.after + p.block // 4 * p.stolen


def _ask_dma(p: Dma) -> str:
    after = f"预处理用 {p.before} 个时钟周期，后处理（含中断服务）用 {p.after} 个时钟周期"
    if not p.after:
        after = f"预处理和后处理共用 {p.before} 个时钟周期"
    stolen = (
        f"DMA 控制器每传送 32 位数据挪用一次总线，使 CPU 停顿 {p.stolen} 个时钟周期，停顿也计入开销"
        if p.stolen
        else "数据传送期间 DMA 与 CPU 没有访存冲突"
    )
    return (
        f"某计算机的 CPU 主频为 {p.clock} MHz，某外设的数据传输率为 {decimal(Fraction(p.rate, 1000))} MB/s（1 MB = 10^6 B），"
        f"采用 DMA 方式与主机交换数据，每次 DMA 传送的数据块大小为 {p.block} B。每次 DMA 传送中，{after}；{stolen}。"
        f"外设持续工作时，CPU 用于该外设输入/输出的时间占整个 CPU 时间的百分比是"
    )


def _solve_dma(p: Dma) -> Solution:
    def share(cycles: int) -> Fraction:
        return _share(cycles, p.clock, p.rate, p.block)

    cycles, each = _block(p), Fraction(p.rate * 1000, p.block)
    right = share(cycles)
    wrong = [
        share(cycles - p.block // 4 * p.stolen),  # forgot the stolen cycles
        share(cycles - p.after),  # forgot the work after the block
        share(cycles + p.before),  # the preparation counted twice
        right / 8,  # bits taken for bytes
        right * 8,
        share(cycles + p.after + (p.before if not p.after else 0)),  # the work after (or before) the block twice
        right * 4,  # 4 B taken for a block's unit
        right / 4,
        right * Fraction(1024, 1000),  # 1 MB taken for 2^10 KB
        share(2 * cycles),  # two interrupts a block
        share(cycles) / 2,  # a block taken twice as long
        share(p.before + p.after + p.block * p.stolen),  # a stolen cycle for every byte
    ]
    words = f" + {p.block} ÷ 4 × {p.stolen}" if p.stolen else ""
    parts = f"{p.before}" + (f" + {p.after}" if p.after else "") + words
    total = f"{parts} = {cycles}" if p.after or p.stolen else parts
    note = (
        f"漏掉挪用总线造成的停顿会误得 {_percent(wrong[0])}。" if p.stolen else "传送数据本身由 DMA 控制器完成，不占用 CPU 时间。"
    )
    steps = (
        f"每秒进行 DMA 传送 {p.rate} × 10^3 ÷ {p.block} = {decimal(each)} 次。每次传送 CPU 的开销为 {total} 个时钟周期，"
        f"每秒共 {decimal(each)} × {cycles} = {decimal(each * cycles)} 个时钟周期。"
        f"所占百分比 = {decimal(each * cycles)} ÷ ({p.clock} × 10^6) = {_percent(right)}。{note}"
        + (f"漏掉后处理会误得 {_percent(wrong[1])}。" if p.after else "")
    )
    return Solution(_percent(right), [_percent(w) for w in wrong if w <= 100], steps)


FAMILIES = [
    Family(
        "co-interrupt-overhead", "中断方式的 CPU 开销", "co", ("co.7.3",), _sample_interrupts, _ask_interrupts, _solve_interrupts
    ),
    Family("co-dma-overhead", "DMA 方式的 CPU 开销", "co", ("co.7.5",), _sample_dma, _ask_dma, _solve_dma),
]
