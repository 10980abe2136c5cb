"""Computed questions of an exam, all different, and the examples beside them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from itertools import islice

from eval.exams.examples import EXAMPLES
from eval.exams.samples import stem_hash
from knowledge.exam_paper import needs_picture
from knowledge.generators import Family
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS

__all__ = ["computed_examples", "computed_questions"]

_PATIENCE = 50
"""A family that gives nothing new so many times in turn has hardly anything left."""


def computed_questions(choice: Iterable[Family], n: int, seed: int) -> list[Question]:
    """`n` questions with different stems, shared out over the subjects as the paper's points are; fewer if there are no more.

    Same `n` and seed, same questions.
    """
    groups = _by_subject(choice)
    return [question for subject, count in _shares(n).items() for question in _drawn(groups[subject], count, seed, subject)]


def computed_examples(choice: Iterable[Family], asked: Iterable[Question]) -> dict[str, list[Question]]:
    """Five examples of each subject, whose stems are none of those that are asked."""
    stems = {stem_hash(question) for question in asked}
    return {subject: _examples(group, stems) for subject, group in _by_subject(choice).items()}


def _by_subject(choice: Iterable[Family]) -> dict[str, list[Family]]:
    found = list(choice)
    return {s.id: [family for family in found if family.subject == s.id] for s in SUBJECTS.values() if s.points}


def _drawn(choice: Sequence[Family], n: int, seed: int, subject: str) -> list[Question]:
    """The families take turns, until none gives anything new any more."""
    rng = random.Random(f"exam/{seed}/{subject}")
    turns, repeats = rng.sample(choice, len(choice)), dict.fromkeys((family.id for family in choice), 0)
    found, stems, turn = list[Question](), set[str](), 0
    while len(found) < n and any(repeats[family.id] < _PATIENCE for family in turns):
        family, number, turn = turns[turn % len(turns)], seed * 1_000_000 + turn, turn + 1
        if _is_new(question := family.generate(number, rng.randint(2, 4)), stems):
            found.append(question)
            repeats[family.id] = 0
        else:
            repeats[family.id] += 1
    return found


def _examples(choice: Sequence[Family], stems: set[str]) -> list[Question]:
    """One of each of the first families that have one; their seeds are none of an exam's."""
    firsts = (
        next((q for t in range(_PATIENCE) if _is_new(q := family.generate(-1 - i - t * len(choice), 2), stems)), None)
        for i, family in enumerate(choice)
    )
    return list(islice((question for question in firsts if question), EXAMPLES))


def _is_new(question: Question, stems: set[str]) -> bool:
    """Whether it can be asked and its stem is none of these; now it is."""
    stem = stem_hash(question)
    if stem in stems or len(set(question.options)) < len(question.options) or needs_picture(question.stem, question.options):
        return False
    stems.add(stem)
    return True


def _shares(n: int) -> dict[str, int]:
    """`n` shared out by the paper's points, the largest remainders first."""
    points = {s.id: s.points for s in SUBJECTS.values() if s.points}
    whole = sum(points.values())
    shares = {s: n * p // whole for s, p in points.items()}
    rest = sorted(points, key=lambda s: -(n * points[s] % whole))
    return {s: count + (s in rest[: n - sum(shares.values())]) for s, count in shares.items()}
