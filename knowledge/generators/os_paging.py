"""Paging: size of page tables, effective access time with a TLB and with page faults."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, fixed

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Layout:
    """Virtual address bits, page size in KB, bytes of a page table entry; MB in use from address 0 (0: another question)."""

    bits: int
    page_kb: int
    entry: int
    question: str  # "size" of one table, "levels", "used"
    used_mb: int = 0


@dataclass(frozen=True)
class Lookaside:
    """Times in ns, hit rate in percent, levels of the page table."""

    tlb: int
    memory: int
    hit: int
    levels: int


@dataclass(frozen=True)
class Faults:
    """Memory time in ns, service time in ms, one fault in `every` accesses, percent of dirty victims (0: no distinction)."""

    memory: int
    service: int
    every: int
    dirty: int


def _size(count: int) -> str:
    """Bytes in the greatest binary unit that leaves a whole number."""
    for unit, shift in (("GB", 30), ("MB", 20), ("KB", 10)):
        if count and count % (1 << shift) == 0:
            return f"{count >> shift} {unit}"
    return f"{count} B"


def _sample_layout(rng: random.Random, difficulty: int) -> Layout:
    page, entry = rng.choice([1, 2, 4, 8, 16]), rng.choice([4, 8])
    if difficulty <= 2:
        return Layout(rng.choice([28, 30, 32, 34, 36]), page, entry, "size")
    if difficulty == 5 or rng.random() < 0.5:  # two levels must do
        while True:
            page, entry, bits = rng.choice([2, 4, 8]), rng.choice([4, 8]), rng.choice([30, 32])
            if _levels(bits, page, entry) == 2:
                return Layout(bits, page, entry, "used", rng.randrange(3, 60) if difficulty > 3 else 2 * rng.randrange(3, 30))
    return Layout(rng.choice([32, 36, 39, 40, 42, 44, 48, 50, 52]), page, entry, "levels")


def _offset(page_kb: int) -> int:
    return 9 + page_kb.bit_length()


def _index(page_kb: int, entry: int) -> int:
    """Bits that index one page full of entries."""
    return _offset(page_kb) + 1 - entry.bit_length()


def _levels(bits: int, page_kb: int, entry: int) -> int:
    return ceil((bits - _offset(page_kb)) / _index(page_kb, entry))


def _ask_layout(problem: Layout) -> str:
    head = (
        f"某系统按字节编址，虚拟地址 {problem.bits} 位，页大小 {problem.page_kb} KB，页表项 {problem.entry} B"
        "（1 KB = 2^10 B，1 MB = 2^20 B，1 GB = 2^30 B）。"
    )
    if problem.question == "size":
        return head + "采用一级页表时，一个进程的页表占用的空间是"
    if problem.question == "levels":
        return head + "采用多级页表，要求每一级的每张页表（含顶级页目录）都不超过一页，则页表的级数至少是"
    return head + (
        f"采用两级页表，第二级页表每张恰占一页，页目录也占一页。某进程只使用从地址 0 开始的连续 {problem.used_mb} MB 虚拟空间，"
        "只为用到的部分建立第二级页表，则页目录和第二级页表共占用的空间是"
    )


def _solve_layout(problem: Layout) -> Solution:
    return {"size": _solve_size, "levels": _solve_levels, "used": _solve_used}[problem.question](problem)


def _solve_size(problem: Layout) -> Solution:
    offset = _offset(problem.page_kb)
    pages, entry = problem.bits - offset, problem.entry
    answer = _size((1 << pages) * entry)
    steps = (
        f"页大小 {problem.page_kb} KB = 2^{offset} B，页内偏移占 {offset} 位，页号占 {problem.bits} - {offset} = {pages} 位。"
        f"一级页表要为 2^{pages} 个页各设一项，占 2^{pages} × {entry} B = {answer}。只数页表项数而不乘 {entry} B 是错的。"
    )
    wrong = [1 << pages, (1 << pages) * entry * 8, (1 << (pages - 1)) * entry, (1 << (problem.bits - 10)) * entry, 1 << offset]
    return Solution(answer, [_size(x) for x in wrong], steps)


def _solve_levels(problem: Layout) -> Solution:
    offset, index = _offset(problem.page_kb), _index(problem.page_kb, problem.entry)
    pages, levels = problem.bits - offset, _levels(problem.bits, problem.page_kb, problem.entry)
    steps = (
        f"页大小 2^{offset} B，页号占 {problem.bits} - {offset} = {pages} 位。每页可放 2^{offset} ÷ {problem.entry} = 2^{index} 个页表项，"
        f"每一级最多解释 {index} 位页号，{pages} ÷ {index} 向上取整得 {levels} 级。"
    )
    # the offset not taken away; rounded down; the top level not counted; one too many; entries taken for bytes
    wrong = [
        ceil(problem.bits / index),
        pages // index,
        levels - 1,
        levels + 1,
        levels - 2,
        ceil(pages / offset),
        levels + 2,
        levels + 3,
    ]
    return Solution(f"{levels} 级", [f"{x} 级" for x in wrong if x > 1], steps)


def _solve_used(problem: Layout) -> Solution:
    page, index = problem.page_kb << 10, _index(problem.page_kb, problem.entry)
    reach = page << index  # bytes one second-level table maps
    tables = ceil((problem.used_mb << 20) / reach)
    pages = (problem.used_mb << 20) // page
    answer = _size((tables + 1) * page)
    steps = (
        f"一张第二级页表有 {problem.page_kb} KB ÷ {problem.entry} B = 2^{index} 项，映射 2^{index} × {problem.page_kb} KB = {_size(reach)}。"
        f"{problem.used_mb} MB ÷ {_size(reach)} 向上取整得 {tables} 张第二级页表，加 1 页页目录共 {tables + 1} 页，"
        f"占 {tables + 1} × {problem.page_kb} KB = {answer}。页表以页为单位分配，漏掉页目录或只按 {pages} 个页表项计算都是错的。"
    )
    # the directory forgotten; entries without whole pages; one page too many; a directory for every table; entries twice as long
    wrong = [tables * page, pages * problem.entry, pages * problem.entry + page, (tables + 2) * page, 2 * tables * page]
    wrong += [(2 * tables + 1) * page, (tables + 1) * page * 4]
    return Solution(answer, [_size(x) for x in wrong], steps)


def _number(value: Fraction) -> str:
    return decimal(value, 4)


def _sample_tlb(rng: random.Random, difficulty: int) -> Lookaside:
    levels = 1 if difficulty <= 2 else rng.randrange(2, 4) if difficulty <= 4 else rng.randrange(2, 5)
    return Lookaside(
        rng.choice([2, 4, 5, 10, 20]), rng.choice([50, 80, 100, 120, 200]), rng.choice([75, 80, 85, 90, 95, 98]), levels
    )


def _ask_tlb(problem: Lookaside) -> str:
    table = "一级页表" if problem.levels == 1 else f" {problem.levels} 级页表"
    return (
        f"某分页系统采用{table}，页表全在内存中。访问一次内存需 {problem.memory} ns，查一次快表（TLB）需 {problem.tlb} ns，"
        f"快表命中率为 {problem.hit}%。先查快表，未命中时再查内存中的页表（每级一次），不计更新快表的时间，也不发生缺页，则取一个数据的有效访问时间是"
    )


def _mean_access(hit: int, on_hit: int, on_miss: int) -> str:
    return f"{_number(Fraction(hit * on_hit + (100 - hit) * on_miss, 100))} ns"


def _solve_tlb(problem: Lookaside) -> Solution:
    tlb, memory, hit, levels = problem.tlb, problem.memory, problem.hit, problem.levels
    found, missed = tlb + memory, tlb + (levels + 1) * memory
    answer = _mean_access(hit, found, missed)
    steps = (
        f"命中时：查快表 {tlb} + 取数据 {memory} = {found} ns。未命中时：查快表 {tlb} + 查 {levels} 级页表 {levels} × {memory} "
        f"+ 取数据 {memory} = {missed} ns。有效访问时间 = {hit}% × {found} + {100 - hit}% × {missed} = {answer}。"
        "未命中时也已花了查快表的时间，且查完页表还要再访问一次内存取数据。"
    )
    wrong = [
        _mean_access(hit, found, missed - tlb),  # the search of the TLB forgotten on a miss
        _mean_access(hit, found, missed - memory),  # the data itself forgotten on a miss
        _mean_access(hit, memory, (levels + 1) * memory),  # the TLB for free
        _mean_access(100 - hit, found, missed),  # hit and miss exchanged
        _mean_access(hit, found, missed + memory),  # the page directory read once more
        _mean_access(hit, tlb, missed),  # the data itself forgotten on a hit
        _mean_access(hit, found + memory, missed),  # the page table read on a hit too
        _mean_access(hit, found, found + missed),  # a miss counted as a hit before
        f"{missed} ns",  # the TLB never used
    ]
    return Solution(answer, wrong, steps)


def _sample_faults(rng: random.Random, difficulty: int) -> Faults:
    dirty = 0 if difficulty <= 2 else rng.choice([10, 20, 25, 40, 50, 60, 75])
    every = rng.choice([1000, 2000, 5000, 10000, 20000] if difficulty <= 3 else [4000, 10000, 40000, 50000, 100000])
    return Faults(rng.choice([50, 100, 200, 400]), rng.choice([4, 5, 8, 10, 12, 20]), every, dirty)


def _ask_faults(problem: Faults) -> str:
    head = f"某请求分页系统访问一次内存的时间（已含地址变换）为 {problem.memory} ns，平均每 {problem.every} 次访问发生 1 次缺页。"
    if not problem.dirty:
        service = f"处理一次缺页并完成该次访问共需 {problem.service} ms。"
    else:
        service = (
            f"被换出的页未修改时，处理一次缺页并完成该次访问共需 {problem.service} ms；被换出的页修改过时，要多一次写回，"
            f"共需 {2 * problem.service} ms；被换出的页有 {problem.dirty}% 修改过。"
        )
    return head + service + "有效访问时间（1 ms = 10^6 ns，保留两位小数）是"


def _solve_faults(problem: Faults) -> Solution:
    service = Fraction(problem.service * (100 + problem.dirty), 100) * 10**6

    def mean(fault: Fraction, every: int = problem.every) -> str:
        return f"{fixed((problem.memory * (every - 1) + fault) / every)} ns"

    answer, plain = mean(service), Fraction(problem.service) * 10**6
    dirty = (
        f"缺页处理的平均时间 = {100 - problem.dirty}% × {problem.service} + {problem.dirty}% × {2 * problem.service} = "
        f"{_number(service / 10**6)} ms = {_number(service)} ns。"
        if problem.dirty
        else f"缺页处理时间 {problem.service} ms = {_number(service)} ns。"
    )
    sign = "=" if ((problem.memory * (problem.every - 1) + service) * 100 / problem.every).denominator == 1 else "≈"
    steps = (
        f"缺页率 p = 1/{problem.every}。{dirty}有效访问时间 = (1 - p) × {problem.memory} + p × {_number(service)} = "
        f"({problem.every - 1} × {problem.memory} + {_number(service)}) ÷ {problem.every} {sign} {answer}。"
        "单位要先统一为 ns，缺页的那一次访问不再另加内存访问时间。"
    )
    wrong = [
        f"{fixed(service / problem.every)} ns",  # the accesses without a fault forgotten
        mean(plain if problem.dirty else 2 * plain),  # dirty victims forgotten, or a write back counted always
        mean(service / 1000),  # 1 ms taken for 1000 ns
        mean(service, 2 * problem.every),  # one fault in twice as many accesses
        mean(service, problem.every // 2),  # two faults where there is one
        mean(service + problem.memory * 10**3),  # a memory access added in µs
        mean(service / 2),  # reading in left out of the service time
        mean(2 * plain),
        mean(service, problem.every // 10),
    ]
    return Solution(answer, wrong, steps)


FAMILIES = [
    Family("os-effective-access-tlb", "带快表的有效访问时间", "os", ("os.4.4",), _sample_tlb, _ask_tlb, _solve_tlb),
    Family("os-page-table-size", "页表的大小与级数", "os", ("os.4.5",), _sample_layout, _ask_layout, _solve_layout),
    Family("os-effective-access-fault", "缺页时的有效访问时间", "os", ("os.5.2",), _sample_faults, _ask_faults, _solve_faults),
]
