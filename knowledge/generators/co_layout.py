"""Data in memory: byte order, alignment of structures."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import hexa

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Stored:
    """A 32-bit number at an address. `at` is the offset asked for; `half` asks for the 16-bit number there, not the byte."""

    value: int
    base: int
    at: int
    little: bool
    half: bool
    shown: str


def _bytes(p: Stored) -> list[int]:
    """The bytes from the lowest address on."""
    low_first = [p.value >> 8 * i & 0xFF for i in range(4)]
    return low_first if p.little else low_first[::-1]


def _sample_stored(rng: random.Random, difficulty: int) -> Stored:
    half = difficulty >= 4
    while True:
        value = rng.randrange(1 << 28, 1 << 32)
        if difficulty == 3:
            value = (1 << 32) - rng.randrange(1 << 17, 1 << 24)
        at = rng.choice((0, 1, 2) if difficulty == 5 else (0, 2)) if half else rng.randrange(4)
        shown = "decimal" if difficulty == 3 else "memory" if half else "hex"
        problem = Stored(value, rng.randrange(0x100, 0xF00) * 16 + 4 * rng.randrange(3), at, rng.random() < 0.6, half, shown)
        if len(set(_bytes(problem))) == 4 and (not half or difficulty < 5 or _word(problem, problem.little) >> 15):
            return problem


def _word(p: Stored, little: bool) -> int:
    first, second = _bytes(p)[p.at : p.at + 2]
    return second << 8 | first if little else first << 8 | second


def _signed16(value: int) -> int:
    return value - (1 << 16) if value >> 15 else value


def _ask_stored(p: Stored) -> str:
    order = "小端" if p.little else "大端"
    if p.half:
        content = "、".join(hexa(b, 2) for b in _bytes(p))
        return (
            f"某计算机按字节编址，采用{order}方式存放数据，short 型为 16 位补码。从地址 {hexa(p.base, 4)} 开始的连续 4 个字节依次为 {content}。"
            f"从地址 {hexa(p.base + p.at, 4)} 开始读取一个 short 型数据（允许不对齐访问），其值（十进制）是"
        )
    value = f"{p.value - (1 << 32)}（补码表示）" if p.shown == "decimal" else f"{hexa(p.value, 8)}"
    return (
        f"某计算机按字节编址，采用{order}方式存放数据。32 位 int 型变量 x = {value}，存放在从地址 {hexa(p.base, 4)} 开始的 4 个字节中，"
        f"则地址 {hexa(p.base + p.at, 4)} 处的字节是"
    )


def _solve_stored(p: Stored) -> Solution:
    return _solve_half(p) if p.half else _solve_byte(p)


def _solve_byte(p: Stored) -> Solution:
    content, answer = _bytes(p), hexa(_bytes(p)[p.at], 2)
    swapped = (_bytes(p)[p.at] >> 4) | (_bytes(p)[p.at] & 15) << 4
    magnitude = ((1 << 32) - p.value).to_bytes(4, "little" if p.little else "big")[p.at]
    mistakes = [hexa(content[3 - p.at], 2)]  # the other byte order
    mistakes += [hexa(magnitude, 2)] if p.shown == "decimal" else []  # the magnitude's byte, not the complement's
    mistakes += [hexa(content[(p.at + 1) % 4], 2), hexa(content[(p.at - 1) % 4], 2), hexa(swapped, 2)]
    places = "，".join(f"{hexa(p.base + i, 4)}：{hexa(b, 2)}" for i, b in enumerate(content))
    rule = "小端方式把最低有效字节放在最低地址" if p.little else "大端方式把最高有效字节放在最低地址"
    steps = (
        f"x 的机器数是 {hexa(p.value, 8)}。{rule}，所以各地址的内容为 {places}。"
        f"地址 {hexa(p.base + p.at, 4)} 处是 {answer}。若按{'大端' if p.little else '小端'}方式排列会误得 {mistakes[0]}。"
    )
    return Solution(answer, mistakes, steps)


def _solve_half(p: Stored) -> Solution:
    right, wrong = _word(p, p.little), _word(p, not p.little)
    neighbour = Stored(p.value, p.base, p.at + 1 if p.at < 2 else p.at - 1, p.little, True, p.shown)
    magnitude = -(right & 0x7FFF) if right >> 15 else right
    mistakes = [_signed16(wrong), right, magnitude, _signed16(_word(neighbour, p.little)), wrong]
    first, second = _bytes(p)[p.at : p.at + 2]
    high, low = (second, first) if p.little else (first, second)
    value = f"{right} - 65536 = {_signed16(right)}" if right >> 15 else f"{right}"
    steps = (
        f"从地址 {hexa(p.base + p.at, 4)} 开始的两个字节依次是 {hexa(first, 2)}、{hexa(second, 2)}。"
        f"{'小端' if p.little else '大端'}方式下，低地址存放{'低' if p.little else '高'}位字节，所以高字节为 {hexa(high, 2)}，低字节为 {hexa(low, 2)}，"
        f"机器数是 {hexa(right, 4)}，最高位为 {right >> 15}，按补码其值为 {value}。字节次序弄反会误得 {mistakes[0]}。"
    )
    return Solution(str(_signed16(right)), [str(m) for m in mistakes], steps)


_SIZES = {"char": 1, "short": 2, "int": 4, "double": 8}


@dataclass(frozen=True)
class Struct:
    """The members in order: type and number of elements (1: no array)."""

    members: tuple[tuple[str, int], ...]


def _sample_struct(rng: random.Random, difficulty: int) -> Struct:
    count = 3 + (difficulty >= 2) + (difficulty >= 4)
    types = ["char", "short", "int"] + (["double"] if difficulty >= 2 else [])
    while True:
        members = [(rng.choice(types), 1) for _ in range(count)]
        if difficulty >= 3:
            at = rng.randrange(count)
            members[at] = (rng.choice(("char", "short")), rng.choice((3, 5, 6, 7, 9, 10)))
        end, size = _place(members)[-1], _total(members)
        if size > sum(_SIZES[t] * n for t, n in members) and size > end:  # both kinds of padding occur
            return Struct(tuple(members))


def _place(members: list[tuple[str, int]]) -> list[int]:
    """Offsets of the members, then the end of the last one."""
    offset, found = 0, []
    for kind, count in members:
        offset = -(-offset // _SIZES[kind]) * _SIZES[kind]
        found.append(offset)
        offset += _SIZES[kind] * count
    return [*found, offset]


def _total(members: list[tuple[str, int]]) -> int:
    widest = max(_SIZES[kind] for kind, _ in members)
    return -(-_place(members)[-1] // widest) * widest


def _declare(p: Struct) -> list[str]:
    return [f"{kind} {name}{f'[{n}]' if n > 1 else ''}" for (kind, n), name in zip(p.members, "abcdefgh", strict=False)]


def _ask_struct(p: Struct) -> str:
    return (
        f"某计算机按字节编址，char、short、int、double 型分别占 1、2、4、8 字节，数据按边界对齐方式存放（各成员的起始地址是其类型长度的整数倍，"
        f"结构体总长是最长基本类型长度的整数倍）。结构体 struct {{ {'; '.join(_declare(p))}; }} 所占的字节数是"
    )


def _solve_struct(p: Struct) -> Solution:
    members = list(p.members)
    places, size = _place(members), _total(members)
    widest = max(_SIZES[kind] for kind, _ in members)
    mistakes = [
        places[-1],  # no padding at the end
        size + widest,  # padded once more
        sum(_SIZES[t] * n for t, n in members),  # no padding at all
        sum(-(-_SIZES[t] * n // widest) * widest for t, n in members),  # every member takes whole widest units
        _total(sorted(members, key=lambda m: -_SIZES[m[0]])),  # as if the compiler sorted the members
        -(-(places[-1] + 1) // widest) * widest + (widest if size > places[-1] else 0),  # padding also after the last member
        sum(max(_SIZES[t] * n, 4) for t, n in members),  # every member at least a word
        len(members) * widest,  # one widest unit a member
        -(-places[-1] // 4) * 4,  # always to a multiple of 4
        -(-places[-1] // 8) * 8,
    ]
    parts = [
        f"{name} 从偏移量 {at} 开始，占 {_SIZES[t] * n} 字节"
        for name, at, (t, n) in zip((d.split()[1] for d in _declare(p)), places, members, strict=False)
    ]
    steps = (
        f"依次安排成员：{'；'.join(parts)}。最后一个成员之后的偏移量是 {places[-1]}。最长基本类型为 {widest} 字节，"
        f"总长要补到 {widest} 的整数倍，即 {size} B。漏掉末尾填充会得到 {mistakes[0]} B，完全不考虑对齐会得到 {mistakes[2]} B。"
    )
    return Solution(f"{size} B", [f"{m} B" for m in mistakes], steps)


FAMILIES = [
    Family("co-endian", "大端与小端", "co", ("co.2.10",), _sample_stored, _ask_stored, _solve_stored),
    Family("co-struct-alignment", "结构体的边界对齐", "co", ("co.2.11",), _sample_struct, _ask_struct, _solve_struct),
]
