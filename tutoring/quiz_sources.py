"""Where the questions of 出题 come from: computed families and the written bank by syllabus point, or the student's own pages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from knowledge.generators import Family
from knowledge.questions import Question
from knowledge.quotes import squeezed
from knowledge.subjects import AUTO, detect_subject
from knowledge.syllabus import KnowledgePoint, points
from rag.retrieval import Passage, Retrieval
from rag.tutor import Tutor
from tutoring.bank import families_on, questions_on
from tutoring.quiz_form import Item, choice_of
from tutoring.quiz_request import subject_named
from tutoring.topics import points_of
from vector_db.segmentation import segment, segment_query

__all__ = ["from_bank", "pages_about", "points_for"]

_T = TypeVar("_T")
_SEEDS = 1_000_000
_NEAR = 1
"""Of difficulties: a written question that is farther off comes only when nothing can be computed."""
_POINTS, _TRIES, _ASKED_POINTS = 4, 20, 4
_MOST_PASSAGES = 6


def points_for(topic: str, subject: str) -> list[KnowledgePoint]:
    """The syllabus points of a topic: all of a subject that is named, all there are without a topic, [] for a foreign topic."""
    whole = subject_named(topic) or (subject if not topic else None)
    if whole is not None:
        return [point for point in points().values() if whole in (AUTO, point.subject)]
    found = points_of(topic, subject, _POINTS)
    said = set(segment_query(topic))
    shared = [len(said & set(segment(point.name))) for point in found]
    return found[:1] + [point for point, n in zip(found[1:], shared[1:], strict=True) if n >= max((shared[0] + 1) // 2, 1)]


def from_bank(
    chosen: Sequence[KnowledgePoint], topic: str, count: int, difficulty: int, used: frozenset[str], rng: random.Random
) -> list[Item]:
    """At most `count` items on these points: each family once, then the written ones, then the families again, then the other written ones.

    What shares more words with the topic comes first, then what is nearer to the difficulty. Of a whole subject the computed
    ones are at most half, for much of it can't be computed.
    """
    said = set(segment_query(topic)) if topic and not subject_named(topic) else set()
    families = _shuffled(families_on(chosen), rng)
    families.sort(key=lambda family: -len(said & set(segment(family.name))))
    written = _shuffled([q for q in questions_on(chosen) if q.id not in used], rng)
    written.sort(key=lambda q: (-len(said & set(segment(q.stem))), abs(q.difficulty - difficulty)))
    first = families[: count if said else (count + 1) // 2]
    near = [question for question in written if abs(question.difficulty - difficulty) <= _NEAR]
    questions = _computed(first, difficulty, used, rng) + near
    while len(questions) < count:
        more = _computed(families, difficulty, used | {q.id for q in questions}, rng)
        if not more:
            break
        questions += more
    questions += [question for question in written if question not in near]
    return [choice_of(question, _about(question, chosen)) for question in questions[:count]]


def _computed(families: Sequence[Family], difficulty: int, used: frozenset[str], rng: random.Random) -> list[Question]:
    """A question of each family that was not asked yet; families of few different questions may have none left."""
    found: list[Question] = []
    for family in families:
        drawn = (family.generate(rng.randrange(_SEEDS), difficulty) for _ in range(_TRIES))
        found += [question for question in drawn if question.id not in used][:1]
    return found


def _about(question: Question, chosen: Sequence[KnowledgePoint]) -> str:
    """The name of the question's point, of those chosen if it has one of them."""
    of_chosen = [point.name for point in chosen if point.id in question.points]
    return of_chosen[0] if of_chosen else points()[question.points[0]].name


def pages_about(topic: str, subject: str, tutor: Tutor, rng: random.Random) -> tuple[Retrieval, list[Passage]]:
    """Passages of the student's documents on a topic, a subject or a document that is named; none if they don't speak of it.

    Raises:
        StoreError: retrieval failed.
    """
    whole = subject_named(topic) or (subject if not topic else None)
    retrieval = tutor.find(topic or _drawn(subject, 1, rng)[0], whole or subject)
    named = _document_named(topic, retrieval.passages)
    if whole is None and not named:
        return retrieval, list(retrieval.passages) if retrieval.answerable else []
    queries = _drawn(detect_subject(Path(named)) if named else whole or AUTO, _ASKED_POINTS, rng)
    found = list(retrieval.passages) if named else []
    for query in queries:
        found += tutor.find(query, whole or AUTO).passages
    unlike = {p.chunk_id: p for p in found if not named or p.source == named}
    return retrieval, _shuffled(list(unlike.values()), rng)[:_MOST_PASSAGES]


def _drawn(subject: str, count: int, rng: random.Random) -> list[str]:
    """Names of syllabus points drawn from a subject, or from all if it has none."""
    names = [p.name for p in points().values() if subject in (AUTO, p.subject)] or [p.name for p in points().values()]
    return rng.sample(names, min(count, len(names)))


def _document_named(topic: str, passages: Sequence[Passage]) -> str:
    """The source of the passages that a topic names, with or without its ending; '' if it names none."""
    plain = squeezed(topic)
    return next((p.source for p in passages if plain and squeezed(Path(p.source).stem) in plain), "")


def _shuffled(items: Sequence[_T], rng: random.Random) -> list[_T]:
    return rng.sample(list(items), len(items))
