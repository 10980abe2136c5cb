"""Which question comes next: a point is drawn by what it is worth and how little is known there, then a question of fitting difficulty."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.generators import Family
from knowledge.questions import Question
from knowledge.syllabus import KnowledgePoint, points
from tutoring.mastery import CHANCE, DIFFICULTIES
from tutoring.practice.filters import Done, Filters, Pool, pool
from tutoring.practice.variants import Listed, fresh_variant, moved

__all__ = ["Estimate", "Loosened", "Nothing", "choose", "fitting_difficulty", "worth"]

WEIGHT = {"高": 3.0, "中": 2.0, "低": 1.0}
TARGET = 0.75
"""Share of right answers at which most is learned per question: neither known by heart nor guessed (70 to 80 % in practice)."""
WEAK = 0.4
"""Below this mean a point's dependants wait: the prior of a point without any answer is 0.5, so that a beginner is not held up."""
_WAITING = 0.15
_JUST_ASKED = 0.2
_SEEN_AGAIN = 0.25


class Estimate(Protocol):
    """What is believed of a point: the chance to know a question of middle difficulty, between two bounds."""

    @property
    def mean(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


@dataclass(frozen=True)
class Loosened:
    """What there would be without one filter."""

    filter: str
    written: int
    computed: int


@dataclass(frozen=True)
class Nothing:
    """No question fits; what each filter holds back, those that would help."""

    loosened: tuple[Loosened, ...]


def choose(
    filters: Filters, done: Done, beliefs: Mapping[str, Estimate], rng: random.Random, last: Question | None = None
) -> Listed | Nothing:
    """The next question. Never the `last` one again, and not its point if there is another.

    Written questions that are new come before old ones, whose options are moved; computed ones have fresh numbers.
    """
    there = _without(pool(filters, done), last)
    if not there:
        return Nothing(_loosened(filters, done))
    by_point = _by_point(there)
    names = list(by_point)
    just = last.points if last else ()
    weights = [worth(points().get(name), beliefs) * (_JUST_ASKED if name in just else 1) for name in names]
    (point,) = rng.choices(names, weights)
    level = filters.difficulty or fitting_difficulty(beliefs.get(point))
    return _drawn(by_point[point], level, bool(filters.difficulty), done, rng, last)


def worth(point: KnowledgePoint | None, beliefs: Mapping[str, Estimate]) -> float:
    """How much a question on a point is worth: its weight in the exam, times what is missing or unsure; little while it must wait."""
    if point is None:
        return 0.1
    belief = beliefs.get(point.id)
    need = (1 - belief.mean) + (belief.high - belief.low) / 2 if belief else 1.0
    waits = any(p in beliefs and beliefs[p].mean < WEAK for p in point.requires)
    return WEIGHT[point.weight] * max(need, 0.05) * (_WAITING if waits else 1)


def fitting_difficulty(belief: Estimate | None) -> float:
    """The difficulty, 1 to 5, at which three of four answers would be right, by the model of `tutoring.mastery`."""
    if belief is None:
        return 2.5
    wanted = _logit((TARGET - CHANCE) / (1 - CHANCE))
    step = (DIFFICULTIES[-1] - DIFFICULTIES[0]) / (len(DIFFICULTIES) - 1)
    return min(max(3 + (_logit(belief.mean) - wanted) / step, 1.0), 5.0)


def _logit(p: float) -> float:
    p = min(max(p, 0.01), 0.99)
    return math.log(p / (1 - p))


def _without(there: Pool, last: Question | None) -> Pool:
    """All but the question just asked; its family stays only if there is nothing else."""
    if last is None:
        return there
    rest = Pool(tuple(q for q in there.written if q.id != last.id), tuple(f for f in there.computed if f.id != last.family))
    return rest or Pool((), there.computed)


def _by_point(there: Pool) -> dict[str, Pool]:
    """The pool by point; what has none stands under ''."""
    written: dict[str, list[Question]] = {}
    computed: dict[str, list[Family]] = {}
    for question in there.written:
        for point in question.points or ("",):
            written.setdefault(point, []).append(question)
    for family in there.computed:
        for point in family.points or ("",):
            computed.setdefault(point, []).append(family)
    return {p: Pool(tuple(written.get(p, ())), tuple(computed.get(p, ()))) for p in sorted({*written, *computed})}


def _drawn(there: Pool, level: float, fixed: bool, done: Done, rng: random.Random, last: Question | None) -> Listed:
    new = [q for q in there.written if q.id not in done.seen]
    old = sorted((q for q in there.written if q.id in done.seen), key=lambda q: done.seen[q.id])
    written: Sequence[Question] = new or old[: max(1, len(old) // 2)]  # the older half
    share = 1.0 if new or not there.computed else _SEEN_AGAIN
    weights = [share * _nearness(q.difficulty, level) for q in written] + [_nearness(level, level)] * len(there.computed)
    candidates: list[Question | Family] = [*written, *there.computed]
    (drawn,) = rng.choices(candidates, weights)
    if isinstance(drawn, Family):
        difficulty = round(level) if fixed else round(level + rng.uniform(-0.5, 0.5))
        seen = (*done.seen, last.id) if last else done.seen  # the last one may have been skipped
        return Listed(fresh_variant(drawn, difficulty, seen, rng))
    return moved(drawn, rng) if drawn.id in done.seen else Listed(drawn)


def _nearness(difficulty: float, level: float) -> float:
    """One step away is a third as good."""
    return math.exp(-abs(difficulty - level) * math.log(3))


def _loosened(filters: Filters, done: Done) -> tuple[Loosened, ...]:
    found = ((name, pool(filters.without(name), done)) for name in filters.set_ones)
    return tuple(Loosened(name, len(there.written), len(there.computed)) for name, there in found if there)
