"""Rounding as the stems say (四舍五入), by the decimal module."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction


def half_up(value, places=2, zeros=True):
    """A fraction in decimal notation, with its trailing zeros or without."""
    exact = Fraction(value)
    number = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(10) ** -places, ROUND_HALF_UP)
    return format(number if zeros else number.normalize(), "f")
