"""How well mastery is estimated, on learners whose abilities are known. Run as: python -m bench.mastery

A learner has a level in each subject, and on each point a deviation that keeps a share of the mean one of what the point requires;
answers follow the three-parameter model, a quarter of the unknown ones is passed (不会) rather than guessed. `steady` learners are
as the estimate assumes, but for the passes; `changing` ones forget and learn: a deviation drifts back to a fresh one, by half in 60
days; `strange` ones are not normal: a point is known (95 %) or not (10 %), whatever the others are.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, log
from statistics import fmean

from knowledge.syllabus import points
from tutoring.attempts import PASSED, Attempt
from tutoring.mastery import CHANCE, DIFFICULTIES, Mastery, masteries

START = datetime(2030, 1, 1, tzinfo=UTC)
_PASSES = 0.25
_DRIFT_DAYS = 60.0
_LEARNERS = 12
LEVEL_SPREAD, POINT_SPREAD, REQUIRED = 1.0, 1.0, 0.4
Abilities = dict[str, float]
Course = Callable[[random.Random, int], list[Abilities]]


@dataclass(frozen=True)
class Measured:
    """What was found over some learners.

    Attributes:
        held: share of points whose true mastery lies in the interval of 90 %.
        error: mean distance of the estimate from the true mastery.
        loss, plain_loss: expected log-loss of predicting the next answer to a middle question, by the estimate, and by the share of
            right answers on the point (with one more of either, so that it is never 0 or 1).
        width: of the interval.
    """

    held: float
    error: float
    loss: float
    plain_loss: float
    width: float


def main() -> int:
    """Print one line for each sort of learner and number of answers."""
    print("learners  answers  held   error  width  loss   plain")
    for name, course in (("steady", steady), ("changing", changing), ("strange", strange)):
        for answers in (50, 200, 1000, 4000):
            m = measure(course, answers, days=60, seeds=range(_LEARNERS))
            print(f"{name:9} {answers:7}  {m.held:.3f}  {m.error:.3f}  {m.width:.3f}  {m.loss:.3f}  {m.plain_loss:.3f}")
    return 0


def measure(course: Course, answers: int, days: int, seeds: Sequence[int]) -> Measured:
    """Learners who answer so many questions in so many days; the estimates of the last day against the truth of it."""
    rows = [row for seed in seeds for row in _learner(course, answers, days, random.Random(f"mastery/{seed}"))]
    held, errors, losses, plain, widths = zip(*rows, strict=True)
    return Measured(fmean(held), fmean(errors), fmean(losses), fmean(plain), fmean(widths))


def _learner(course: Course, answers: int, days: int, rng: random.Random) -> list[tuple[bool, float, float, float, float]]:
    abilities = course(rng, days)
    asked = rng.sample(list(points()), k=min(len(points()), max(20, answers // 8)))  # nobody practises everything at once
    moments = sorted(rng.uniform(0, days) for _ in range(answers))
    given = [_answer(rng, n, rng.choice(asked), moment, abilities) for n, moment in enumerate(moments)]
    now = START + timedelta(days=days)
    believed, rights = masteries(given, now), _rights(given)
    return [_judged(believed[point], abilities[-1][point], rights.get(point, [])) for point in asked]


def _answer(rng: random.Random, n: int, point: str, moment: float, abilities: list[Abilities]) -> Attempt:
    difficulty = rng.randint(1, 5)
    known = rng.random() < _sigmoid(abilities[int(moment)][point] - DIFFICULTIES[difficulty - 1])
    passed = not known and rng.random() < _PASSES
    right = known or (not passed and rng.random() < CHANCE)
    at = START + timedelta(days=moment)
    return Attempt(
        f"q{n}", "", points()[point].subject, (point,), difficulty, PASSED if passed else "A", right, None, "practice", at
    )


def _judged(believed: Mastery, ability: float, rights: list[bool]) -> tuple[bool, float, float, float, float]:
    """One point: whether the interval holds, the error, the losses (of an answer that is guessed where it is not known), the width."""
    truth = _sigmoid(ability)
    right = CHANCE + (1 - CHANCE) * truth
    expected = CHANCE + (1 - CHANCE) * believed.mean
    plain = (sum(rights) + 1) / (len(rights) + 2)
    return (
        believed.low <= truth <= believed.high, abs(believed.mean - truth), _loss(expected, right), _loss(plain, right),
        believed.high - believed.low,
    )  # fmt: skip


def steady(rng: random.Random, days: int) -> list[Abilities]:
    """Abilities that stay, one table a day."""
    return [_drawn(rng)] * (days + 1)


def changing(rng: random.Random, days: int) -> list[Abilities]:
    """Abilities that drift: each day a little of yesterday's deviation is replaced by a fresh one, so that the spread stays."""
    course, keep = [_drawn(rng)], 0.5 ** (1 / _DRIFT_DAYS)
    middle = fmean(course[0].values())
    for _ in range(days):
        yesterday = course[-1]
        course.append(
            {p: middle + keep * (a - middle) + (1 - keep**2) ** 0.5 * rng.gauss(0, POINT_SPREAD) for p, a in yesterday.items()}
        )
    return course


def strange(rng: random.Random, days: int) -> list[Abilities]:
    """Points that are known or not."""
    return [{p: log(0.9 / 0.1) if rng.random() < 0.6 else log(0.15 / 0.85) for p in points()}] * (days + 1)


def _drawn(rng: random.Random) -> Abilities:
    levels: dict[str, float] = {}
    deviations: dict[str, float] = {}

    def deviation(identifier: str) -> float:
        if identifier not in deviations:
            point = points()[identifier]
            required = [deviation(r) for r in point.requires if points()[r].subject == point.subject]
            slope = REQUIRED * len(required) ** 0.5
            own = (1 - REQUIRED**2) ** 0.5 if required else 1.0
            deviations[identifier] = slope * (fmean(required) if required else 0.0) + own * rng.gauss(0, POINT_SPREAD)
        return deviations[identifier]

    return {
        p.id: levels.setdefault(p.subject, rng.gauss(0, LEVEL_SPREAD)) + deviation(p.id) for p in points().values()
    }  # fmt: skip


def _rights(given: Sequence[Attempt]) -> dict[str, list[bool]]:
    rights: dict[str, list[bool]] = {}
    for attempt in given:
        rights.setdefault(attempt.points[0], []).append(attempt.correct)
    return rights


def _loss(expected: float, true: float) -> float:
    """Cross entropy of an expectation, over what really happens."""
    return -true * log(expected) - (1 - true) * log(1 - expected)


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


if __name__ == "__main__":
    sys.exit(main())
