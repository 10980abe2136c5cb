"""What a review of a card asks, and what else there is on its points."""

from __future__ import annotations

import random
from collections.abc import Collection

from knowledge.generators import families
from knowledge.questions import Question
from knowledge.syllabus import points
from tutoring.bank import question_named, questions_on
from tutoring.practice.cards import Card
from tutoring.practice.variants import Listed, fresh_variant, moved

__all__ = ["others_on", "variant_of"]


def variant_of(card: Card, seen: Collection[str], rng: random.Random) -> Listed | None:
    """A computed question with fresh numbers, one step around the card's difficulty; a written one with its options moved.

    None if the bank does not hold it any more.
    """
    if family := families().get(card.key):
        return Listed(fresh_variant(family, card.difficulty + rng.choice((-1, 0, 0, 1)), seen, rng))
    question = question_named(card.key)
    return moved(question, rng) if question else None


def others_on(question: Question, seen: Collection[str]) -> list[Question]:
    """Written questions on the same points that were not seen yet: knowing this one by heart is not knowing the point."""
    on = [points()[identifier] for identifier in question.points if identifier in points()]
    return [other for other in questions_on(on) if other.id != question.id and other.id not in seen]
