"""How the families print numbers."""

from __future__ import annotations

from fractions import Fraction
from math import floor

__all__ = ["decimal", "exact", "fixed", "hexa", "log2"]


def decimal(value: Fraction | int, places: int = 3) -> str:
    """Plain decimal notation with at most `places` places, rounded half up (四舍五入), and no trailing zeros."""
    scaled = floor(abs(Fraction(value)) * 10**places + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**places)
    digits = f"{rest:0{places}d}".rstrip("0") if places else ""
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}" + (f".{digits}" if digits else "")


def fixed(value: Fraction | int, places: int = 2) -> str:
    """Decimal notation of a value that is not negative with just so many places, rounded half up (四舍五入)."""
    whole, rest = divmod(floor(Fraction(value) * 10**places + Fraction(1, 2)), 10**places)
    return f"{whole}.{rest:0{places}d}"


def exact(value: Fraction, places: int) -> bool:
    """Whether the value needs no more than these decimal places."""
    scaled = value * 10**places
    return bool(scaled.denominator == 1)


def hexa(value: int, digits: int = 0) -> str:
    """Hexadecimal as the textbooks print it: 3A7FH."""
    return f"{value:0{digits}X}H"


def log2(value: int) -> int:
    """The exponent of a power of two."""
    return value.bit_length() - 1
