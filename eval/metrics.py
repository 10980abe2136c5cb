"""Figures about answers that are right or wrong: proportions, paired tests, bootstrap intervals, points of a paper.

All intervals are 95 % and two-sided. Whatever is drawn at random is seeded, so that a figure can be repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.intervals import Interval, check_share, score_interval, wilson
from knowledge.subjects import SUBJECTS

__all__ = [
    "Interval",
    "Points",
    "Proportion",
    "cluster_bootstrap",
    "holm",
    "mcnemar",
    "paired_bootstrap",
    "paper_points",
    "share_interval",
    "wilson",
]

_CONFIDENCE = 0.95
_RESAMPLES = 10_000
_SEED = 408
_CELLS = 2_000_000  # picks that are held at a time: 16 MB
_FEWEST = 10


@dataclass(frozen=True)
class Proportion:
    """`successes` of `n`; of none, nothing is known: value 0, interval 0 to 1.

    Raises:
        ValueError: not 0 <= successes <= n.
    """

    successes: int
    n: int

    def __post_init__(self) -> None:
        check_share(self.successes, self.n)

    @property
    def value(self) -> float:
        """0 to 1; 0 of none."""
        return self.successes / self.n if self.n else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson's, of independent trials; answers to one question in several rotations are none: `share_interval`."""
        return wilson(self.successes, self.n)

    def __str__(self) -> str:
        if not self.n:
            return "—"
        return f"{self.value:.1%} [{self.interval.low:.1%}, {self.interval.high:.1%}]"


@dataclass(frozen=True)
class Points:
    """Points of a paper with their interval, of `full`."""

    value: float
    low: float
    high: float
    full: int


def mcnemar(gains: int, losses: int) -> float:
    """Two-sided p of the exact test on discordant pairs (McNemar 1947): both ways are equally likely, binomial with 1/2.

    Counted in whole numbers, so that no number of pairs is too large; 1 without any.
    """
    n, fewer = gains + losses, min(gains, losses)
    ways = way = 1
    for i in range(fewer):
        way = way * (n - i) // (i + 1)
        ways += way
    return float(min(1.0, 2 * ways / 2**n))


def holm(pvalues: Sequence[float]) -> list[float]:
    """The p values adjusted for being several, step down (Holm 1979, Scand. J. Statist. 6:65), in the order given."""
    adjusted, largest = [0.0] * len(pvalues), 0.0
    for rank, i in enumerate(sorted(range(len(pvalues)), key=lambda i: pvalues[i])):
        largest = max(largest, min(1.0, pvalues[i] * (len(pvalues) - rank)))
        adjusted[i] = largest
    return adjusted


def paired_bootstrap(before: Sequence[float], after: Sequence[float], clusters: Sequence[str] | None = None) -> Interval:
    """Percentile interval of mean(after − before) over pairs (Efron 1979, Ann. Statist. 7:1), as `cluster_bootstrap`.

    Args:
        clusters: the question of each pair; without, each pair is drawn by itself.

    Raises:
        ValueError: no pairs, or lengths that differ.
    """
    differences = [y - x for x, y in zip(before, after, strict=True)]
    return cluster_bootstrap(differences, clusters if clusters is not None else list(map(str, range(len(differences)))))


def cluster_bootstrap(values: Sequence[float], clusters: Sequence[str]) -> Interval:
    """Percentile interval of the mean of all values, drawing whole clusters (Davison & Hinkley 1997, § 3.8).

    Args:
        clusters: the question of each value, because answers to its rotations hang together. A question with fewer
            values weighs less, as it does in the mean.

    Raises:
        ValueError: no values, or lengths that differ.
    """
    if not values or len(values) != len(clusters):
        raise ValueError(f"{len(values)} values and {len(clusters)} clusters; the same number is needed, and at least one")
    sums, sizes = _by_cluster(values, clusters)
    means = _resampled(len(sums), lambda picks: sums[picks].sum(axis=1) / sizes[picks].sum(axis=1))
    low, high = np.quantile(means, ((1 - _CONFIDENCE) / 2, (1 + _CONFIDENCE) / 2))
    return Interval(float(low), float(high))


def share_interval(values: Sequence[float], clusters: Sequence[str]) -> Interval | None:
    """The interval of a share that is right, whether each question was answered once or in several rotations.

    Once each: Wilson's. Several times: Wilson's of the effective number of answers, so many independent ones as would vary as
    much as the questions do (design effect, with Korn & Graubard's t for few clusters: 1998, Survey Methodology 24:193; with
    Wilson's limits Dean & Pagano 2015, J. Surv. Stat. Methodol. 3:484). Where the questions are all alike (each all right,
    say) they don't vary at all: then Wilson's of so many *questions*, round(mean × questions) of them right.
    Simulated over true shares from 25 to 98 % and rotations from independent to equal, it holds the truth in 90 to 99 % of
    runs (95 % on average) with 30 questions of four rotations, and in 93 to 99 % with 12; a percentile bootstrap over
    questions does so in as few as 86 %, and says 94–100 % of 47 right out of 48.

    Args:
        values: 1 for right and 0 for wrong, one for each answer.
        clusters: the question of each.

    Returns:
        None if there are fewer than ten questions: an interval over most of the scale would only seem to say something.

    Raises:
        ValueError: lengths that differ.
    """
    if len(values) != len(clusters):
        raise ValueError(f"{len(values)} values and {len(clusters)} clusters; the same number is needed")
    questions = len(set(clusters))
    if questions < _FEWEST:
        return None
    mean, effective = sum(values) / len(values), _effective(values, clusters)
    if questions == len(values) or effective is None:
        return wilson(round(mean * questions), questions)
    return score_interval(mean, effective)


def paper_points(parts: Mapping[str, Proportion]) -> Points | None:
    """What the accuracies come to in a paper of 150 points, if all its questions were like these.

    Each subject's accuracy counts by its points (45, 45, 35, 25). The interval is made of the Wilson limits of the
    subjects by square and add: distance² = Σ (points × distance to the limit)² (MOVER: Zou & Donner 2008, Statist.
    Med. 27:1693; for sums of proportions Zou, Huang & Zhang 2009, Comput. Statist. Data Anal. 53:1080). Simulated over
    true accuracies from 25 to 95 %, it holds the true points in 94–96 % of runs with 130 questions a subject; in those
    with 10, a single paper, in 95 % on average, but in 88 % where all four are right 95 % of the time.

    Args:
        parts: by subject id; others than the subjects of the paper don't count.

    Returns:
        None if a subject has no questions: what is left would be no estimate of the paper.
    """
    weights = {s.id: s.points for s in SUBJECTS.values() if s.points}
    if not all(subject in parts and parts[subject].n for subject in weights):
        return None
    of = [(points, parts[subject].value, parts[subject].interval) for subject, points in weights.items()]
    value, full = sum(points * p for points, p, _ in of), sum(weights.values())
    below = math.hypot(*(points * (p - interval.low) for points, p, interval in of))
    above = math.hypot(*(points * (interval.high - p) for points, p, interval in of))
    return Points(value, max(value - below, 0.0), min(value + above, float(full)), full)


def _resampled(n: int, statistic: Callable[[NDArray[np.int64]], Any]) -> NDArray[np.float64]:
    """`statistic` of every resample; it is given rows of n picks out of n, as many at a time as memory is meant to hold."""
    random, rows = np.random.default_rng(_SEED), max(_CELLS // n, 1)
    batches = [min(rows, _RESAMPLES - start) for start in range(0, _RESAMPLES, rows)]
    return np.concatenate([statistic(random.integers(0, n, (batch, n))) for batch in batches])


def _effective(values: Sequence[float], clusters: Sequence[str]) -> float | None:
    """How many independent answers would tell as much, at most as many as there are; None if the clusters don't vary."""
    sums, sizes = _by_cluster(values, clusters)
    n, mean = len(sums), sums.sum() / sizes.sum()
    variance = float(np.mean(((sums - mean * sizes) / sizes.mean()) ** 2)) / n  # of a ratio, linearized
    if variance < 1e-15:
        return None
    z, freedom = NormalDist().inv_cdf((1 + _CONFIDENCE) / 2), n - 1
    t = z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)  # Abramowitz & Stegun 26.7.5
    return float(min(mean * (1 - mean) / variance, len(values))) * (z / t) ** 2


def _by_cluster(values: Sequence[float], clusters: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sum and number of the values of each cluster."""
    order = {name: i for i, name in enumerate(dict.fromkeys(clusters))}
    where = [order[name] for name in clusters]
    sums = np.bincount(where, weights=np.asarray(values, dtype=float)).astype(np.float64)
    return sums, np.bincount(where).astype(np.float64)
