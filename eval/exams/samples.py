"""What is asked: a question with its options in one order, in one way of asking, with or without passages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eval.exams.rotation import fixed_count, rotatable
from knowledge.questions import LETTERS, Question
from rag.contamination import question_hash
from vector_db.segmentation import normalize

__all__ = [
    "EVIDENCE",
    "GENERATION",
    "LOGPROB",
    "MODES",
    "Sample",
    "fixed_count",
    "rotatable",
    "samples_of",
    "stem_hash",
]

MODES = GENERATION, LOGPROB, EVIDENCE = "gen", "logprob", "evidence"
"""A model writes an answer; the likeliest of the letters after 答案：; options weighed by passages, without any model."""


@dataclass(frozen=True)
class Sample:
    """One asking of a question.

    Attributes:
        rotation: how far the options are moved on, 0 to 3: with 1, option A of the question stands at B.
        mode: `gen`, `logprob` or `evidence`.
        rag: whether passages of the knowledge base are shown.
    """

    question: Question
    rotation: int = 0
    mode: str = GENERATION
    rag: bool = False

    @property
    def options(self) -> tuple[str, ...]:
        """The options as they are shown, A to D."""
        return tuple(self.question.options[(i - self.rotation) % len(LETTERS)] for i in range(len(LETTERS)))

    @property
    def gold(self) -> str:
        """Letter of the right option as it is shown."""
        return LETTERS[(LETTERS.index(self.question.key) + self.rotation) % len(LETTERS)]

    @property
    def key(self) -> tuple[str, str, int, str, bool]:
        """What tells this asking from all others of a run."""
        return question_hash(self.question), self.question.id, self.rotation, self.mode, self.rag

    def original(self, letter: str) -> str:
        """The letter that an option has in the question, from the one it is shown with."""
        return LETTERS[(LETTERS.index(letter) - self.rotation) % len(LETTERS)]


def stem_hash(question: Question) -> str:
    """What a question shares with itself when its options stand otherwise, or its blank is drawn otherwise; 16 hex digits."""
    told = re.sub(r"[\s_。]|\(\)", "", "".join(normalize(question.stem).split())).strip(".,:;?!")
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def samples_of(
    questions: Sequence[Question], modes: Iterable[str], rags: Iterable[bool], rotations: Iterable[int]
) -> Iterator[Sample]:
    """Every question in every way, the ways of one question together, so that an unfinished run is one over whole questions.

    A question that is not `rotatable` is asked as it stands only.
    """
    turns = tuple(rotations)
    ways = [(mode, rag) for mode in modes for rag in rags]
    for question in questions:
        for mode, rag in ways:
            for rotation in turns if turns == (0,) or rotatable(question) else (0,):
                yield Sample(question, rotation, mode, rag)
