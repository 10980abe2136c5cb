"""Has a question been seen? Exam questions looked for in training data and in the knowledge base.

A question counts as contaminated if it is found in the corpus in one of two ways, both on text without punctuation, blanks and
differences of width and case:

exact: its stem stands there, whatever the order of its options. A stem under 30 characters names a topic rather than a
    question (下列关于中断的叙述中，正确的是): then the right option, or two of the others, has to stand close behind it too.
near: at least 70 % of its own 13-character n-grams (of stem and options) occur there, and each number of the stem within one.
    The n-grams of 13 are those of GPT-3 (Brown et al. 2020, appendix C), which counts a single one; that a share of 70 % is
    wanted is from PaLM (Chowdhery et al. 2022, section 8). Numbers, because 已知页面大小为 8 KB is another question than 4 KB.
    N-grams that three questions of the exam share are its phrases and count for none.

The exam is indexed and the corpus is read once, so memory does not grow with the corpus.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from knowledge.questions import Question
from vector_db.segmentation import normalize

__all__ = ["GRAM", "NEAR", "Overlap", "Text", "overlaps", "question_hash", "seen_questions"]

GRAM = 13
"""Characters of an n-gram."""
NEAR = 0.7
"""The share of its n-grams from which on a question counts as contaminated."""
_FEWEST = 18
"""Own n-grams from which on their share says something: those of 30 characters."""
_TELLING = 30
"""Characters of a stem that is known by itself."""
_SHARED = 3
"""Questions of the exam that make an n-gram one of its phrases."""
_BEHIND = 600
"""Characters behind a stem, without punctuation, in which its options are looked for."""
_SIGNS = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"[0-9]+")


class Text(NamedTuple):
    """A piece of a corpus and where it stands, for a message in Chinese."""

    text: str
    where: str


@dataclass(frozen=True)
class Overlap:
    """How much of a question a corpus holds.

    Attributes:
        share: of the question's own n-grams, that occur anywhere in the corpus; in [0, 1].
        exact: whether the question stands there as a whole.
        numbers: whether each number of the stem stands there in its n-gram.
        where: where it stands, or the place that holds most of its n-grams.
        grams: number of its own n-grams.
    """

    share: float
    exact: bool
    where: str
    numbers: bool = True
    grams: int = 0

    @property
    def contaminated(self) -> bool:
        """Whether the question has to be taken as seen."""
        return self.exact or (self.share >= NEAR and self.numbers and self.grams >= _FEWEST)


def question_hash(question: Question) -> str:
    """What makes two questions of two runs the same one: stem and options (width, case and blanks aside) and the key; 16 hex digits.

    The order of the options counts, because a model's answer depends on it.
    """
    told = "\x1f".join("".join(normalize(text).split()) for text in (question.stem, *question.options))
    return hashlib.sha256(f"{told}\x1f{question.key}".encode()).hexdigest()[:16]


def seen_questions(questions: Sequence[Question], texts: Iterable[Text]) -> dict[str, Overlap]:
    """The contaminated questions, by `question_hash`."""
    return {key: overlap for key, overlap in overlaps(questions, texts).items() if overlap.contaminated}


def overlaps(questions: Sequence[Question], texts: Iterable[Text]) -> dict[str, Overlap]:
    """What a corpus holds of each question, by `question_hash`; questions of which it holds nothing are left out."""
    exam = _Exam(questions)
    for text in texts:
        exam.look_into(_plain(text.text), text.where)
    return {question_hash(entry.question): entry.overlap() for entry in exam.entries if entry.seen or entry.exact}


def _plain(text: str) -> str:
    """A text without punctuation, blanks and differences of width and case."""
    return _SIGNS.sub("", normalize(text))


@dataclass
class _Entry:
    """A question of the exam and what was seen of it."""

    question: Question
    stem: str
    options: tuple[str, ...]
    own: frozenset[str] = frozenset()
    seen: set[str] = field(default_factory=set)
    exact: bool = False
    where: str = ""
    most: int = 0

    def grams(self) -> set[str]:
        return {gram for part in (self.stem, *self.options) for gram in _grams(part)}

    def note(self, grams: set[str], where: str) -> None:
        self.seen |= grams
        if len(grams) > self.most and not self.exact:
            self.most, self.where = len(grams), where

    def is_at(self, text: str, start: int) -> bool:
        """Whether the question, with options where the stem alone says too little, stands in a text at a place."""
        if not text.startswith(self.stem, start):
            return False
        if len(self.stem) >= _TELLING:
            return True
        end = start + len(self.stem)
        behind = text[end : end + _BEHIND]
        key = _plain(self.question.answer)
        return bool(key and key in behind) or sum(bool(option) and option in behind for option in self.options) > 1

    def overlap(self) -> Overlap:
        share = len(self.seen) / len(self.own) if self.own else 0.0
        return Overlap(share, self.exact, self.where, self._has_numbers(), len(self.own))

    def _has_numbers(self) -> bool:
        """Whether each number of the stem is within an n-gram that was seen, where it is within one of its own."""
        starts = [(i, gram in self.seen) for i, gram in enumerate(_grams(self.stem)) if gram in self.own]
        for number in _NUMBER.finditer(self.stem):
            around = [seen for i, seen in starts if i <= number.start() and number.end() <= i + GRAM]
            if around and not any(around):
                return False
        return True


class _Exam:
    """The questions by their n-grams."""

    def __init__(self, questions: Sequence[Question]) -> None:
        self.entries = [_Entry(q, _plain(q.stem), tuple(map(_plain, q.options))) for q in questions]
        owners = defaultdict[str, list[_Entry]](list)
        for entry in self.entries:
            for gram in entry.grams():
                owners[gram].append(entry)
        self._owners = {gram: held for gram, held in owners.items() if len(held) < _SHARED}
        self._starting = defaultdict[str, list[_Entry]](list)
        for entry in self.entries:
            entry.own = frozenset(gram for gram in entry.grams() if gram in self._owners)
            if len(entry.stem) >= GRAM:
                self._starting[entry.stem[:GRAM]].append(entry)
        self._short = [entry for entry in self.entries if 0 < len(entry.stem) < GRAM]
        self._grams = frozenset(self._owners) | frozenset(self._starting)

    def look_into(self, text: str, where: str) -> None:
        """Note what a text, made plain, holds of the questions."""
        grams, held = self._grams, dict[int, tuple[_Entry, set[str]]]()
        for i in [i for i in range(len(text) - GRAM + 1) if text[i : i + GRAM] in grams]:
            gram = text[i : i + GRAM]
            for entry in self._owners.get(gram, ()):
                held.setdefault(id(entry), (entry, set()))[1].add(gram)
            for entry in self._starting.get(gram, ()):
                _check(entry, text, i, where)
        for entry, found in held.values():
            entry.note(found, where)
        for entry in self._short:
            for start in _places(entry.stem, text):
                _check(entry, text, start, where)


def _check(entry: _Entry, text: str, start: int, where: str) -> None:
    if not entry.exact and entry.is_at(text, start):
        entry.exact, entry.where = True, where


def _grams(text: str) -> list[str]:
    return [text[i : i + GRAM] for i in range(len(text) - GRAM + 1)]


def _places(part: str, text: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)
