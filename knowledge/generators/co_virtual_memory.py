"""Virtual memory: translation by TLB and page table."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import hexa, log2

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Entry:
    """A TLB entry."""

    group: int
    tag: int
    frame: int
    valid: bool


@dataclass(frozen=True)
class Translation:
    """A virtual address and a TLB of `groups` sets (1: fully associative). `right` is the entry that matches."""

    address: int
    virtual_bits: int
    physical_bits: int
    page: int
    groups: int
    entries: tuple[Entry, ...]


def _sample(rng: random.Random, difficulty: int) -> Translation:
    page = 4096 if difficulty <= 2 else rng.choice((1024, 2048, 8192, 4096))
    virtual, physical = rng.choice(((24, 20), (28, 24), (32, 28)))
    groups = 1 if difficulty <= 3 else rng.choice((4, 8))
    pages, frames = 1 << (virtual - log2(page)), (1 << (physical - log2(page))) - 2
    number, address = rng.randrange(pages // 8, pages), rng.randrange(page // 16, page)
    tag, group = number // groups, number % groups
    chosen = rng.sample(range(frames // 8, frames), 4)
    entries = [Entry(group, tag, chosen[0], True), Entry(group, tag ^ rng.choice((1, 2, 3)), chosen[1], True)]
    if groups > 1:  # the same tag in another set must not match
        entries.append(Entry((group + rng.randrange(1, groups)) % groups, tag, chosen[2], True))
        entries.append(Entry(group, tag ^ 4, chosen[3], False))
    else:
        entries.append(Entry(0, tag ^ 4, chosen[2], difficulty > 1))
        entries.append(Entry(0, tag, chosen[3], False))  # a stale entry of the same page
    rng.shuffle(entries)
    return Translation(number * page + address, virtual, physical, page, groups, tuple(entries))


def _table(p: Translation) -> str:
    rows = []
    for e in p.entries:
        where = f"组号 {e.group}，标记 {hexa(e.tag)}" if p.groups > 1 else f"虚页号 {hexa(e.tag)}"
        rows.append(f"（{where}，有效位 {int(e.valid)}，页框号 {hexa(e.frame)}）")
    return "、".join(rows)


def _ask(p: Translation) -> str:
    kind = f"采用组相联映射，共 {p.groups} 组，组号取虚页号的低 {log2(p.groups)} 位" if p.groups > 1 else "采用全相联映射"
    return (
        f"某计算机按字节编址，虚拟地址 {p.virtual_bits} 位，物理地址 {p.physical_bits} 位，采用页式虚拟存储管理，页大小为 {p.page >> 10} KB（1 KB = 2^10 B）。"
        f"TLB {kind}，其中的部分表项为：{_table(p)}。虚拟地址 {hexa(p.address, p.virtual_bits // 4)} 对应的物理地址是"
    )


def _solve(p: Translation) -> Solution:
    offset_bits, digits = log2(p.page), p.physical_bits // 4
    offset, number = p.address & p.page - 1, p.address >> offset_bits
    group, tag = number & p.groups - 1, number >> log2(p.groups)
    entry = next(e for e in p.entries if e.valid and e.group == group and e.tag == tag)
    answer = hexa(entry.frame << offset_bits | offset, digits)
    others = sorted((e for e in p.entries if e != entry), key=lambda e: e.tag != tag)
    wrong = [e.frame << offset_bits | offset for e in others[:2]]  # the stale entry, or the right tag in the wrong set
    wrong.append(entry.frame << 12 | p.address & 0xFFF)  # the last three hex digits, whatever the page size
    wrong.append((entry.frame << offset_bits) + offset // 2)
    wrong += [e.frame << offset_bits | offset for e in others[2:]]
    mistakes = [hexa(w % (1 << p.physical_bits), digits) for w in wrong]
    return Solution(answer, mistakes, _steps(p, entry, answer, others))


def _steps(p: Translation, entry: Entry, answer: str, others: list[Entry]) -> str:
    bits = log2(p.page)
    offset, number = p.address % p.page, p.address // p.page
    find = f"虚页号 {hexa(number)}"
    if p.groups > 1:
        find += f"，它的低 {log2(p.groups)} 位是组号 {entry.group}，其余高位是标记 {hexa(entry.tag)}"
    trap = "标记相同但组号不同，不能匹配" if p.groups > 1 else "虚页号相同但有效位为 0，不能使用"
    return (
        f"页大小 {p.page >> 10} KB = 2^{bits} B，页内地址为低 {bits} 位：{offset:0{bits}b}B = {hexa(offset)}；高 {p.virtual_bits - bits} 位是{find}。"
        f"在 TLB 中命中有效表项，页框号为 {hexa(entry.frame)} = {entry.frame:0{p.physical_bits - bits}b}B。"
        f"物理地址由页框号与页内地址拼接而成：{hexa(entry.frame)} × 2^{bits} + {hexa(offset)} = {answer}。"
        f"页框号为 {hexa(others[0].frame)} 的表项{trap}。"
    )


FAMILIES = [Family("co-tlb-translation", "TLB 与地址转换", "co", ("co.3.13", "co.3.14"), _sample, _ask, _solve)]
