"""The syllabus as a table: for each point what the documents hold, what can be practised, and what is mastered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from knowledge.generators import families
from knowledge.syllabus import KnowledgePoint, points
from tutoring.bank import every_question
from tutoring.coverage import CoveredPage
from tutoring.mastery import SHARES, Mastery
from tutoring.standing import Standing, standing_of

__all__ = ["PointRow", "by_chapter", "table_of", "weak_first"]

_ORDER: dict[Standing, int] = {"weak": 0, "unsure": 1, "new": 2, "firm": 3}


@dataclass(frozen=True)
class PointRow:
    """A point. `pages` are of the student's documents (in `documents` of them), not of the bundled notes; `noted`: these treat it.

    `questions` are written ones, `computed` families of computed ones.
    """

    point: KnowledgePoint
    mastery: Mastery
    pages: int
    documents: int
    noted: bool
    questions: int
    computed: int

    @property
    def standing(self) -> Standing:
        """In one word."""
        return standing_of(self.mastery)


def table_of(masteries: Mapping[str, Mastery], pages_of: Callable[[str], Sequence[CoveredPage]]) -> list[PointRow]:
    """All points in the order of the syllabus."""
    return [_row(point, masteries[identifier], pages_of(identifier)) for identifier, point in points().items()]


def weak_first(rows: Iterable[PointRow]) -> list[PointRow]:
    """Weak points before unsure ones, then those never practised, then the mastered; among equals what is examined most."""
    return sorted(rows, key=lambda row: (_ORDER[row.standing], -SHARES[row.point.weight] * (1 - row.mastery.mean), row.point.id))


def by_chapter(rows: Iterable[PointRow]) -> dict[str, dict[str, list[PointRow]]]:
    """Subject → chapter's id → rows, each in the order in which it comes first."""
    found: dict[str, dict[str, list[PointRow]]] = {}
    for row in rows:
        found.setdefault(row.point.subject, {}).setdefault(row.point.chapter, []).append(row)
    return found


def _row(point: KnowledgePoint, mastery: Mastery, pages: Sequence[CoveredPage]) -> PointRow:
    own = [page for page in pages if not page.note]
    written, computed = _counts()
    documents = len({page.source for page in own})
    return PointRow(point, mastery, len(own), documents, len(own) < len(pages), written[point.id], computed[point.id])


@cache
def _counts() -> tuple[Counter[str], Counter[str]]:
    """Written questions and families by point."""
    written = Counter(point for question in every_question() for point in question.points)
    return written, Counter(point for family in families().values() for point in family.points)
