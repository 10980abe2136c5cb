"""An answer as sentences with their marks, and what a check of a claim against passages says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from rag.events import Answer
from rag.fence import FencedPassage
from rag.marks import find_marks
from rag.prompts import OTHER_WORDS
from rag.sentences import sentences

__all__ = ["Checked", "Checker", "Sentence", "Verdict", "is_claim", "marked", "sentences_of"]

Verdict = Literal["supported", "unsupported", "contradicted", "unscored"]
_FEWEST = 4
"""Characters of words; a shorter line is a label."""
_RULE = re.compile(r"[\s|:+=-]*")
_REST = re.compile(r"[\s。，、；：！？,.;:!?）)”]*")
"""What may stand behind a mark and belongs to the sentence before it: 避免死锁[1]。"""
_WORDLESS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Checked:
    """A claim and whether passages bear it out; `reason` is the checker's, in Chinese."""

    claim: str
    verdict: Verdict
    reason: str = ""


class Checker(Protocol):
    """Checks claims against passages: a model, or a rule about words."""

    name: str

    def claims(self, question: str, answer: str, spoken: Sequence[str]) -> list[str] | None:
        """The claims of an answer (without marks), whose sentences are `spoken`; None where they could not be told.

        Raises:
            ChatModelError: the model did not answer.
        """
        ...

    def check(self, claims: Sequence[str], passages: Sequence[FencedPassage]) -> list[Checked]:
        """Each claim, in order, against all passages together.

        Raises:
            ChatModelError: the model did not answer.
        """
        ...


@dataclass(frozen=True)
class Sentence:
    """A sentence of an answer, without its marks; `cited` where it carries one, or stands in words that were quoted whole before one."""

    text: str
    cited: bool


def sentences_of(answer: Answer) -> list[Sentence]:
    """The sentences of an answer, in order; a line of a list or a row of a table is one."""
    text, _ = _unmarked(answer.text)
    covered = _standing_for(answer)
    return [Sentence(text[start:end], any(a < end and start < b for a, b in covered)) for start, end in sentences(text)]


def marked(answer: Answer) -> list[str]:
    """What each mark of an answer stands for, in the order of `Answer.marks`.

    It is the sentence that carries the mark: the last one before it. Where the words since the mark before stand in a passage as
    they are (`Citation.literal`), it is all of them, a whole list, say. Marks side by side stand for the same.
    """
    text, _ = _unmarked(answer.text)
    return [text[start:end].strip() for start, end in _standing_for(answer)]


def _standing_for(answer: Answer) -> list[tuple[int, int]]:
    """Bounds, in the text without marks, of what each mark stands for."""
    text, places = _unmarked(answer.text)
    bounds, groups, begin = sentences(text), list[tuple[int, int, list[int]]](), 0
    for number, place in enumerate(places[: len(answer.marks)]):
        if groups and not _WORDLESS.sub("", text[begin:place]):
            groups[-1][2].append(number)
        else:
            groups.append((begin, place, [number]))
        begin = place
    found = list[tuple[int, int]]()
    for start, place, numbers in groups:
        quotes = [one.quote for number in numbers if (one := answer.citations[answer.marks[number]]).literal]
        literal = bool(quotes)
        start = _REST.match(text, start).end()  # type: ignore[union-attr] # it matches nothing, too
        if literal and not any(_same_words(text[start:place], quote) for quote in quotes):
            start = max(start, text.rfind("\n\n", start, place))  # behind an introduction
        last = max((pair for pair in bounds if pair[0] < place), default=(start, place))
        found += [(start, place) if literal else last] * len(numbers)
    return found


def is_claim(text: str) -> bool:
    """Whether a sentence says something that can be checked: no heading, rule of a table, question, lead-in or label."""
    text = text.strip()
    if text.startswith("#") or text.endswith(("：", ":", "？", "?")) or _RULE.fullmatch(text):
        return False
    return len(_WORDLESS.sub("", text)) >= _FEWEST and text not in OTHER_WORDS


def _same_words(words: str, quote: str) -> bool:
    return _WORDLESS.sub("", words) == _WORDLESS.sub("", quote)


def _unmarked(text: str) -> tuple[str, list[int]]:
    """A text without its marks, and where in it each stood."""
    plain, places, last = "", list[int](), 0
    for start, end, _ in find_marks(text):
        plain, last = plain + text[last:start], end
        places.append(len(plain))
    return plain + text[last:], places
