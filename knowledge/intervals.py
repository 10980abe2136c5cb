"""What a share of right answers lies between, for as many answers as there are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

__all__ = ["CONFIDENCE", "Interval", "check_share", "score_interval", "wilson"]

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """What a figure lies between."""

    low: float
    high: float


def wilson(successes: int, n: int, confidence: float = CONFIDENCE) -> Interval:
    """The score interval of a proportion (Wilson 1927, JASA 22:209), within 0 to 1; of none, 0 to 1.

    Raises:
        ValueError: not 0 <= successes <= n.
    """
    check_share(successes, n)
    if not n:
        return Interval(0.0, 1.0)
    return score_interval(successes / n, n, confidence)


def score_interval(p: float, n: float, confidence: float = CONFIDENCE) -> Interval:
    """Wilson's limits of a share `p` of `n`, which need not be whole."""
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Interval(max(centre - half, 0.0) if p > 0 else 0.0, min(centre + half, 1.0) if p < 1 else 1.0)


def check_share(successes: int, n: int) -> None:
    """Raise a ValueError if so many of `n` are not possible."""
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}; between 0 and n are possible")
