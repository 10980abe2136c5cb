"""Cache mapping: the parts of an address, the bits that a cache takes."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import hexa, log2

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Cache:
    """Sizes in bytes; `unit` bytes have one address (1: 按字节编址). `address` < 0 asks for the widths of the fields."""

    address_bits: int
    size: int
    block: int
    ways: int
    unit: int
    address: int


def _size(value: int) -> str:
    return f"{value >> 10} KB" if value >= 1024 else f"{value} B"


def _sample_cache(rng: random.Random, difficulty: int) -> Cache:
    bits, unit = rng.choice((20, 24, 28, 32)), 4 if difficulty == 5 else 1
    size = 1 << rng.randrange(12, 16)
    block = 1 << rng.randrange(4, 8)
    ways = 1 if difficulty == 1 else rng.choice((2, 4, 8))
    address = rng.randrange(1 << (bits - 1), 1 << bits) if difficulty >= 3 else -1
    return Cache(bits, size, block, ways, unit, address)


def _widths(p: Cache, block: int, groups: int) -> tuple[int, int, int]:
    """Tag, set, offset."""
    offset, index = log2(block), log2(groups)
    return p.address_bits - index - offset, index, offset


def _print(p: Cache, widths: tuple[int, int, int]) -> str:
    tag, index, offset = widths
    name = "行号" if p.ways == 1 else "组号"
    if p.address < 0:
        return f"标记 {tag} 位，{name} {index} 位，块内地址 {offset} 位"
    number = p.address >> offset & (1 << index) - 1
    return f"标记 {hexa(p.address >> (index + offset))}，{name} {hexa(number)}"


def _mapping(p: Cache) -> str:
    return "直接映射" if p.ways == 1 else f" {p.ways} 路组相联映射"


def _ask_cache(p: Cache) -> str:
    unit = "按字节编址" if p.unit == 1 else f"按字编址，字长 {8 * p.unit} 位"
    stem = (
        f"某计算机{unit}，主存地址为 {p.address_bits} 位，Cache 数据区容量为 {_size(p.size)}（1 KB = 2^10 B），主存块大小为 {p.block} B，"
        f"采用{_mapping(p)}。"
    )
    if p.address < 0:
        return stem + "主存地址从高位到低位划分为"
    index = "行号" if p.ways == 1 else "组号"
    return stem + f"主存地址 {hexa(p.address)} 所在块装入 Cache 时，对应的标记和 Cache {index}（从 0 开始编号）是"


def _solve_cache(p: Cache) -> Solution:
    block, lines = p.block // p.unit, p.size // p.block
    groups = lines // p.ways
    right = _widths(p, block, groups)
    wrong = [
        _widths(p, p.block, groups),  # bytes though every address names a word
        _widths(p, block, lines if p.ways > 1 else max(lines // 2, 1)),  # lines taken for sets
        _widths(p, block, p.ways if p.ways > 1 else p.block),  # ways taken for sets
        _widths(p, block * 8, groups),  # offset within the block counted in bits
        _widths(p, block, groups * p.block),  # bytes of a set's way taken for the number of sets
        _widths(p, block // 2, groups),
    ]
    return Solution(_print(p, right), [_print(p, w) for w in wrong if min(w) > 0], _steps_cache(p, right))


def _steps_cache(p: Cache, widths: tuple[int, int, int]) -> str:
    (tag, index, offset), block, lines = widths, p.block // p.unit, p.size // p.block
    name, groups = ("行号", "行") if p.ways == 1 else ("组号", "组")
    parts = [f"每块有 {p.block} B" + (f" ÷ {p.unit} B = {block} 个字" if p.unit > 1 else "") + f"，块内地址 {offset} 位。"]
    parts.append(f"Cache 共 {p.size} ÷ {p.block} = {lines} 行")
    parts.append(f"，每组 {p.ways} 行，共 {lines // p.ways} 组" if p.ways > 1 else "")
    parts.append(f"，{name} {index} 位。标记 = {p.address_bits} - {index} - {offset} = {tag} 位。")
    if p.address >= 0:
        bits = f"{p.address:0{p.address_bits}b}"
        parts.append(
            f"地址 {hexa(p.address)} 按此划分为 {bits[:tag]} | {bits[tag : tag + index]} | {bits[tag + index :]}，"
            f"即{_print(p, widths)}，映射到第 {int(bits[tag : tag + index], 2)} {groups}。"
        )
    else:
        parts.append(f"所以划分为：{_print(p, widths)}。")
    if p.ways > 1:
        parts.append(f"组相联映射用组号（{lines // p.ways} 组）而不是行号（{lines} 行）索引。")
    return "".join(parts)


@dataclass(frozen=True)
class Total:
    """A cache whose bits are counted: valid bit always, dirty bit with write back, `replace` bits a line for replacement."""

    address_bits: int
    size: int
    block: int
    ways: int
    dirty: bool
    replace: int


def _sample_total(rng: random.Random, difficulty: int) -> Total:
    ways = 1 if difficulty <= 2 else rng.choice((2, 4, 8))
    replace = log2(ways) if difficulty >= 4 else 0
    block = 1 << rng.randrange(4, 7)
    lines = 1 << rng.randrange(10, 14)
    return Total(rng.choice((24, 26, 28, 30, 32, 34, 36)), block * lines, block, ways, difficulty >= 2, replace)


def _ask_total(p: Total) -> str:
    write = (
        "采用回写（write back）策略，每行除有效位 1 位外还有修改位 1 位"
        if p.dirty
        else "采用直写（write through）策略，每行有有效位 1 位"
    )
    extra = f"，另有 LRU 替换控制位 {p.replace} 位" if p.replace else "，不设替换控制位"
    mapping = "直接映射" if p.ways == 1 else f" {p.ways} 路组相联映射"
    return (
        f"某计算机主存地址为 {p.address_bits} 位，按字节编址，Cache 数据区容量为 {_size(p.size)}，主存块大小为 {p.block} B，采用{mapping}，"
        f"{write}{extra}。Cache 的总容量（包括数据、标记和各控制位，1 K = 2^10）是"
    )


def _solve_total(p: Total) -> Solution:
    lines, data = p.size // p.block, p.block * 8
    index = log2(lines // p.ways)
    tag, control = p.address_bits - index - log2(p.block), 1 + p.dirty + p.replace
    line = data + tag + control
    mistakes = [
        line - 1,  # forgot the valid bit
        data + tag,  # forgot all control bits
        line + (log2(p.ways) and -log2(p.ways)),  # the tag of direct mapping
        data + index + tag + control,  # stored the set number too
        line + 1,  # a dirty bit (or a second one) that the stem does not have
        line + log2(p.block),  # the offset stored too
        line + index + log2(p.block),  # the whole address stored
        line - 1 - p.dirty,
        p.block + tag + control,  # bytes for bits
    ]
    total = _kilo(line, lines)
    steps = (
        f"Cache 有 {p.size} ÷ {p.block} = {lines} 行，{'' if p.ways == 1 else f'分为 {lines // p.ways} 组，'}{'行号' if p.ways == 1 else '组号'} {index} 位；"
        f"块内地址 {log2(p.block)} 位；标记 = {p.address_bits} - {index} - {log2(p.block)} = {tag} 位。"
        f"每行有数据 {p.block} × 8 = {data} 位、标记 {tag} 位、有效位 1 位{'、修改位 1 位' if p.dirty else ''}"
        f"{f'、LRU 位 {p.replace} 位' if p.replace else ''}，共 {line} 位。总容量 = {lines} × {line} 位 = {total}。"
        f"漏掉有效位会得到 {_kilo(line - 1, lines)}"
        f"{f'，漏掉所有控制位会得到 {_kilo(data + tag, lines)}' if control > 1 else ''}。"
    )
    return Solution(total, [_kilo(m, lines) for m in mistakes], steps)


def _kilo(line: int, lines: int) -> str:
    return f"{line * lines >> 10} K 位"


FAMILIES = [
    Family("co-cache-address", "Cache 地址划分", "co", ("co.3.8",), _sample_cache, _ask_cache, _solve_cache),
    Family("co-cache-total-bits", "Cache 总容量", "co", ("co.3.9",), _sample_total, _ask_total, _solve_total),
]
