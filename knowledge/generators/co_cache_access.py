"""Cache accesses: hits of a sequence of blocks, mean access time."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Sequence:
    """Memory blocks accessed in turn, and the cache: lines in all, lines a set, LRU or FIFO."""

    blocks: tuple[int, ...]
    lines: int
    ways: int
    lru: bool


def _sample_sequence(rng: random.Random, difficulty: int) -> Sequence:
    lines = 4 if difficulty <= 3 else 8
    ways = 1 if difficulty == 1 else 2 if difficulty <= 3 else rng.choice((2, 4))
    length = 7 + difficulty
    while True:
        kept = rng.sample(range(lines // ways), min(2, lines // ways))  # few sets, so that blocks are replaced
        some = rng.sample(
            [b for b in range(1, 40) if difficulty < 2 or b % (lines // ways) in kept], 4 + difficulty // 2 + ways // 2
        )
        problem = Sequence(tuple(rng.choice(some) for _ in range(length)), lines, ways, difficulty == 1 or rng.random() < 0.7)
        plain = all(a != b for a, b in zip(problem.blocks, problem.blocks[1:], strict=False))
        replaced = sum(victim is not None for _, _, victim in _run(problem, ways, problem.lru))
        differs = difficulty < 3 or _hits(problem, ways, True) != _hits(problem, ways, False)
        if plain and differs and replaced >= 2 and 1 < _hits(problem, ways, problem.lru) < length - 3:
            return problem


def _run(p: Sequence, ways: int, lru: bool) -> list[tuple[int, bool, int | None]]:
    """Each access: set, hit or not, block thrown out. A set is a queue; its head goes first."""
    groups: list[list[int]] = [[] for _ in range(p.lines // ways)]
    trace: list[tuple[int, bool, int | None]] = []
    for block in p.blocks:
        group = groups[block % len(groups)]
        hit, victim = block in group, None
        if hit and lru:
            group.remove(block)
        elif not hit and len(group) == ways:
            victim = group.pop(0)
        if not hit or lru:
            group.append(block)
        trace.append((block % len(groups), hit, victim))
    return trace


def _hits(p: Sequence, ways: int, lru: bool) -> int:
    return sum(hit for _, hit, _ in _run(p, ways, lru))


def _ask_sequence(p: Sequence) -> str:
    replace = "" if p.ways == 1 else f"，采用 {'LRU' if p.lru else 'FIFO'} 替换算法"
    mapping = "直接映射" if p.ways == 1 else f" {p.ways} 路组相联映射（每组 {p.ways} 行）"
    return (
        f"某 Cache 共有 {p.lines} 行，采用{mapping}，主存块号对{'行数' if p.ways == 1 else '组数'}取模得到"
        f"{'行号' if p.ways == 1 else '组号'}{replace}，初始为空。CPU 依次访问主存块 {'、'.join(map(str, p.blocks))}，命中的次数是"
    )


def _solve_sequence(p: Sequence) -> Solution:
    right = _hits(p, p.ways, p.lru)
    mistakes = [
        _hits(p, p.ways, not p.lru),  # the other replacement
        _hits(p, p.lines, p.lru),  # fully associative
        len(p.blocks) - right,  # misses
        _hits(p, 1 if p.ways > 1 else 2, p.lru),  # direct mapping
        len(p.blocks) - len(set(p.blocks)),  # only first accesses miss
        right + 1,
        right - 1,
        right + 2,
        right - 2,
    ]
    return Solution(f"{right} 次", [f"{m} 次" for m in mistakes if m > 0], _steps_sequence(p, right))


def _steps_sequence(p: Sequence, right: int) -> str:
    groups, name = p.lines // p.ways, "行" if p.ways == 1 else "组"
    parts = []
    for block, (group, hit, victim) in zip(p.blocks, _run(p, p.ways, p.lru), strict=True):
        out = "" if victim is None else f"，替换块 {victim}"
        parts.append(f"块 {block}（{name} {group}）{'命中' if hit else '缺失' + out}")
    note = "" if p.ways == 1 else "LRU 在命中时要更新使用次序。" if p.lru else "FIFO 只看装入次序，命中时不改变次序。"
    return (
        f"{'行' if p.ways == 1 else '组'}号 = 块号 mod {groups}。依次访问：{'；'.join(parts)}。共访问 {len(p.blocks)} 次，命中 {right} 次，"
        f"缺失 {len(p.blocks) - right} 次。{note}"
    )


@dataclass(frozen=True)
class Access:
    """Times and rates of the levels. Rates in percent: hits of level 1 (and 2, of the accesses that reach it)."""

    kind: str  # "one", "two" levels, "cpi"
    hit: int
    hit2: int
    time: int
    time2: int
    memory: int
    data: int  # "cpi": data accesses a 100 instructions


def _sample_access(rng: random.Random, difficulty: int) -> Access:
    kind = "one" if difficulty <= 2 else "two" if difficulty <= 4 else "cpi"
    hit, hit2 = rng.randrange(88, 99), rng.choice((50, 60, 70, 75, 80, 90))
    return Access(
        kind,
        hit,
        hit2,
        rng.randrange(1, 6),
        rng.randrange(8, 21),
        rng.choice((50, 60, 80, 100, 120, 150, 200)),
        rng.choice((20, 25, 30, 40, 50)),
    )


def _ask_access(p: Access) -> str:
    if p.kind == "cpi":
        return (
            f"某处理器的基本 CPI（所有访存都命中 Cache 时）为 {p.time}，指令和数据访问 Cache 的命中率都是 {p.hit}%，"
            f"平均每 100 条指令有 {p.data} 次数据访存（取指令另计，每条指令取指 1 次），每次缺失的损失为 {p.memory} 个时钟周期。考虑缺失后的平均 CPI 是"
        )
    if p.kind == "one":
        return (
            f"CPU 访存时先访问 Cache，缺失时再访问主存。Cache 的访问时间为 {p.time} ns，主存的访问时间为 {p.memory} ns"
            f"（缺失时总时间为二者之和），Cache 命中率为 {p.hit}%，则平均访问时间是"
        )
    return (
        f"某计算机有两级 Cache，CPU 先访问 L1，缺失时再访问 L2，L2 也缺失时再访问主存（缺失时各级访问时间累加）。"
        f"L1、L2、主存的访问时间分别为 {p.time} ns、{p.time2} ns、{p.memory} ns，L1 的命中率为 {p.hit}%，"
        f"L2 的局部命中率（到达 L2 的访问中命中的比例）为 {p.hit2}%，则平均访问时间是"
    )


def _solve_access(p: Access) -> Solution:
    h, miss = Fraction(p.hit, 100), Fraction(100 - p.hit, 100)
    if p.kind == "one":
        return _solve_one(p, h, miss)
    return _solve_two(p, h, miss) if p.kind == "two" else _solve_cpi(p, h, miss)


def _ns(value: Fraction) -> str:
    return f"{decimal(value, 4)} ns"


def _solve_one(p: Access, h: Fraction, miss: Fraction) -> Solution:
    right, together = p.time + miss * p.memory, h * p.time + miss * p.memory
    mistakes = [together, p.time + h * p.memory, miss * p.memory, Fraction(p.time + p.memory, 2), miss * p.time + h * p.memory]
    steps = (
        f"每次访问都要先用 {p.time} ns 访问 Cache，缺失率为 1 - {p.hit}% = {100 - p.hit}%，缺失时再加主存的 {p.memory} ns。"
        f"平均访问时间 = {p.time} + {100 - p.hit}% × {p.memory} = {p.time} + {decimal(miss * p.memory)} = {_ns(right)}。"
        f"若缺失时不计 Cache 的访问时间（{p.hit}% × {p.time} + {100 - p.hit}% × {p.memory}）会误得 {_ns(together)}。"
    )
    return Solution(_ns(right), [_ns(m) for m in mistakes], steps)


def _solve_two(p: Access, h: Fraction, miss: Fraction) -> Solution:
    h2, miss2 = Fraction(p.hit2, 100), Fraction(100 - p.hit2, 100)
    inner = p.time2 + miss2 * p.memory
    right, worldwide = p.time + miss * inner, p.time + miss * p.time2 + miss2 * p.memory
    together = h * p.time + miss * (h2 * p.time2 + miss2 * p.memory)
    mistakes = [together, worldwide, p.time + miss * p.memory, h * p.time + miss * inner, p.time + miss * miss2 * p.memory]
    steps = (
        f"到达 L2 的访问平均还需 {p.time2} + (1 - {p.hit2}%) × {p.memory} = {decimal(inner)} ns。"
        f"平均访问时间 = {p.time} + (1 - {p.hit}%) × {decimal(inner)} = {_ns(right)}。"
        f"若缺失时不累加上一级的时间会误得 {_ns(together)}；若把 L2 的局部缺失率当成全部访问中的缺失率会误得 {_ns(worldwide)}。"
    )
    return Solution(_ns(right), [_ns(m) for m in mistakes], steps)


def _solve_cpi(p: Access, h: Fraction, miss: Fraction) -> Solution:
    data = Fraction(p.data, 100)
    right, only_data = p.time + (1 + data) * miss * p.memory, p.time + data * miss * p.memory
    only_fetch = p.time + miss * p.memory
    mistakes = [
        only_data,
        p.time * (1 + data) + (1 + data) * miss * p.memory,  # the base counted for every access
        only_fetch,
        p.time + (1 + data) * miss * (p.memory + p.time),  # the base counted again on a miss
        (1 + data) * miss * p.memory,
        h * p.time + (1 + data) * miss * p.memory,
        p.time + 2 * (1 + data) * miss * p.memory,  # fetching and data each counted for all accesses
        p.time + (2 + data) * miss * p.memory,
    ]
    steps = (
        f"每条指令取指 1 次，平均数据访存 {decimal(data)} 次，共访存 {decimal(1 + data)} 次；缺失率为 {100 - p.hit}%，每次缺失损失 {p.memory} 个周期。"
        f"每条指令平均停顿 {decimal(1 + data)} × {100 - p.hit}% × {p.memory} = {decimal(right - p.time, 4)} 个周期，"
        f"平均 CPI = {p.time} + {decimal(right - p.time, 4)} = {decimal(right, 4)}。"
        f"漏掉取指会误得 {decimal(only_data, 4)}，漏掉数据访存会误得 {decimal(only_fetch, 4)}。"
    )
    return Solution(decimal(right, 4), [decimal(m, 4) for m in mistakes], steps)


FAMILIES = [
    Family("co-cache-hits", "Cache 命中次数", "co", ("co.3.10",), _sample_sequence, _ask_sequence, _solve_sequence),
    Family("co-average-access", "平均访问时间", "co", ("co.3.12",), _sample_access, _ask_access, _solve_access),
]
