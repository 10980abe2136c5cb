"""Answers of the bank's questions of chapter co.2, computed from their stems."""

import math
import random
import struct
from collections.abc import Callable
from fractions import Fraction
from itertools import product

from tests.unit.knowledge.bank_answers.shared_co_1_2_4_6 import fits, flags_of, only, signed

ROMAN = ("Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ")


def _num(value: int | str) -> str:
    """A number as the options print it: with the typographic minus."""
    return str(value).replace("-", "−")


def _combination(truths: list[bool]) -> str:
    """The true ones of the statements Ⅰ, Ⅱ, … as an option text."""
    names = "、".join(name for name, holds in zip(ROMAN, truths, strict=False) if holds)
    return names if all(truths) else "仅" + names


def _float_bits(value: float) -> int:
    """Machine number of value in IEEE 754 single precision (nearest, ties to even)."""
    bits: int = struct.unpack(">I", struct.pack(">f", value))[0]
    return bits


def _float_value(bits: int) -> float:
    """Value of an IEEE 754 single precision machine number."""
    value: float = struct.unpack(">f", struct.pack(">I", bits))[0]
    return value


def _offsets(sizes: list[list[int]]) -> tuple[list[int], int]:
    """Offsets of the members [size, alignment] of a struct and its padded size."""
    offsets: list[int] = []
    end = 0
    for size, align in sizes:
        end = -(-end // align) * align
        offsets.append(end)
        end += size
    widest = max(align for _, align in sizes)
    return offsets, -(-end // widest) * widest


def _co_2_1_1() -> str:
    def finite(text: str) -> bool:
        denominator = Fraction(text).denominator
        return denominator & (denominator - 1) == 0

    return only({text: finite(text) for text in ("0.4350", "0.4370", "0.4375", "0.4380")})


def _co_2_1_2() -> str:
    scaled = int("36524", 8) << 2  # six fraction bits, two more make two hexadecimal digits
    text = f"{scaled >> 8:X}.{scaled & 0xFF:02X}"
    return text.rstrip("0") + "H"


def _co_2_2_1() -> str:
    code = 0x9C
    sign_magnitude = -(code & 0x7F) if code >> 7 else code
    return f"{_num(sign_magnitude)}、{_num(signed(code))}、{_num(code - 128)}"


def _co_2_2_2() -> str:
    codes = {"x": 0xA5, "y": 0x7F, "z": 0x81, "w": 0xF0}
    return "<".join(sorted(codes, key=lambda name: signed(codes[name])))


def _co_2_3_1() -> str:
    a = 0xB4
    b = signed(a, 8)
    s = signed(b, 16)
    return str(s & 0xFFFF)


def _co_2_3_2() -> str:
    modulus = 2**32
    a, b = -8 % modulus, 8  # each expression has an unsigned operand: all arithmetic is unsigned
    truth = {"b - 9 < 0": (b - 9) % modulus < 0, "a + b > 0": (a + b) % modulus > 0, "a < 0u": a < 0, "a > b": a > b}
    return only(truth)


def _co_2_3_4() -> str:
    negatives = [-(2**31), -(2**31) + 1, -65536, -32769, -255, -1]
    same_bits = all(v.to_bytes(4, "little", signed=True) == (v % 2**32).to_bytes(4, "little") for v in negatives)
    # C keeps the value of an unsigned short in an int; sign extension would have to give that value
    sign_extends = all(signed(v, 16) == v for v in range(2**16))
    round_trip = all(signed(signed(v, 32), 16) == v for v in range(-(2**15), 2**15))
    return _combination([same_bits, sign_extends, round_trip, -1 % 2**32 == 255])


def _co_2_4_1() -> str:
    flags = flags_of(0xB5, 0x3C, subtract=True)
    return f"{flags['R']:02X}H，{'溢出' if flags['OF'] else '不溢出'}"


def _co_2_4_2() -> str:
    total = (int("1101101", 2) + int("1110001", 2)) % 2**7
    text = f"{total:07b}"
    verdict = {"00": "不溢出", "11": "不溢出", "01": "正溢出", "10": "负溢出"}[text[:2]]
    return f"{text[:2]} {text[2:]}，{verdict}"


def _co_2_4_3() -> str:
    x = signed(0x58)
    return f"{min(y for y in range(-128, 128) if fits(x - y)) & 0xFF:02X}H"


def _co_2_4_4() -> str:
    truth: dict[str, bool] = {}
    for left, right in ((0x90, 0xA0), (0xF0, 0x90), (0x70, 0x30), (0x50, 0x2F)):
        flags = flags_of(left, right)
        truth[f"{left:02X}H+{right:02X}H"] = flags["CF"] == 1 and flags["OF"] == 0
    return only(truth)


def _co_2_5_1() -> str:
    flags = flags_of(0x63, 0x9E, subtract=True)
    return "，".join(f"{name}={flags[name]}" for name in ("CF", "SF", "OF"))


def _carries(left: int, right: int, carry: int) -> list[int]:
    """C1…C4 of a 4-bit adder."""
    result: list[int] = []
    for i in range(4):
        a, b = left >> i & 1, right >> i & 1
        carry = (a & b) | ((a | b) & carry)
        result.append(carry)
    return result


def _co_2_5_2() -> str:
    before, after = _carries(0b0110, 0b1011, 1), _carries(0b0110, 0b1011, 0)
    changed = [f"C{i + 1}" for i in range(4) if before[i] == 1 and after[i] == 0]
    return "C1～C4全部" if len(changed) == 4 else "仅" + "、".join(changed)


def _co_2_6_1() -> str:
    value = signed(0xCD) >> 3
    return f"{value & 0xFF:02X}H，{_num(value)}"


def _co_2_6_2() -> str:
    return only({f"{code:02X}H": fits(signed(code) << 3) for code in (0x90, 0x1A, 0xF1, 0xE9)})


def _co_2_7_1() -> str:
    multiplier = 0b0011_1101 << 1  # with the appended bit
    pairs = [multiplier >> i & 0b11 for i in range(8)]
    return f"{pairs.count(0b01)}次和{pairs.count(0b10)}次"


def _co_2_7_2() -> str:
    product16 = 0x00B4
    unsigned_ok = product16 == product16 & 0xFF
    signed_ok = signed(product16, 16) == signed(product16, 8)
    return f"无符号{'不' if unsigned_ok else ''}溢出，带符号{'不' if signed_ok else ''}溢出"


def _co_2_8_1() -> str:
    return f"{_float_bits(-0.40625):08X}H"


def _co_2_8_2() -> str:
    generator = random.Random(408)
    # normalized positive numbers whose exponent field can be raised by 1 without becoming all ones
    codes = [0x00800000, 0x3F800000, 0x3FFFFFFF, 0x40000000, 0x7E7FFFFF]
    codes += [generator.randrange(0x00800000, 0x7E800000) for _ in range(200)]
    order = all((a < b) <= (_float_value(a) < _float_value(b)) for a, b in product(codes, codes))
    doubled = all(_float_value(code + 0x00800000) == 2 * _float_value(code) for code in codes)
    plus_one = all(Fraction(_float_value(code + 1)) == Fraction(_float_value(code)) + 1 for code in codes)
    negated = all(_float_value(-code & 0xFFFFFFFF) == -_float_value(code) for code in codes)
    return _combination([order, doubled, plus_one, negated])


def _co_2_8_3() -> str:
    x = float(2**20)
    gap = _float_value(_float_bits(x) + 1) - x
    return f"2^({_num(round(math.log2(gap)))})"


def _co_2_8_4() -> str:
    bits = 0x80600000
    field, fraction = bits >> 23 & 0xFF, (bits & 0x7FFFFF) / 2**23
    # a zero exponent field means a denormalized number: no hidden 1, exponent -126
    significand, exponent = (1 + fraction, field - 127) if field else (fraction, -126)
    return f"{'−' if bits >> 31 else ''}{significand}×2^({_num(exponent)})"


def _co_2_9_1() -> str:
    total = Fraction(0b11011, 16) * 2**4 + Fraction(0b10100, 16) * 2**3
    unit = Fraction(2 ** math.floor(math.log2(total)), 16)
    return str(round(total / unit) * unit)  # round() of a Fraction goes to nearest, ties to even


def _co_2_9_2() -> str:
    return str(int(_float_value(_float_bits(33554435))))


def _co_2_10_1() -> str:
    memory = bytes.fromhex("A803FFFF")
    x = int.from_bytes(memory, "little", signed=True)
    return f"{_num(x)}和{_num(signed(x, 16))}"


def _co_2_10_2() -> str:
    tag, n = struct.unpack("<4sH", struct.pack(">4sH", b"DATA", 300))
    order = "不变" if tag == b"DATA" else "颠倒"
    return f"tag次序{order}，n{'仍' if n == 300 else ''}为{n}"


def _co_2_11_1() -> str:
    sizes = {"a": 1, "b": 8, "c": 2, "d": 4, "e": 1}
    before, after = (_offsets([[sizes[m], sizes[m]] for m in order])[1] for order in ("abcde", "bdcae"))
    return f"{before - after} B"


def _co_2_11_2() -> str:
    offsets, size = _offsets([[2, 2], [5, 1], [4, 4], [1, 1]])
    return f"{0x3000 + 3 * size + offsets[2]:04X}H"


ANSWERS: dict[str, Callable[[], str]] = {
    "co.2.1-1": _co_2_1_1,
    "co.2.1-2": _co_2_1_2,
    "co.2.2-1": _co_2_2_1,
    "co.2.2-2": _co_2_2_2,
    "co.2.3-1": _co_2_3_1,
    "co.2.3-2": _co_2_3_2,
    "co.2.3-4": _co_2_3_4,
    "co.2.4-1": _co_2_4_1,
    "co.2.4-2": _co_2_4_2,
    "co.2.4-3": _co_2_4_3,
    "co.2.4-4": _co_2_4_4,
    "co.2.5-1": _co_2_5_1,
    "co.2.5-2": _co_2_5_2,
    "co.2.6-1": _co_2_6_1,
    "co.2.6-2": _co_2_6_2,
    "co.2.7-1": _co_2_7_1,
    "co.2.7-2": _co_2_7_2,
    "co.2.8-1": _co_2_8_1,
    "co.2.8-2": _co_2_8_2,
    "co.2.8-3": _co_2_8_3,
    "co.2.8-4": _co_2_8_4,
    "co.2.9-1": _co_2_9_1,
    "co.2.9-2": _co_2_9_2,
    "co.2.10-1": _co_2_10_1,
    "co.2.10-2": _co_2_10_2,
    "co.2.11-1": _co_2_11_1,
    "co.2.11-2": _co_2_11_2,
}
