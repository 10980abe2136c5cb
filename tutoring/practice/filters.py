"""What a learner wants to practise, and which questions of the bank fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Set
from dataclasses import asdict, dataclass, field, fields, replace
from functools import lru_cache

from knowledge.generators import Family, families
from knowledge.questions import Question
from knowledge.syllabus import points
from tutoring.bank import every_question

__all__ = ["COMPUTED", "MARKED", "UNSEEN", "WRITTEN", "WRONG", "Done", "Filters", "Pool", "pool"]

WRITTEN, COMPUTED = "written", "computed"
WRONG, MARKED, UNSEEN = "wrong", "marked", "unseen"


@dataclass(frozen=True)
class Filters:
    """Each is '' (0) where everything will do. `kind` is WRITTEN or COMPUTED; `only` is WRONG, MARKED or UNSEEN."""

    subject: str = ""
    chapter: str = ""
    point: str = ""
    difficulty: int = 0
    kind: str = ""
    only: str = ""

    def to_json(self) -> str:
        """For a row of the database."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Filters:
        """What `to_json` wrote; what this version does not know is left out."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in json.loads(text).items() if name in known})

    @property
    def set_ones(self) -> list[str]:
        """Names of the filters that leave something out."""
        return [one.name for one in fields(self) if getattr(self, one.name)]

    def without(self, name: str) -> Filters:
        """The same with one filter loosened; a chapter goes with its point, a subject with both."""
        within = {"subject": ("subject", "chapter", "point"), "chapter": ("chapter", "point")}.get(name, (name,))
        empty = {one: getattr(Filters(), one) for one in within}
        return replace(self, **empty)


@dataclass(frozen=True)
class Done:
    """What a learner has done: question id → number of its latest attempt, families asked, keys (`key_of`) in the 错题本 and marked."""

    seen: Mapping[str, int] = field(default_factory=dict)
    families: Set[str] = frozenset()
    wrong: Set[str] = frozenset()
    marked: Set[str] = frozenset()


@dataclass(frozen=True)
class Pool:
    """What there is to ask."""

    written: tuple[Question, ...]
    computed: tuple[Family, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.computed)


def pool(filters: Filters, done: Done) -> Pool:
    """All that fits the filters. Computed questions can be had in any difficulty."""
    fits = _wanted(filters, done)
    written = _written(replace(filters, only="", kind="")) if filters.kind != COMPUTED else ()
    computed = _computed(replace(filters, only="", kind="", difficulty=0)) if filters.kind != WRITTEN else ()
    return Pool(tuple(q for q in written if fits(q.id)), tuple(f for f in computed if fits(f.id)))


def _wanted(filters: Filters, done: Done) -> Callable[[str], bool]:
    if filters.only == WRONG:
        return done.wrong.__contains__
    if filters.only == MARKED:
        return done.marked.__contains__
    if filters.only == UNSEEN:
        return lambda key: key not in done.seen and key not in done.families
    return lambda key: True


@lru_cache(maxsize=512)
def _written(filters: Filters) -> tuple[Question, ...]:
    return tuple(
        q for q in every_question()
        if filters.difficulty in (0, q.difficulty) and _on(filters, q.subject, q.points)
    )  # fmt: skip


@lru_cache(maxsize=512)
def _computed(filters: Filters) -> tuple[Family, ...]:
    return tuple(f for f in families().values() if _on(filters, f.subject, f.points))


def _on(filters: Filters, subject: str, on: tuple[str, ...]) -> bool:
    """Whether what is asked lies where the filters look."""
    if filters.subject and subject != filters.subject:
        return False
    if filters.point:
        return filters.point in on
    return not filters.chapter or any(p in points() and points()[p].chapter == filters.chapter for p in on)
