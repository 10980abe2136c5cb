"""What a student may ask next: questions about the point of the syllabus that was asked about, and about those beside it."""

from __future__ import annotations

import re
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
_NO_QUESTION = re.compile(
    r"____|下列|（　）|[是为于有称成行定用须应][。：]?$|叫(啥|什么)|是(哪|什么)[个种些类条一]?\S{0,4}[？?]?$"
)
"""A sentence of an exam to be completed, or a description that asks for the name: whoever reads it doesn't see what it is about."""


def follow_ups(
    question: str,
    asked: Collection[str] = (),
    subject: str = AUTO,
    topics: Callable[[str, str, int], Sequence[KnowledgePoint]] = points_of,
    questions: Callable[[str], Sequence[AskedQuestion]] = asked_about,
) -> list[str]:
    """At most three questions to go on with; [] if the question is about no point of the syllabus.

    One is about the same point, the others about its neighbours.

    Each holds a word of its point's name, so that it is clear without the others around it.

    Args:
        asked: what the conversation has asked so far; none of it comes again.
    """
    near = topics(question, subject, 1)
    if not near:
        return []
    chosen: list[str] = []
    said = {*asked, question}
    for point in (near[0], *beside(near[0], points())):
        named = [word for word in segment(point.name) if len(word) > 1]
        fitting = (q.question for q in questions(point.id) if len(q.question) <= _LONGEST and not _NO_QUESTION.search(q.question))
        clear = (text for text in fitting if any(word in text for word in named))
        chosen += [text for text in (*clear, f"讲一讲{point.name}") if text not in said][:1]
    return chosen[:_SHOWN]


def beside(point: KnowledgePoint, syllabus: Mapping[str, KnowledgePoint]) -> list[KnowledgePoint]:
    """Its neighbours: what builds on it, what it builds on, and the rest of its chapter, those of the same chapter first."""
    after = [other for other in syllabus.values() if point.id in other.requires]
    before = [syllabus[required] for required in point.requires if required in syllabus]
    nearest = sorted([*after, *before], key=lambda other: other.chapter != point.chapter)
    rest = [other for other in syllabus.values() if other.chapter == point.chapter and other != point]
    return list(dict.fromkeys([*nearest, *rest]))
