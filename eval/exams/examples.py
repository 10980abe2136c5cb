"""Solved questions for the prompt, none of which is asked: a model that is shown the key would be measured on copying it."""

from __future__ import annotations

from collections.abc import Iterable

from eval.exams.samples import stem_hash
from knowledge.questions import Question
from vector_db.segmentation import normalize

__all__ = ["EXAMPLES", "examples_of", "examples_beside", "without"]

EXAMPLES = 5
_SHARED = 2
"""Options that two questions with one stem have in common, if they are one question."""


def examples_of(questions: Iterable[Question]) -> dict[str, list[Question]]:
    """Five questions of each subject, from beginning to end of the syllabus."""
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(question.subject, []).append(question)
    return {s: [group[i * len(group) // EXAMPLES] for i in range(min(EXAMPLES, len(group)))] for s, group in groups.items()}


def examples_beside(asked: Iterable[Question], bank: Iterable[Question]) -> dict[str, list[Question]]:
    """Five questions of each subject of a bank that are not asked.

    Where nearly the whole bank is asked there are none: then they are of the bank, and what is asked must do without them.
    """
    bank = list(bank)
    whole, free = examples_of(bank), examples_of(without(bank, asked))
    return {subject: free[subject] if len(free.get(subject, ())) == EXAMPLES else whole[subject] for subject in whole}


def without(questions: Iterable[Question], others: Iterable[Question]) -> list[Question]:
    """The questions that are none of the others, whose options may stand in another order, or be another in part.

    A stem alone says too little: 下列说法正确的是 stands over many questions.
    """
    known: dict[str, list[set[str]]] = {}
    for other in others:
        known.setdefault(stem_hash(other), []).append(_options(other))
    return [q for q in questions if not any(len(_options(q) & options) >= _SHARED for options in known.get(stem_hash(q), ()))]


def _options(question: Question) -> set[str]:
    return {"".join(normalize(option).split()) for option in question.options}
