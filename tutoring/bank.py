"""The shipped questions, problems and families as the modes look for them: by what a student pasted, by syllabus point."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache

from knowledge.bank import BANK, Bank, read_bank
from knowledge.generators import Family, families
from knowledge.problems import Problem
from knowledge.questions import Question, shown
from knowledge.quotes import squeezed
from knowledge.syllabus import KnowledgePoint
from rag.stems import split_options

__all__ = [
    "every_problem",
    "every_question",
    "families_on",
    "find_problem",
    "find_question",
    "key_in",
    "problems_on",
    "question_named",
    "questions_on",
    "told",
]

_COMPUTED = re.compile(r"(?P<family>.+)-(?P<difficulty>[1-5])-(?P<seed>\d{1,9})", re.ASCII)
_LEAST_STEM = 8
"""Characters of a stem that is looked for inside a longer text: fewer could stand anywhere."""


def find_question(text: str) -> Question | None:
    """The question of the bank that a student pasted, by its id or by its stem; None if it is none of ours.

    Options may stand in another order: the key is then told by its words (`key_in`), not by its letter.
    """
    if found := _by_id().get(text.strip()):
        return found
    stem, options = split_options(text)
    wanted = squeezed(stem)
    same = [q for q, plain in _stems() if plain == wanted or (len(plain) >= _LEAST_STEM and plain in wanted)]
    if options:
        given = {squeezed(option) for option in options.values()}
        same = [q for q in same if given == {squeezed(option) for option in q.options}] or same[:1]
    return max(same, key=lambda q: len(q.stem), default=None)


def question_named(identifier: str) -> Question | None:
    """The question with this id: a written one, or a computed one, made again from family, difficulty and seed; None if there is none."""
    if written := _by_id().get(identifier):
        return written
    named = _COMPUTED.fullmatch(identifier)
    family = families().get(named["family"]) if named else None
    return family.generate(int(named["seed"]), int(named["difficulty"])) if named and family else None


def every_question() -> tuple[Question, ...]:
    """All written questions."""
    return tuple(_bank().questions)


def every_problem() -> tuple[Problem, ...]:
    """All 综合应用题."""
    return tuple(_bank().problems)


def key_in(question: Question, options: Mapping[str, str]) -> str:
    """The key's letter among options as the student lists them; the bank's own without a list or if the words differ."""
    wanted = squeezed(question.answer)
    return next((letter for letter, option in options.items() if squeezed(option) == wanted), question.key)


def find_problem(text: str) -> Problem | None:
    """The problem of the bank that a text names by its id or quotes by its stem."""
    plain = squeezed(text)
    named = [p for p in _bank().problems if squeezed(p.id) in plain]
    return max(named, key=lambda p: len(p.id), default=None) or next(
        (p for p in _bank().problems if squeezed(p.stem) in plain), None
    )


def questions_on(chosen: Sequence[KnowledgePoint]) -> list[Question]:
    """Written questions on these points, in the points' order."""
    ids = [point.id for point in chosen]
    found = [q for q in _bank().questions if any(i in q.points for i in ids)]
    return sorted(found, key=lambda q: min(ids.index(i) for i in q.points if i in ids))


def problems_on(chosen: Sequence[KnowledgePoint]) -> list[Problem]:
    """综合应用题 on these points."""
    ids = {point.id for point in chosen}
    return [p for p in _bank().problems if ids & set(p.points)]


def families_on(chosen: Sequence[KnowledgePoint]) -> list[Family]:
    """Computed families on these points, in the points' order."""
    ids = [point.id for point in chosen]
    found = [f for f in families().values() if any(i in f.points for i in ids)]
    return sorted(found, key=lambda f: min(ids.index(i) for i in f.points if i in ids))


def told(question: Question) -> str:
    """Stem and options as a student reads them."""
    return shown(question.stem, question.options)


@cache
def _bank() -> Bank:
    return read_bank(BANK)


@cache
def _by_id() -> dict[str, Question]:
    return {q.id: q for q in _bank().questions}


@cache
def _stems() -> list[tuple[Question, str]]:
    return [(q, squeezed(q.stem)) for q in _bank().questions]
