"""What a student may ask next: questions about the point of the syllabus that was asked about, and about those beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from knowledge.asked import AskedQuestion, asked_about
from knowledge.subjects import AUTO
from knowledge.syllabus import KnowledgePoint, points
from tutoring.topics import points_of
from vector_db.segmentation import segment

__all__ = ["beside", "follow_ups"]

_SHOWN = 3
_LONGEST = 28
"""Characters of a question that can be read at a glance."""


def follow_ups(
    question: str,
    asked: Collection[str] = (),
    subject: str = AUTO,
    topics: Callable[[str, str, int], Sequence[KnowledgePoint]] = points_of,
    questions: Callable[[str], Sequence[AskedQuestion]] = asked_about,
) -> list[str]:
    """At most three questions to go on with; [] if the question is about no point of the syllabus.

    One is about the same point, the others about its neighbours.

    Args:
        asked: what the conversation has asked so far; none of it comes again.
    """
    near = topics(question, subject, 1)
    if not near:
        return []
    chosen: list[str] = []
    said = {*asked, question}
    for point in (near[0], *beside(near[0], points())):
        named = segment(point.name)
        fitting = [q.question for q in questions(point.id) if len(q.question) <= _LONGEST and q.question not in said]
        chosen += sorted(fitting, key=lambda text: not any(word in text for word in named))[
            :1
        ]  # clear without the others around it
    return chosen[:_SHOWN]


def beside(point: KnowledgePoint, syllabus: Mapping[str, KnowledgePoint]) -> list[KnowledgePoint]:
    """Its neighbours: what builds on it, what it builds on, and the rest of its chapter, those of the same chapter first."""
    after = [other for other in syllabus.values() if point.id in other.requires]
    before = [syllabus[required] for required in point.requires if required in syllabus]
    nearest = sorted([*after, *before], key=lambda other: other.chapter != point.chapter)
    rest = [other for other in syllabus.values() if other.chapter == point.chapter and other != point]
    return list(dict.fromkeys([*nearest, *rest]))
