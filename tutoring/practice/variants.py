"""A question as it is listed for a learner: a computed one with numbers that he has not had, a written one with its options moved."""

from __future__ import annotations

import random
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from knowledge.generators import Family
from knowledge.questions import LETTERS, Question
from tutoring.bank import question_named
from tutoring.explanation import Explained, explained_with

__all__ = ["Listed", "fresh_variant", "moved"]

_SEEDS = 10**9
_TRIES = 30
_REMEMBERED = 12
"""Questions of a family whose numbers don't come again."""
_ORDERS = ["".join(order) for order in permutations(LETTERS)]


@dataclass(frozen=True)
class Listed:
    """A question whose options stand in the order of the bank's letters `order`: with 'BADC' the bank's B is listed as A."""

    question: Question
    order: str = LETTERS

    @property
    def options(self) -> dict[str, str]:
        """Listed letter → text."""
        own = dict(zip(LETTERS, self.question.options, strict=True))
        return {letter: own[bank] for letter, bank in zip(LETTERS, self.order, strict=True)}

    @property
    def key(self) -> str:
        """The listed letter of the right option."""
        return self.listed(self.question.key)

    @property
    def explained(self) -> Explained:
        """The explanation, with the letters as they are listed."""
        return explained_with(self.question, self.options, {bank: self.listed(bank) for bank in LETTERS})

    def listed(self, bank: str) -> str:
        """What the bank's letter is listed as; '' stays."""
        return LETTERS[self.order.index(bank)] if bank else ""

    def bank(self, listed: str) -> str:
        """What a listed letter is in the bank; '' stays."""
        return self.order[LETTERS.index(listed)] if listed else ""


def moved(question: Question, rng: random.Random) -> Listed:
    """The question with its options in another order than the bank's, the key at another place."""
    key = LETTERS.index(question.key)
    return Listed(question, rng.choice([order for order in _ORDERS if order[key] != question.key]))


def fresh_variant(family: Family, difficulty: int, seen: Collection[str], rng: random.Random) -> Question:
    """A question of the family, of this difficulty cut to 1–5, that does not read as one of the last that were seen.

    `seen` are ids, the latest last. A family may have few different problems at a level (six of the easiest structures, say, under
    any number of seeds): where all were seen lately, it is the one that was seen longest ago.
    """
    difficulty = min(max(difficulty, 1), 5)
    had = {stem: age for age, stem in enumerate(_stems_of(family, seen))}
    drawn = []
    for _ in range(_TRIES):
        question = family.generate(rng.randrange(_SEEDS), difficulty)
        if question.stem not in had:
            return question
        drawn.append(question)
    return min(drawn, key=lambda question: had[question.stem])


def _stems_of(family: Family, seen: Collection[str]) -> list[str]:
    """The stems of the last questions of the family that were seen, the latest last."""
    own = [identifier for identifier in tuple(seen) if identifier.rsplit("-", 2)[0] == family.id]
    return [_stem_of(identifier) for identifier in own[-_REMEMBERED:]]


@lru_cache(maxsize=4096)
def _stem_of(identifier: str) -> str:
    """Made again from the id, which takes some milliseconds; '' if the bank has the question no more."""
    question = question_named(identifier)
    return question.stem if question else ""
