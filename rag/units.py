"""Quantities of the calculator: an exact number of bits, seconds and metres, how units are read and how results are written.

K, M, G, T, P are powers of 1024 before a storage size (KB, MB, Kb) and powers of 1000 in a rate (kb/s, Mbps, MB/s), in a
frequency (MHz) and for kb: the conventions of paper 408.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

__all__ = ["NUMBER", "Dimension", "Quantity", "conversion", "unit_named", "written"]

Dimension = tuple[int, int, int]
"""Exponents of bit, second, metre."""

NUMBER: Dimension = (0, 0, 0)
_SIZE, _TIME, _RATE, _FREQUENCY, _LENGTH, _SPEED = (1, 0, 0), (0, 1, 0), (1, -1, 0), (0, -1, 0), (0, 0, 1), (0, -1, 1)
_PREFIXES = {"k": 1, "K": 1, "M": 2, "G": 3, "T": 4, "P": 5}
_BITS = {"b": 1, "bit": 1, "bits": 1, "比特": 1, "位": 1, "B": 8, "Byte": 8, "Bytes": 8, "byte": 8, "bytes": 8, "字节": 8}
_TIMES = {
    "ns": Fraction(1, 10**9), "us": Fraction(1, 10**6), "μs": Fraction(1, 10**6), "ms": Fraction(1, 1000), "s": Fraction(1),
    "sec": Fraction(1), "min": Fraction(60), "h": Fraction(3600), "纳秒": Fraction(1, 10**9), "微秒": Fraction(1, 10**6),
    "毫秒": Fraction(1, 1000), "秒": Fraction(1), "分钟": Fraction(60), "小时": Fraction(3600),
}  # fmt: skip
_LENGTHS = {
    "m": Fraction(1), "km": Fraction(1000), "cm": Fraction(1, 100), "mm": Fraction(1, 1000), "米": Fraction(1),
    "千米": Fraction(1000), "公里": Fraction(1000), "厘米": Fraction(1, 100), "毫米": Fraction(1, 1000),
}  # fmt: skip
_SCALES: dict[Dimension, tuple[tuple[str, Fraction], ...]] = {
    _TIME: (("ns", Fraction(1, 10**9)), ("μs", Fraction(1, 10**6)), ("ms", Fraction(1, 1000)), ("s", Fraction(1))),
    _FREQUENCY: tuple((f"{prefix}Hz", Fraction(1000**n)) for n, prefix in enumerate(("", "k", "M", "G", "T"))),
    _LENGTH: (("m", Fraction(1)), ("km", Fraction(1000))),
    _SPEED: (("m/s", Fraction(1)), ("km/s", Fraction(1000))),
}
_MOST_DIGITS, _DECIMALS, _SIGNIFICANT = 24, 10, 6


@dataclass(frozen=True)
class Quantity:
    """A number with its dimension.

    Attributes:
        value: in bits, seconds and metres.
        exact: False after a root or a logarithm that has no exact value.
        in_bytes: whether the sizes in it were written in bytes; the result is then, too.
        conventions: which powers its prefixes were read as, of {1000, 1024}.
    """

    value: Fraction
    dimension: Dimension = NUMBER
    exact: bool = True
    in_bytes: bool = False
    conventions: frozenset[int] = frozenset()


def unit_named(name: str) -> Quantity | None:
    """One of a unit such as KB, Mb/s, kbps, MHz, μs, km, m/s, or of a count such as K; None if there is no such unit."""
    if name in _TIMES:
        return Quantity(_TIMES[name], _TIME)
    if name in _LENGTHS:
        return Quantity(_LENGTHS[name], _LENGTH)
    if name.endswith(("Hz", "hz")) and len(name) <= 3:
        return _prefixed(name[:-2], "Hz", Quantity(Fraction(1), _FREQUENCY), 1000)
    if name.endswith("ps") and (size := _size(name[:-2], 1000)):
        return replace(size, dimension=_RATE)
    if "/" in name:
        return _ratio(*name.split("/", 1))
    if name in _PREFIXES and name != "k":
        return Quantity(Fraction(1024 ** _PREFIXES[name]), conventions=frozenset({1024}))
    return _size(name, 1024)


def _ratio(above: str, below: str) -> Quantity | None:
    if below not in _TIMES:
        return None
    length = _LENGTHS.get(above)
    top = Quantity(length, _LENGTH) if length else _size(above, 1000)
    if top is None:
        return None
    bits, _, metres = top.dimension
    return replace(top, value=top.value / _TIMES[below], dimension=(bits, -1, metres))


def _size(name: str, base: int) -> Quantity | None:
    """A number of bits or bytes; `Ki` is 1024 whatever `base` is, `kb` always 1000."""
    for end in range(min(2, len(name)), -1, -1):
        prefix, rest = name[:end], name[end:]
        if rest not in _BITS:
            continue
        one = Quantity(Fraction(_BITS[rest]), _SIZE, in_bytes=_BITS[rest] == 8)
        if len(prefix) == 2:
            return _prefixed(prefix[0], rest, one, 1024) if prefix[1] == "i" else None
        return _prefixed(prefix, rest, one, 1000 if prefix == "k" and not one.in_bytes else base)
    return None


def _prefixed(prefix: str, rest: str, one: Quantity, base: int) -> Quantity | None:
    if not prefix:
        return one
    if prefix not in _PREFIXES or rest in ("位", "比特", "字节"):
        return None
    return replace(one, value=one.value * base ** _PREFIXES[prefix], conventions=frozenset({base}))


def conversion(quantity: Quantity, name: str) -> str | None:
    """A quantity in the named unit; None if the unit is of another dimension or there is none."""
    unit = unit_named(name)
    if unit is None or unit.dimension != quantity.dimension:
        return None
    return f"{_number(quantity.value / unit.value, quantity.exact)} {name}"


def written(quantity: Quantity) -> str:
    """A result as a reader likes it: in the largest unit that keeps it above 1, exactly where that is short, else with ≈."""
    value, dimension = quantity.value, quantity.dimension
    if dimension == NUMBER:
        return _number(value, quantity.exact, fraction=True)
    if dimension in (_SIZE, _RATE):
        scales = _size_scales(quantity, 1024 if dimension == _SIZE else 1000)
        return _fitting(quantity, scales, "" if dimension == _SIZE else "/s")
    if dimension in _SCALES:
        return _fitting(quantity, _SCALES[dimension], "")
    names = zip(("b", "s", "m"), dimension, strict=True)
    unit = "·".join(name if n == 1 else f"{name}^{n}" for name, n in names if n)
    return f"{_number(value, quantity.exact)} {unit}"


def _size_scales(quantity: Quantity, base: int) -> tuple[tuple[str, Fraction], ...]:
    size, bits = ("B", 8) if quantity.in_bytes else ("b", 1)
    if base == 1024 and not quantity.in_bytes and 1024 not in quantity.conventions:
        return (("b", Fraction(1)),)  # of a rate and a time, say: nobody could tell how its K is meant
    kilo = "K" if base == 1024 else "k"
    letters = ("", kilo, "M", "G", "T", "P")
    return tuple((letter + size, Fraction(bits * base**n)) for n, letter in enumerate(letters))


def _fitting(quantity: Quantity, scales: tuple[tuple[str, Fraction], ...], per: str) -> str:
    """In the largest unit with a short exact value of 1 or more; else in the smallest, with the largest one's rounded."""
    value = quantity.value
    reached = [(name, unit) for name, unit in scales if abs(value) >= unit] or [scales[0]]
    for name, unit in reversed(reached):
        if quantity.exact and (text := _decimal(value / unit, 4)):
            largest, size = reached[-1]
            rounded = f"（≈ {_rounded(value / size)} {largest}{per}）" if largest != name else ""
            return f"{text} {name}{per}{rounded}"
    name, unit = reached[-1]
    return f"{_number(value / unit, quantity.exact)} {name}{per}"


def _number(value: Fraction, exact: bool, fraction: bool = False) -> str:
    """Decimal digits where they are exact and few; else rounded after ≈, with the exact `fraction` before it if that is short."""
    if exact and (text := _decimal(value, _DECIMALS)):
        return text
    short = exact and fraction and value.denominator <= 10**4 and abs(value.numerator) <= 10**6
    return f"{value.numerator}/{value.denominator} ≈ {_rounded(value)}" if short else f"≈ {_rounded(value)}"


def _decimal(value: Fraction, decimals: int) -> str:
    """The exact digits, or '' if there are more than `decimals` behind the point or too many in all."""
    scaled = value * 10**decimals
    if scaled.denominator != 1 or abs(value) >= 10**_MOST_DIGITS:
        return ""
    whole, rest = divmod(abs(scaled.numerator), 10**decimals)
    tail = f"{rest:0{decimals}d}".rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' + tail if tail else ''}"


def _rounded(value: Fraction) -> str:
    """Six significant digits; with a power of ten where the number is very large or small."""
    if not value:
        return "0"
    exponent = _exponent(abs(value))
    digits = round(abs(value) / Fraction(10) ** (exponent - _SIGNIFICANT + 1))
    if digits == 10**_SIGNIFICANT:
        digits, exponent = digits // 10, exponent + 1
    sign = "-" if value < 0 else ""
    if -4 <= exponent < 15:
        return sign + _decimal(digits * Fraction(10) ** (exponent - _SIGNIFICANT + 1), 12)
    mantissa = _decimal(Fraction(digits, 10 ** (_SIGNIFICANT - 1)), _SIGNIFICANT)
    return f"{sign}{mantissa}×10^{exponent}"


def _exponent(value: Fraction) -> int:
    """The whole part of log10 of a positive number, of any size."""
    guess = len(str(value.numerator)) - len(str(value.denominator))
    return guess if value >= Fraction(10) ** guess else guess - 1
