"""Performance: mean CPI and execution time, MIPS and Amdahl's law."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, exact, fixed

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Mix:
    """Classes of instructions: percent and CPI of each; clock in MHz, instructions in millions. Asked: cpi, time or mips."""

    percents: tuple[int, ...]
    cpis: tuple[int, ...]
    clock: int
    count: int
    asked: str


def _sample_mix(rng: random.Random, difficulty: int, asked: str) -> Mix:
    classes = 3 if difficulty <= 3 else 4
    while True:
        parts = [rng.randrange(2, 11) * 5 for _ in range(classes - 1)]
        clock = rng.choice((500, 800, 1000, 1200, 1600, 2000, 2400, 4000))
        mix = Mix((*parts, 100 - sum(parts)), tuple(rng.sample(range(1, 8), classes)), clock, rng.randrange(2, 60) * 100, asked)
        if (
            mix.percents[-1] >= 10
            and _cpi(mix) * classes != sum(mix.cpis)
            and exact(_cpi(mix) * mix.count / clock, 3)
            and exact(clock / _cpi(mix), 2)
        ):
            return mix


def _sample_time(rng: random.Random, difficulty: int) -> Mix:
    return _sample_mix(rng, difficulty, "cpi" if difficulty == 1 else "time")


def _cpi(p: Mix) -> Fraction:
    return sum((Fraction(a * c, 100) for a, c in zip(p.percents, p.cpis, strict=True)), Fraction(0))


def _ask_mix(p: Mix) -> str:
    rows = "；".join(f"{k} 类占 {a}%，CPI 为 {c}" for k, a, c in zip("ABCD", p.percents, p.cpis, strict=False))
    stem = f"某程序在主频为 {p.clock} MHz 的计算机上运行，执行的指令分类如下：{rows}。"
    if p.asked == "cpi":
        return stem + "该程序的平均 CPI 是"
    if p.asked == "mips":
        return stem + "运行该程序时，计算机的 MIPS 数是"
    return stem + f"程序共执行 {p.count}×10^6 条指令，该程序的执行时间是"


def _solve_mix(p: Mix) -> Solution:
    cpi, plain = _cpi(p), Fraction(sum(p.cpis), len(p.cpis))
    # unweighted mean; the most frequent class only; the weighted mean of the rates; sum of the CPIs
    most = Fraction(p.cpis[p.percents.index(max(p.percents))])
    rates = 1 / sum((Fraction(a, 100 * c) for a, c in zip(p.percents, p.cpis, strict=True)), Fraction(0))
    least, middle = Fraction(min(p.cpis)), Fraction(sorted(p.cpis)[len(p.cpis) // 2])
    last = cpi - Fraction(p.percents[-1] * p.cpis[-1], 100)  # the last class left out
    wrong = [plain, rates, most, last, cpi + plain / len(p.cpis), Fraction(max(p.cpis)), middle, least]
    work = " + ".join(f"{a}% × {c}" for a, c in zip(p.percents, p.cpis, strict=True))
    steps = f"平均 CPI 是各类 CPI 按比例加权：{work} = {decimal(cpi)}。"
    if p.asked == "time":
        steps += f"执行时间 = 指令条数 × CPI ÷ 主频 = {p.count}×10^6 × {decimal(cpi)} ÷ ({p.clock}×10^6 Hz) = {_result(p, cpi)}。"
    elif p.asked == "mips":
        steps += f"MIPS = 主频 ÷ (CPI × 10^6) = {p.clock}×10^6 ÷ ({decimal(cpi)} × 10^6) = {_result(p, cpi)}。"
    steps += f"直接取各类 CPI 的算术平均（不加权）会误得 {_result(p, plain)}。"
    return Solution(_result(p, cpi), [_result(p, w) for w in wrong], steps)


def _result(p: Mix, cpi: Fraction) -> str:
    if p.asked == "cpi":
        return decimal(cpi, 2)
    return f"{decimal(p.count * cpi / p.clock)} s" if p.asked == "time" else decimal(p.clock / cpi, 2)


@dataclass(frozen=True)
class Amdahl:
    """A part of the time (percent) becomes `factor` times as fast; `total` seconds before. Asked: speedup, time or factor."""

    percent: int
    factor: int
    total: int
    asked: str


def _sample_speedup(rng: random.Random, difficulty: int) -> Mix | Amdahl:
    if difficulty <= 2:
        return _sample_mix(rng, difficulty, "mips")
    while True:
        asked = "factor" if difficulty == 5 else rng.choice(("speedup", "time"))
        problem = Amdahl(rng.randrange(4, 19) * 5, rng.choice((2, 3, 4, 5, 6, 8, 10)), rng.randrange(2, 31) * 10, asked)
        if exact(_after(problem), 2):
            return problem


def _after(p: Amdahl) -> Fraction:
    return Fraction(p.total * (100 - p.percent), 100) + Fraction(p.total * p.percent, 100 * p.factor)


def _ask_speedup(p: Mix | Amdahl) -> str:
    if isinstance(p, Mix):
        return _ask_mix(p)
    stem = f"某程序在改进前的运行时间为 {p.total} s，其中浮点运算占 {p.percent}% 的时间。"
    if p.asked == "factor":
        return stem + f"若只改进浮点部件，要使程序的运行时间缩短为 {decimal(_after(p))} s，浮点运算的速度应提高到原来的"
    stem += f"现将浮点运算的速度提高到原来的 {p.factor} 倍，其他部分不变，"
    return stem + ("程序改进后的运行时间是" if p.asked == "time" else "整个程序的加速比（保留两位小数）约为")


def _solve_speedup(p: Mix | Amdahl) -> Solution:
    if isinstance(p, Mix):
        return _solve_mix(p)
    part = Fraction(p.total * p.percent, 100)
    rest, after = p.total - part, _after(p)
    split = f"浮点运算占 {p.total} × {p.percent}% = {decimal(part)} s，其他部分占 {decimal(rest)} s。"
    if p.asked == "factor":
        wrong = [
            p.total / after,  # the speedup of the whole program
            part / (after - rest) * Fraction(p.total, part),  # the whole time in place of the part
            Fraction(p.factor + 1),  # faster by so much, not to so much
            Fraction(p.factor - 1),  # to so much, not by so much
            Fraction(2 * p.factor),
            Fraction(p.factor + 2),
            p.total / (after - rest) - rest / after,
        ]
        steps = split + (
            f"改进后浮点运算只能用 {decimal(after)} - {decimal(rest)} = {decimal(after - rest)} s，"
            f"速度应提高到原来的 {decimal(part)} ÷ {decimal(after - rest)} = {p.factor} 倍。"
            f"整个程序的加速比 {p.total} ÷ {decimal(after)} 不是浮点运算的倍数。"
        )
        return Solution(f"{p.factor} 倍", [f"{decimal(w, 2)} 倍" for w in wrong if w > 1], steps)
    times = [part / p.factor, Fraction(p.total, p.factor), rest, part + rest / p.factor]
    steps = split + f"改进后的时间 = {decimal(rest)} + {decimal(part)} ÷ {p.factor} = {decimal(after)} s。"
    if p.asked == "time":
        steps += f"只算浮点部分（{decimal(times[0], 2)} s）漏掉了不变的部分。"
        return Solution(f"{decimal(after)} s", [f"{decimal(t, 2)} s" for t in times], steps)
    answer, wrong = fixed(p.total / after), [p.total / t for t in times]
    sign = "=" if exact(p.total / after, 2) else "≈"
    steps += f"加速比 = {p.total} ÷ {decimal(after)} {sign} {answer}。加速比受不能改进的部分限制，不会等于 {p.factor}。"
    return Solution(answer, [fixed(w) for w in [wrong[1], wrong[2], wrong[3], wrong[0]]], steps)


FAMILIES = [
    Family("co-cpi-time", "CPI 与执行时间", "co", ("co.1.4",), _sample_time, _ask_mix, _solve_mix),
    Family("co-mips-speedup", "MIPS 与加速比", "co", ("co.1.5", "co.1.6"), _sample_speedup, _ask_speedup, _solve_speedup),
]
