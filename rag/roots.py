"""Roots, logarithms and powers of exact numbers: exact where they are rational, else to 50 digits."""

from __future__ import annotations

from decimal import Context, Decimal, DecimalException, localcontext
from fractions import Fraction
from math import isqrt

from errors import UsageError

__all__ = ["logarithm", "power_of", "root"]

_DIGITS = 50
"""Enough that ⌈log2(2^100 + 1)⌉ is 101."""
_BASES = {"log2": 2, "log10": 10, "lg": 10}
_TOO_LARGE = "乘方的结果太大（或太小），超出了计算器的范围。请减小指数。"


def root(value: Fraction) -> tuple[Fraction, bool]:
    """The square root, and whether it is exact."""
    if value < 0:
        raise UsageError("负数没有实数平方根。请检查算式。")
    above, below = isqrt(value.numerator), isqrt(value.denominator)
    if above * above == value.numerator and below * below == value.denominator:
        return Fraction(above, below), True
    with localcontext(Context(prec=_DIGITS)):
        return Fraction(_decimal(value).sqrt()), False


def logarithm(name: str, value: Fraction) -> tuple[Fraction, bool]:
    """log2, log10 (lg) or ln, and whether it is exact."""
    if value <= 0:
        raise UsageError("对数的真数必须大于 0。请检查算式。")
    if value == 1:
        return Fraction(0), True
    base = _BASES.get(name)
    with localcontext(Context(prec=_DIGITS)):
        if base is None:
            return Fraction(_decimal(value).ln()), False
        result = Fraction(_decimal(value).ln() / Decimal(base).ln())
    nearest = round(result)
    return (Fraction(nearest), True) if Fraction(base) ** nearest == value else (result, False)


def power_of(base: Fraction, exponent: Fraction, most_bits: int) -> tuple[Fraction, bool]:
    """A power, and whether it is exact; neither numerator nor denominator has more than about `most_bits`."""
    if not base and exponent < 0:
        raise UsageError("0 没有负数次幂。请检查算式。")
    if base in (0, 1) or not exponent:
        return (Fraction(1) if not exponent else base), True
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base != -1 and abs(exponent) * (size - 1) > most_bits:
        raise UsageError(_TOO_LARGE)
    if exponent.denominator == 1:
        return base ** (exponent.numerator % 2 if base == -1 else exponent.numerator), True
    if base < 0:
        raise UsageError("负数的非整数次幂不是实数。请检查算式。")
    if exponent.denominator == 2 and (found := root(base))[1]:
        return found[0] ** exponent.numerator, True
    try:
        with localcontext(Context(prec=_DIGITS)):
            return Fraction(_decimal(base) ** _decimal(exponent)), False
    except DecimalException as error:
        raise UsageError(_TOO_LARGE) from error


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
