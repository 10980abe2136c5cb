"""Numbers in the machine: flags of two's complement addition, IEEE 754 single precision."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

from knowledge.generators.family import Family, Solution
from knowledge.generators.number_format import decimal, hexa

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Sum:
    """Two machine numbers of `bits` bits to add or subtract; `shown` says how the stem writes them: hex or decimal."""

    x: int
    y: int
    bits: int
    subtract: bool
    shown: str


def _signed(value: int, bits: int) -> int:
    return value - (1 << bits) if value >> (bits - 1) else value


def _overflows(p: Sum) -> bool:
    y = _signed(p.y, p.bits)
    true = _signed(p.x, p.bits) + (-y if p.subtract else y)
    return not -(1 << (p.bits - 1)) <= true < 1 << (p.bits - 1)


def _sample_sum(rng: random.Random, difficulty: int) -> Sum:
    bits = 16 if difficulty >= 4 else 8
    subtract = difficulty > 1 and rng.random() < 0.6
    shown = "decimal" if difficulty in (3, 5) else "hex"
    overflow = rng.random() < 0.5  # so that OF = 1 is as frequent as OF = 0
    while True:
        problem = Sum(rng.randrange(1, 1 << bits), rng.randrange(1, 1 << bits), bits, subtract, shown)
        if _overflows(problem) == overflow and problem.x != problem.y:
            return problem


def _ask_sum(p: Sum) -> str:
    if p.shown == "hex":
        numbers = f"x 和 y 的机器数（补码）分别为 {hexa(p.x, p.bits // 4)} 和 {hexa(p.y, p.bits // 4)}"
    else:
        numbers = f"x = {_signed(p.x, p.bits)}，y = {_signed(p.y, p.bits)}，均以补码存放"
    operation = "x - y" if p.subtract else "x + y"
    return (
        f"某计算机字长为 {p.bits} 位，带符号整数用补码表示，{numbers}。在 {p.bits} 位加减运算部件中计算 {operation}，"
        "OF 为溢出标志，CF 为进位/借位标志（加法时为最高位的进位；减法时有借位则 CF = 1）。运算结果的机器数及标志是"
    )


def _flags(result: int, of: bool | int, cf: bool | int, bits: int) -> str:
    return f"{hexa(result, bits // 4)}，OF = {int(of)}，CF = {int(cf)}"


def _solve_sum(p: Sum) -> Solution:
    size, bits = 1 << p.bits, p.bits
    raw = p.x - p.y if p.subtract else p.x + p.y
    other = p.x + p.y if p.subtract else p.x - p.y
    result, of, cf = raw % size, _overflows(p), not 0 <= raw < size
    answer = _flags(result, of, cf, bits)
    mistakes = [
        _flags(result, of, not cf, bits),  # the adder's carry out taken for the borrow
        _flags(result, not of, cf, bits),
        _flags(result, cf, of, bits),  # the two flags confused
        _flags((result - 1) % size, of, cf, bits),  # forgot the + 1 of the complement
        _flags(other % size, not 0 <= other < size, of, bits),
    ]
    return Solution(answer, mistakes, _steps_sum(p, raw, answer, of, cf))


def _steps_sum(p: Sum, raw: int, answer: str, of: bool, cf: bool) -> str:
    x, y, sign = _signed(p.x, p.bits), _signed(p.y, p.bits), "-" if p.subtract else "+"
    true, low, high = x - y if p.subtract else x + y, -(1 << (p.bits - 1)), (1 << (p.bits - 1)) - 1
    kind = "借位" if p.subtract else "进位"
    return (
        f"x 的机器数 {hexa(p.x, p.bits // 4)}，真值 {x}；y 的机器数 {hexa(p.y, p.bits // 4)}，真值 {y}。"
        f"按无符号数计算 {p.x} {sign} {p.y} = {raw}，对 2^{p.bits} 取模得机器数 {hexa(raw % (1 << p.bits), p.bits // 4)}。"
        f"{'超出' if cf else '没有超出'} 0～{(1 << p.bits) - 1}，所以{'有' if cf else '无'}{kind}，CF = {int(cf)}。"
        f"按带符号数，{x} {sign} {f'({y})' if y < 0 else y} = {true}，{'超出' if of else '没有超出'} {low}～{high}，所以 OF = {int(of)}。"
        f"答案是 {answer}。OF 只对带符号数有意义，CF 只对无符号数有意义，二者要分别判断"
        + ("；做减法时 CF 是加法器进位输出取反，不能直接取进位输出。" if p.subtract else "。")
    )


@dataclass(frozen=True)
class Float:
    """The value numerator / 2^shift (numerator odd and signed), and whether the stem shows the code (else the value)."""

    numerator: int
    shift: int
    from_code: bool


def _sample_float(rng: random.Random, difficulty: int) -> Float:
    bits = rng.randrange(3, 5 + difficulty)
    numerator = (1 << (bits - 1)) | rng.randrange(1 << (bits - 1)) | 1
    shift = rng.randrange(1, 4) if difficulty <= 2 else rng.randrange(2, 7)
    sign = rng.choice((1, -1)) if difficulty > 1 else 1
    return Float(sign * numerator, shift, difficulty >= 4)


def _code(sign: int, exponent: int, fraction: int) -> str:
    return hexa(sign << 31 | (exponent & 0xFF) << 23 | fraction & 0x7FFFFF, 8)


def _parts(p: Float) -> tuple[int, int, int]:
    """Sign, exponent of the normal form, the 23 bits behind the point."""
    magnitude = abs(p.numerator)
    length = magnitude.bit_length()
    return int(p.numerator < 0), length - 1 - p.shift, (magnitude << (24 - length)) & 0x7FFFFF


def _ask_float(p: Float) -> str:
    sign, exponent, fraction = _parts(p)
    if p.from_code:
        code = _code(sign, exponent + 127, fraction)
        return f"某 float 型变量采用 IEEE 754 单精度格式（1 位数符、8 位阶码、23 位尾数），其机器数为 {code}，该变量的值是"
    value = decimal(Fraction(p.numerator, 1 << p.shift), 10)
    return f"float 型变量 x 采用 IEEE 754 单精度格式（1 位数符、8 位阶码、23 位尾数），x = {value}，x 的机器数（十六进制）是"


def _solve_float(p: Float) -> Solution:
    sign, exponent, fraction = _parts(p)
    code, value = _code(sign, exponent + 127, fraction), Fraction(p.numerator, 1 << p.shift)
    hidden_stored = 1 << 22 | fraction >> 1
    bits = f"{fraction:023b}".rstrip("0") or "0"
    if p.from_code:
        scale, signum = Fraction(2) ** exponent, -1 if sign else 1
        wrong = [signum * (abs(value) - scale), value / 2, value * 2, -value]  # no hidden 1, bias 128, bias 126, sign
        return Solution(decimal(value, 20), [decimal(w, 20) for w in wrong], _steps_code(p, code, bits))
    mistakes = [
        _code(sign, exponent + 127, hidden_stored),
        _code(sign, exponent + 128, fraction),
        _code(1 - sign, exponent + 127, fraction),
        _code(sign, exponent + 126, fraction),
        _code(sign, exponent, fraction),
    ]
    steps = (
        f"{decimal(value, 10)} 的绝对值写成规格化二进制是 1.{bits} × 2^{exponent}。数符为 {sign}；"
        f"阶码 = {exponent} + 127 = {exponent + 127} = {exponent + 127:08b}B；尾数去掉隐藏的 1，小数点后的 {bits} 右边补 0 到 23 位。"
        f"拼接为 {sign} {exponent + 127:08b} {fraction:023b}，即 {code}。"
        f"若把隐藏位 1 也存入尾数会得到 {mistakes[0]}；偏置常数误用 128 会得到 {mistakes[1]}。"
    )
    return Solution(code, mistakes, steps)


def _steps_code(p: Float, code: str, bits: str) -> str:
    sign, exponent, fraction = _parts(p)
    value = Fraction(p.numerator, 1 << p.shift)
    return (
        f"{code} 展开为 {sign} {exponent + 127:08b} {fraction:023b}。数符 {sign}，是{'负' if sign else '正'}数；"
        f"阶码 {exponent + 127:08b}B = {exponent + 127}，指数 = {exponent + 127} - 127 = {exponent}；尾数加上隐藏的 1 是 1.{bits}。"
        f"值 = {'-' if sign else ''}1.{bits}B × 2^{exponent} = {decimal(value, 20)}。"
        f"漏掉隐藏的 1，绝对值会少 2^{exponent}；偏置常数误用 128 会得到 {decimal(value / 2, 20)}。"
    )


FAMILIES = [
    Family("co-complement-overflow", "补码加减与标志位", "co", ("co.2.4", "co.2.5"), _sample_sum, _ask_sum, _solve_sum),
    Family("co-ieee754", "IEEE 754 单精度", "co", ("co.2.8",), _sample_float, _ask_float, _solve_float),
]
