"""What the tutor is asked: the gold questions of retrieval, whose answers are known, and those that must, or must not, be refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from eval.gold import GOLD, GoldQuestion, read_gold
from eval.refusal import read_refusals

__all__ = ["POINT", "REFUSING", "TutorQuestion", "in_turn", "tutor_questions"]

POINT, REFUSING = "retrieval", "refusal"


@dataclass(frozen=True)
class TutorQuestion:
    """A question to the tutor.

    Attributes:
        kind: `retrieval` or `refusal`: the file that it comes from.
        answerable: whether the documents answer it.
        gold: with the words that answer it; None where they are not known.
    """

    id: str
    subject: str
    question: str
    kind: str
    answerable: bool
    gold: GoldQuestion | None = None


def tutor_questions() -> list[TutorQuestion]:
    """All questions of eval/gold.

    Raises:
        ContentError: a line is no question; the message has its place.
    """
    gold = read_gold(sorted(GOLD.glob("retrieval.*.jsonl")))
    points = [TutorQuestion(q.id, q.subject, q.question, POINT, True, q) for q in gold]
    refusing = [
        TutorQuestion(q.id, q.id.partition("-")[0], q.question, REFUSING, q.answerable)  # ids begin with their subject
        for q in read_refusals()
    ]
    return points + refusing


def in_turn(questions: Sequence[TutorQuestion], limit: int | None = None) -> list[TutorQuestion]:
    """The questions, or the first `limit`, so that subjects and kinds take turns: a part of them is of all sorts."""
    groups: dict[tuple[str, bool, str], list[TutorQuestion]] = {}
    for question in questions:
        groups.setdefault((question.kind, question.answerable, question.subject), []).append(question)
    mixed = (question for question in chain.from_iterable(zip_longest(*groups.values())) if question)
    return list(mixed)[:limit]
