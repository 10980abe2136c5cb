"""A question family: a problem with fresh numbers for every seed, whose key is computed, never written down.

A family samples the numbers of a problem, asks about them, and solves it step by step. Its solver is tested against a
second, independent method (tests/unit/knowledge/oracles) on hundreds of seeds.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.questions import LETTERS, Question

__all__ = ["Family", "Solution"]

_ATTEMPTS = 200
_LIKELY = 5
_UNITS = {"KB": 2.0**10, "MB": 2.0**20, "GB": 2.0**30, "TB": 2.0**40, "ms": 1e3, "s": 1e6}
"""Sizes in bytes, times in μs; options of one question have units of one kind."""
_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?) ?([A-Za-z]*)")
_FRACTION = re.compile(r"(\d+)/([1-9]\d*)")
_HEXADECIMAL = re.compile(r"[0-9A-F]+H")
_SUM = re.compile(r"\d+ [KMGT]?B(?: \+ \d+ [KMGT]?B)+")


@dataclass(frozen=True)
class Solution:
    """The answer as the option prints it, what students answer who make a known mistake (most typical first), and the steps."""

    answer: str
    mistakes: Sequence[str]
    steps: str


@dataclass(frozen=True)
class Family:
    """One topic's endless questions.

    Attributes:
        id: unique, `<subject>-<topic>`, e.g. `os-round-robin`.
        points: ids of the syllabus points.
        sample: (random generator, difficulty 1–5) → the numbers of a problem; any frozen value that prints.
        ask: the numbers → the stem, complete with units and conventions.
        solve: the numbers → the solution.
    """

    id: str
    name: str
    subject: str
    points: tuple[str, ...]
    sample: Callable[[random.Random, int], Any]
    ask: Callable[[Any], str]
    solve: Callable[[Any], Solution]

    def problem(self, seed: int, difficulty: int = 3) -> Any:
        """The numbers of a seed: the first drawn that allow three distractors besides the key. Same seed, same numbers.

        Raises:
            ValueError: difficulty is not 1–5, or no numbers allow three distractors (a fault of the family).
        """
        if not 1 <= difficulty <= 5:
            raise ValueError(f"difficulty must be 1..5, not {difficulty}")
        rng = self._rng(seed, difficulty)
        for _ in range(_ATTEMPTS):
            problem = self.sample(rng, difficulty)
            if len(self._distractors(self.solve(problem))) >= 3:
                return problem
        raise ValueError(f"{self.id}: no problem with three distractors for seed {seed}")

    def generate(self, seed: int, difficulty: int = 3) -> Question:
        """The question of a seed; the place of the key is drawn too."""
        problem = self.problem(seed, difficulty)
        solution = self.solve(problem)
        order = random.Random(f"{self.id}/{seed}/{difficulty}/order")
        options = [solution.answer, *_chosen(order, solution.answer, self._distractors(solution))]
        order.shuffle(options)
        a, b, c, d = options
        return Question(
            f"{self.id}-{difficulty}-{seed}", self.subject, self.ask(problem), (a, b, c, d),
            LETTERS[options.index(solution.answer)], solution.steps, self.points, difficulty, self.id,
        )  # fmt: skip

    def _rng(self, seed: int, difficulty: int) -> random.Random:
        return random.Random(f"{self.id}/{seed}/{difficulty}")

    @staticmethod
    def _distractors(solution: Solution) -> list[str]:
        """The mistakes' answers, each once, without the key."""
        return [m for m in dict.fromkeys(solution.mistakes) if m != solution.answer]


def _chosen(rng: random.Random, answer: str, distractors: Sequence[str]) -> list[str]:
    """Three distractors. Among numbers the rank of the key is drawn first, as far as there are distractors on both sides:
    were always the likeliest three taken, the key could be told by its rank without solving anything.
    """
    values = [_value(d) for d in distractors]
    key = _value(answer)
    if key is None or None in values:
        return rng.sample(list(distractors[:_LIKELY]), 3)
    below = [d for d, v in zip(distractors, values, strict=True) if v is not None and v < key]
    above = [d for d in distractors if d not in below]
    ranks = [r for r in range(4) if r <= len(below) and 3 - r <= len(above)]
    rank = rng.choice(ranks)
    return _likely(rng, below, rank) + _likely(rng, above, 3 - rank)


def _likely(rng: random.Random, distractors: Sequence[str], n: int) -> list[str]:
    """`n` of the distractors, drawn among the first ones."""
    return rng.sample(list(distractors[: max(n, 3)]), n)


def _value(option: str) -> float | None:
    """The size of an option that is one number, a fraction or a sum of sizes (4 GB + 20 KB); None for anything else."""
    if fraction := _FRACTION.fullmatch(option):
        return int(fraction[1]) / int(fraction[2])
    if _HEXADECIMAL.fullmatch(option):
        return float(int(option[:-1], 16))
    found = _NUMBER.findall(option)
    if len(found) > 1 and not _SUM.fullmatch(option):
        return None
    return sum(float(number) * _UNITS.get(unit, 1) for number, unit in found) if found else None
