"""Pairs from the exam bank and from question families: the reasoning is the answer, and its last line the letter."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from finetune.conversations.conversation import Conversation, Source
from finetune.making.pair import pair
from knowledge.bank import BANK, read_bank
from knowledge.generators import Family, families
from knowledge.problems import Problem
from knowledge.questions import Question, shown
from knowledge.subjects import SUBJECTS
from rag.prompts_exam import ANSWER_CUE

__all__ = ["pairs_from_bank", "pairs_from_families"]

_BEGINS = re.compile(r"^答案(?:是|为|：)?\s*[A-D][。，；]?\s*")
_FIRST_SEED = 1_000_000_000_000
"""Seeds of computed exams are their `--seed` times a million, practice draws below a million: these are neither."""
_PATIENCE = 20
"""A family that gives nothing new so many times in turn has hardly anything left."""


def pairs_from_bank(subjects: Sequence[str] = ()) -> Iterator[Conversation]:
    """A pair of each choice question and each problem of the shipped bank.

    Args:
        subjects: ids; all if empty.

    Raises:
        ContentError: the bank can't be read.
    """
    bank = read_bank(BANK)
    wanted = set(subjects or SUBJECTS)
    yield from (_choice(one, f"questions/{one.subject}.jsonl") for one in bank.questions if one.subject in wanted)
    yield from (_worked(one) for one in bank.problems if one.subject in wanted)


def pairs_from_families(n: int, seed: int, chosen: Sequence[str] = ()) -> Iterator[Conversation]:
    """`n` computed questions with different stems, the families taking turns; fewer if there are no more.

    Args:
        chosen: ids of subjects; all if empty.
    """
    turns = [family for family in families().values() if not chosen or family.subject in chosen]
    rng, found = random.Random(f"training/{seed}"), 0
    repeats, stems = dict.fromkeys(turns, 0), set[str]()
    rng.shuffle(turns)
    while turns and found < n:
        for family in list(turns):
            question = _drawn(family, rng, seed)
            if question.stem in stems:
                repeats[family] += 1
                if repeats[family] >= _PATIENCE:
                    turns.remove(family)
                continue
            stems.add(question.stem)
            found, repeats[family] = found + 1, 0
            yield _choice(question, f"generators/{family.id}")
            if found == n:
                return


def _drawn(family: Family, rng: random.Random, seed: int) -> Question:
    return family.generate(_FIRST_SEED * (1 + seed) + rng.randrange(1_000_000_000), rng.randint(1, 5))


def _choice(question: Question, document: str) -> Conversation:
    reasons = _BEGINS.sub("", question.explanation.strip())
    answer = "\n".join(filter(None, (reasons, f"{ANSWER_CUE}{question.key}")))
    return pair(shown(question.stem, question.options), answer, _source(question, document))


def _worked(problem: Problem) -> Conversation:
    asked = "\n".join((problem.stem, *(part.question for part in problem.parts)))
    answer = "\n".join(f"{_number(part.question)}{part.answer}" for part in problem.parts)
    return pair(asked, answer, _source(problem, f"questions/problems/{problem.subject}.jsonl"))


def _number(question: str) -> str:
    found = re.match(r"\s*[(（]\d+[)）]", question)
    return f"{found[0].strip()} " if found else ""


def _source(entry: Question | Problem, document: str) -> Source:
    return Source(document, None, "、".join(entry.points), entry.subject, "", "", entry.id)
