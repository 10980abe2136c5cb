"""Instructions: effective addresses, the room that expanding operation codes leave."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import hexa

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Operand:
    """An addressing mode with its numbers.

    Relative: `register` is the instruction's address, `length` its bytes, `field` the offset's byte, `scale` the offset's unit.
    Else: `register` is the index (base) register, `field` the formal address, `memory` pairs of address and content.
    """

    mode: str  # "relative", "base", "indirect", "index-indirect", "indirect-index"
    register: int
    field: int
    length: int = 0
    scale: int = 1
    memory: tuple[tuple[int, int], ...] = ()


def _sample_operand(rng: random.Random, difficulty: int) -> Operand:
    if rng.random() < 0.5:
        negative = difficulty >= 3 or (difficulty == 2 and rng.random() < 0.5)
        length, scaled = 2 if difficulty <= 2 else rng.choice((2, 4)), difficulty >= 4
        step = 1 if scaled else length  # so that the target is the start of an instruction
        field = rng.randrange(0x84, 0xFC, step) if negative else rng.randrange(0x08, 0x7C, step)
        return Operand("relative", 4 * rng.randrange(0x400, 0x3800), field, length, length if scaled else 1)
    mode = ("base", "indirect", "index-indirect", "indirect-index", rng.choice(("index-indirect", "indirect-index")))[
        difficulty - 1
    ]
    while True:
        field, register = rng.randrange(0x100, 0xF00), rng.randrange(0x10, 0x100)
        first, second = rng.sample(range(0x1000, 0xE000), 2)
        memory = {field: first, field + register: second}
        for address in (first, first + register, second):
            memory[address] = rng.randrange(0x1000, 0xE000)
        if len(set(memory) | set(memory.values())) == 8:  # five cells, whose contents include two of their addresses
            return Operand(mode, register, field, memory=tuple(sorted(memory.items())))


_MODES = {
    "base": "基址寻址",
    "indirect": "一次间接寻址（不变址）",
    "index-indirect": "先变址后间址的寻址方式",
    "indirect-index": "先间址后变址的寻址方式",
}


def _ask_operand(p: Operand) -> str:
    if p.mode == "relative":
        unit = "以字节为单位" if p.scale == 1 else f"以指令字（{p.length} B）为单位"
        return (
            f"某计算机按字节编址，地址为 16 位，指令长 {p.length} B，取指令后 PC 自动加 {p.length}。地址为 {hexa(p.register, 4)} 的转移指令"
            f"采用相对寻址，转移条件成立，指令中的 8 位偏移量用补码表示，为 {hexa(p.field, 2)}，{unit}，转移的目标地址是"
        )
    cells = "，".join(f"({hexa(a, 4)}) = {hexa(v, 4)}" for a, v in p.memory)
    name = "基址寄存器" if p.mode == "base" else "变址寄存器"
    return (
        f"某计算机按字编址，字长和地址均为 16 位，指令中的形式地址为 {hexa(p.field, 4)}，{name}的内容为 {hexa(p.register, 4)}，"
        f"部分主存单元的内容为：{cells}。若指令采用{_MODES[p.mode]}，则操作数的有效地址是"
    )


def _solve_operand(p: Operand) -> Solution:
    return _solve_relative(p) if p.mode == "relative" else _solve_memory(p)


def _solve_relative(p: Operand) -> Solution:
    offset = p.field - 256 if p.field >= 128 else p.field
    pc, move = p.register + p.length, offset * p.scale
    right = pc + move
    wrong = [
        p.register + move,  # PC not yet increased
        pc + p.field * p.scale,  # offset without sign
        pc + offset,  # forgot the unit
        p.register + 1 + move,  # PC plus 1
        pc - move,  # the wrong direction
        pc + p.length + move,  # PC increased twice
    ]
    sign = f"最高位为 1，是负数，真值为 {p.field} - 256 = {offset}" if p.field >= 128 else f"最高位为 0，是正数，真值为 {offset}"
    scale = f"偏移量以指令字为单位，折合 {offset} × {p.scale} = {move} B。" if p.scale > 1 else ""
    steps = (
        f"取出指令后 PC = {hexa(p.register, 4)} + {p.length} = {hexa(pc, 4)}。偏移量 {hexa(p.field, 2)} {sign}。{scale}"
        f"目标地址 = {hexa(pc, 4)} {'-' if move < 0 else '+'} {hexa(abs(move))}（即十进制 {abs(move)}）= {hexa(right, 4)}。"
        f"忘记 PC 已加 {p.length} 会误得 {hexa(wrong[0], 4)}"
        + (f"；把偏移量当成无符号数会误得 {hexa(wrong[1], 4)}。" if p.field >= 128 else "。")
    )
    return Solution(hexa(right, 4), [hexa(w, 4) for w in wrong], steps)


def _solve_memory(p: Operand) -> Solution:
    memory, summed = dict(p.memory), p.field + p.register
    inner, direct = memory[summed], memory[p.field]
    answers = {"base": summed, "indirect": direct, "index-indirect": inner, "indirect-index": direct + p.register}
    right = answers[p.mode]
    lines = {
        "base": f"有效地址 = {hexa(p.register, 4)} + {hexa(p.field, 4)}",
        "indirect": f"有效地址是形式地址所指单元的内容，即 ({hexa(p.field, 4)})",
        "index-indirect": f"先变址：{hexa(p.field, 4)} + {hexa(p.register, 4)} = {hexa(summed, 4)}；再间址：有效地址 = ({hexa(summed, 4)})",
        "indirect-index": f"先间址：({hexa(p.field, 4)}) = {hexa(direct, 4)}；再变址：有效地址 = {hexa(direct, 4)} + {hexa(p.register, 4)}",
    }
    reverse = {"index-indirect": direct + p.register, "indirect-index": inner}.get(p.mode)
    wrong = [a for a in (reverse, memory[right], summed, direct, inner, p.field) if a is not None]
    note = f"若把变址与间址的次序弄反，会误得 {hexa(reverse, 4)}。" if reverse is not None else ""
    steps = f"{lines[p.mode]} = {hexa(right, 4)}。{note}单元 {hexa(right, 4)} 的内容 {hexa(memory[right], 4)} 是操作数，不是有效地址。"
    return Solution(hexa(right, 4), [hexa(w, 4) for w in wrong], steps)


@dataclass(frozen=True)
class Opcodes:
    """Bits of an instruction and of an address, addresses at most, instructions with most, most - 1, … addresses in use."""

    bits: int
    address: int
    most: int
    used: tuple[int, ...]


_NAMES = ("零地址", "一地址", "二地址", "三地址")


def _sample_opcodes(rng: random.Random, difficulty: int) -> Opcodes:
    layouts = [(12, 3, 3), (16, 4, 3), (16, 6, 2), (16, 5, 2), (18, 5, 3)]
    bits, address, most = rng.choice(layouts if difficulty < 5 else [(12, 3, 3), (16, 4, 3), (18, 5, 3)])
    room, used = 1 << bits - most * address, list[int]()
    for _ in range(min((difficulty + 1) // 2, most)):
        used.append(room - rng.randrange(2, min(room, 9)))  # few codes are left, so that the last number stays small
        room = (room - used[-1]) << address
    return Opcodes(bits, address, most, tuple(used))


def _ask_opcodes(p: Opcodes) -> str:
    parts = "、".join(f"{_NAMES[p.most - i]}指令 {n} 条" for i, n in enumerate(p.used))
    return (
        f"某指令系统的指令字长固定为 {p.bits} 位，每个地址码占 {p.address} 位，采用扩展操作码，"
        f"每条指令的操作码互不为前缀。已有{parts}，则{_NAMES[p.most - len(p.used)]}指令最多可有"
    )


def _solve_opcodes(p: Opcodes) -> Solution:
    first, step = p.bits - p.most * p.address, 1 << p.address
    room, parts = (
        1 << first,
        [f"{_NAMES[p.most]}指令的操作码为 {p.bits} - {p.most} × {p.address} = {first} 位，共 {1 << first} 种"],
    )
    left = room
    for i, count in enumerate(p.used):
        left = room - count
        room = left * step
        name = _NAMES[p.most - i - 1]
        parts.append(
            f"{_NAMES[p.most - i]}指令用去 {count} 种，剩 {left} 种，每种可扩展出 2^{p.address} = {step} 条{name}指令，共 {left} × {step} = {room} 种"
        )
    whole = 1 << p.bits - (p.most - len(p.used)) * p.address
    wrong = [
        (left - 1) * step,  # kept one code as an escape
        whole - sum(p.used),  # every used instruction took only one of the longer codes
        left,  # not expanded
        whole,  # forgot the instructions in use
        room - 1,
    ]
    steps = (
        f"{'；'.join(parts)}。所以{_NAMES[p.most - len(p.used)]}指令最多 {room} 条。"
        f"剩下的 {left} 种都可用来扩展，多保留 1 种会误得 {wrong[0]} 条；短操作码会占去所有以它开头的长操作码，只减去条数会误得 {wrong[1]} 条。"
    )
    return Solution(f"{room} 条", [f"{w} 条" for w in wrong], steps)


FAMILIES = [
    Family(
        "co-addressing-modes", "有效地址与转移目标地址", "co", ("co.4.3", "co.4.4"), _sample_operand, _ask_operand, _solve_operand
    ),
    Family("co-opcode-space", "扩展操作码的条数", "co", ("co.4.2",), _sample_opcodes, _ask_opcodes, _solve_opcodes),
]
