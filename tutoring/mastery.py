"""How surely a learner knows each point of the syllabus: Bayesian estimates from the answers, on a grid, numpy only.

The model. A learner has an ability on each point; a question of difficulty d is answered rightly with probability
c + (1 − c)·σ(ability − b_d): the three-parameter logistic model (Birnbaum 1968) with the slope of Rasch (1960), and c = 1/4, the luck
of one letter of four. A wrong letter and 不会 say the same of the ability: with either, the answer was not known.
Abilities on points are not strangers: ability = level in the subject + its own deviation, and a deviation resembles those on the points
that it requires. Levels and deviations have normal priors; the level is integrated out (a hierarchical model, so that a point without
an answer of its own is told by the others, with a wide interval). Answers lose weight with age, by a power of the likelihood
(Ibrahim and Chen 2000): what was shown 45 days ago weighs half as much today. How well the intervals of 90 % hold is measured by
`python -m bench.mastery`: they hold the truth of 93 to 96 % of the points of learners who neither learn nor forget, of 85 to 95 %
where a deviation drifts by half in 60 days, and of 81 to 82 % where a point is known or not, which no normal prior expects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from knowledge.syllabus import KnowledgePoint, points
from tutoring.attempts import Attempt

__all__ = ["CHANCE", "DIFFICULTIES", "HALF_LIFE_DAYS", "SHARES", "Belief", "Mastery", "believed", "masteries"]

CHANCE = 0.25
"""Of a right letter among four without knowing."""
DIFFICULTIES = (-1.5, -0.75, 0.0, 0.75, 1.5)
"""Logits of the difficulties 1 to 5: who knows half of the middle ones knows 82 % of the easiest and 18 % of the hardest."""
HALF_LIFE_DAYS = 45.0
"""An answer of 45 days ago weighs half of today's. For learners who drift by half in 60 days: at 4,000 answers the intervals hold 85 %
of their truth, with 60 days 83 %; shorter ones hold more and predict no better."""
LEVEL_SPREAD, POINT_SPREAD = 1.0, 1.2
"""Standard deviations, in logits, of a learner's level in a subject, and of a point within it: the unit of ability in IRT is 1."""
SHARES = {"高": 3.0, "中": 2.0, "低": 1.0}
"""How much a point counts in its subject, by how often it has been examined."""
REQUIRED = 0.4
"""Correlation of a point's deviation with the mean one of the points that it requires: weak, so that own answers soon outweigh it."""
_GRID = np.linspace(-6.0, 6.0, 81)
_LEVELS = np.linspace(-3.5, 3.5, 21)
_TAIL, _NORMAL_TAIL = 0.05, 1.645
_DAY = 86400.0
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Mastery:
    """What is believed of a point.

    Attributes:
        mean: probability in [0, 1] of truly knowing the answer of a question of middle difficulty, luck not counted.
        low, high: it lies between them with 90 %.
        attempts: answers on this point; 0 means that the estimate comes from other points alone.
    """

    point: str
    mean: float
    low: float
    high: float
    attempts: int


@dataclass(frozen=True)
class Belief:
    """What is believed of a learner: by point, and by subject the mean over its points, each weighing as it is examined."""

    points: dict[str, Mastery]
    subjects: dict[str, Mastery]


def masteries(attempts: Sequence[Attempt], now: datetime) -> dict[str, Mastery]:
    """The mastery of every point of the syllabus, from the answers of one learner, in any order.

    Of several answers to the very same question the latest counts: a remembered letter is no new evidence.
    """
    return believed(attempts, now).points


def believed(attempts: Sequence[Attempt], now: datetime, syllabus: Mapping[str, KnowledgePoint] | None = None) -> Belief:
    """`masteries`, and what follows for the subjects; on the shipped syllabus or another one."""
    syllabus = points() if syllabus is None else syllabus
    if not syllabus:
        return Belief({}, {})
    rows = {identifier: row for row, identifier in enumerate(syllabus)}
    weights, counts = _evidence(attempts, now, rows)
    posterior = _posterior(weights @ _log_likelihood(), syllabus)
    means = posterior.abilities @ _sigmoid(_GRID)
    low, high = _quantiles(posterior.abilities, _TAIL), _quantiles(posterior.abilities, 1 - _TAIL)
    by_point = {
        identifier: Mastery(identifier, float(means[row]), float(low[row]), float(high[row]), int(counts[row]))
        for identifier, row in rows.items()
    }
    return Belief(by_point, _by_subject(posterior, counts, syllabus))


@dataclass(frozen=True)
class _Posterior:
    """What the answers leave possible.

    Attributes:
        abilities: shape (points, grid), each row adding up to 1.
        levels: of the subject of each point, shape (points, levels), each row adding up to 1.
        known, squared: mean mastery, and mean of its square, of each point at each level.
    """

    abilities: Floats
    levels: Floats
    known: Floats
    squared: Floats


def _by_subject(posterior: _Posterior, counts: NDArray[np.int64], syllabus: Mapping[str, KnowledgePoint]) -> dict[str, Mastery]:
    """Mean and interval (of a normal with the same spread) of each subject.

    At a given level the points are independent, so that their variances add up; the level moves them all together.
    """
    subjects = np.array([point.subject for point in syllabus.values()])
    shares = np.array([SHARES[point.weight] for point in syllabus.values()])
    found = {}
    for subject in dict.fromkeys(subjects.tolist()):
        own = subjects == subject
        share = shares[own] / shares[own].sum()
        level = posterior.levels[own][0]
        means = share @ posterior.known[own]
        within = share**2 @ (posterior.squared[own] - posterior.known[own] ** 2)
        mean = float(level @ means)
        reach = _NORMAL_TAIL * float(np.sqrt(level @ (within + (means - mean) ** 2)))
        found[subject] = Mastery(subject, mean, max(mean - reach, 0.0), min(mean + reach, 1.0), int(counts[own].sum()))
    return found


def _evidence(attempts: Sequence[Attempt], now: datetime, rows: Mapping[str, int]) -> tuple[Floats, NDArray[np.int64]]:
    """Weights of the answers, shape (points, 2 × difficulties), and their number by point.

    A question on several points tells of each its share.
    """
    latest = {attempt.question: attempt for attempt in sorted(attempts, key=lambda one: one.at)}
    owners, cells, days, shares = list[int](), list[int](), list[float](), list[float]()
    for attempt in latest.values():
        about = [rows[point] for point in attempt.points if point in rows]
        for row in about:
            owners.append(row)
            cells.append(2 * (min(max(attempt.difficulty, 1), len(DIFFICULTIES)) - 1) + attempt.correct)
            days.append((now - attempt.at).total_seconds() / _DAY)
            shares.append(1 / len(about))
    weights = np.zeros((len(rows), 2 * len(DIFFICULTIES)))
    held = np.array(shares) * 0.5 ** (np.maximum(np.array(days), 0.0) / HALF_LIFE_DAYS)
    np.add.at(weights, (np.array(owners, dtype=np.int64), np.array(cells, dtype=np.int64)), held)
    return weights, np.bincount(np.array(owners, dtype=np.int64), minlength=len(rows))


@cache
def _log_likelihood() -> Floats:
    """Log probability of a wrong and a right answer at each difficulty, over the grid: shape (2 × difficulties, grid)."""
    known = _sigmoid(_GRID[None, :] - np.array(DIFFICULTIES)[:, None])
    right = CHANCE + (1 - CHANCE) * known
    return np.log(np.stack([1 - right, right], axis=1)).reshape(2 * len(DIFFICULTIES), -1)


def _posterior(likelihood: Floats, syllabus: Mapping[str, KnowledgePoint]) -> _Posterior:
    """First without prerequisites; then each point's prior is moved by the deviations that were found on those that it requires."""
    subjects = np.array([point.subject for point in syllabus.values()])
    scaled = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    shift, spread = _moved(syllabus, *_deviations(scaled, subjects))
    distance = _GRID[None, None, :] - _LEVELS[None, :, None] - shift[:, None, None]
    prior = np.exp(-0.5 * (distance / spread[:, None, None]) ** 2)
    prior /= prior.sum(axis=2, keepdims=True)
    known = _sigmoid(_GRID)
    told, right, both = np.moveaxis(prior @ np.stack([scaled, scaled * known, scaled * known**2], axis=2), 2, 0)
    levels = _levels(told, subjects)
    abilities = np.einsum("plg,pl->pg", prior, levels / told) * scaled
    return _Posterior(abilities / abilities.sum(axis=1, keepdims=True), levels, right / told, both / told)


def _deviations(scaled: Floats, subjects: NDArray[np.str_]) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each point's deviation from the level of its subject, by the answers on all points."""
    deviation = _GRID[None, :] - _LEVELS[:, None]
    prior = np.exp(-0.5 * (deviation / POINT_SPREAD) ** 2)
    prior /= prior.sum(axis=1, keepdims=True)
    told = scaled @ prior.T
    shares = _levels(told, subjects) / told
    means = (shares * (scaled @ (prior * deviation).T)).sum(axis=1)
    squares = (shares * (scaled @ (prior * deviation**2).T)).sum(axis=1)
    return means, np.sqrt(np.maximum(squares - means**2, 1e-6))


def _levels(told: Floats, subjects: NDArray[np.str_]) -> Floats:
    """For each point how likely each level of its subject is, from `told`: how likely each level makes the answers on each point."""
    levels = np.zeros_like(told)
    for subject in np.unique(subjects):
        own = subjects == subject
        logs = np.log(told[own]).sum(axis=0) - 0.5 * (_LEVELS / LEVEL_SPREAD) ** 2
        levels[own] = np.exp(logs - logs.max())
    return np.asarray(levels / levels.sum(axis=1, keepdims=True))


def _moved(syllabus: Mapping[str, KnowledgePoint], deviations: Floats, spreads: Floats) -> tuple[Floats, Floats]:
    """Shift and spread of each point's prior: the deviation is REQUIRED·m̂/sd(m) of what is required, m being their mean.

    What is unknown of m stays in the spread, so that prerequisites without answers change nothing.
    """
    rows = {identifier: row for row, identifier in enumerate(syllabus)}
    shift, variance = np.zeros(len(rows)), np.full(len(rows), POINT_SPREAD**2)
    for row, point in enumerate(syllabus.values()):
        required = [rows[identifier] for identifier in point.requires if syllabus[identifier].subject == point.subject]
        if not required:
            continue
        slope = REQUIRED * np.sqrt(len(required))  # the mean of n deviations has 1/√n of their spread
        uncertain = float(np.square(spreads[required]).sum()) / len(required) ** 2
        shift[row] = slope * float(deviations[required].mean())
        variance[row] -= slope**2 * max(POINT_SPREAD**2 / len(required) - uncertain, 0.0)
    return shift, np.sqrt(variance)


def _quantiles(abilities: Floats, share: float) -> Floats:
    """The mastery below which `share` of each row lies; between two places of the grid by a straight line."""
    cumulated = np.cumsum(abilities, axis=1)
    ends = np.argmax(cumulated >= share, axis=1)
    rows = np.arange(len(abilities))
    after = cumulated[rows, ends]
    before = np.where(ends > 0, cumulated[rows, np.maximum(ends - 1, 0)], 0.0)
    inside = (share - before) / np.maximum(after - before, 1e-12)
    step = float(_GRID[1] - _GRID[0])
    return _sigmoid(_GRID[ends] + step * (inside - 0.5))


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))
