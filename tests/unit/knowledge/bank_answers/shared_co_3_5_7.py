"""What the answers of several chapters compute with."""

from fractions import Fraction

KI = 1024


def bits_of(count: int) -> int:
    """Bits needed to number count things from 0."""
    return (count - 1).bit_length()


def ratio(value: Fraction | float) -> str:
    """A share as a percentage without trailing zeros."""
    return f"{float(value) * 100:.4g}%"
