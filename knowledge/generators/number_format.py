"""How the families print numbers."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["decimal", "exact", "hexa", "log2"]


def decimal(value: Fraction | int, places: int = 3) -> str:
    """Plain decimal notation with at most `places` places and no trailing zeros."""
    scaled = round(abs(Fraction(value)) * 10**places)
    whole, rest = divmod(scaled, 10**places)
    digits = f"{rest:0{places}d}".rstrip("0") if places else ""
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{whole}" + (f".{digits}" if digits else "")


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
