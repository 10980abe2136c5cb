"""The explanation of a bank question in its parts, with the letters of the options as the student lists them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.questions import LETTERS, Question
from knowledge.quotes import squeezed
from rag.stems import split_options

__all__ = ["Explained", "explained", "explained_with", "listed_options", "steps_of"]

_OPENING = re.compile(r"^答案是\s*[A-D][。，.]?\s*")
_WRONG = re.compile(r"^([A-D])\s*项[：:]\s*(.+)$")
_STEP_END = re.compile(r"(?<=[。；;])\s*")


@dataclass(frozen=True)
class Explained:
    """A solved question.

    Attributes:
        options: letter → text as the student lists them; the bank's own where he lists none.
        key: its letter among them.
        reason: why the key is right.
        wrong: letter → why it is not.
    """

    options: Mapping[str, str]
    key: str
    reason: str
    wrong: Mapping[str, str]


def explained(question: Question, text: str) -> Explained:
    """The explanation for a question that was pasted as `text`. Explanations in another form are the reason as a whole."""
    return explained_with(question, *listed_options(question, text))


def explained_with(question: Question, options: Mapping[str, str], letters: Mapping[str, str]) -> Explained:
    """The explanation for a question whose options are listed as `options`; `letters` has the listed letter of each of the bank's."""
    head, *rest = question.explanation.split("\n")
    reason, wrong = [_OPENING.sub("", head)], dict[str, str]()
    for line in rest:
        if match := _WRONG.match(line.strip()):
            wrong[letters[match[1]]] = match[2].strip()
        elif line.strip():
            reason.append(line.strip())
    return Explained(options, letters[question.key], "\n".join(filter(None, reason)), dict(sorted(wrong.items())))


def listed_options(question: Question, text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The options as `text` lists them, and for each letter of the bank the student's; the bank's own order if the words differ."""
    own = dict(zip(LETTERS, question.options, strict=True))
    _, given = split_options(text)
    place = {squeezed(option): letter for letter, option in given.items()}
    if set(place) != {squeezed(option) for option in own.values()}:
        return own, {letter: letter for letter in LETTERS}
    return given, {letter: place[squeezed(option)] for letter, option in own.items()}


def steps_of(reason: str) -> list[str]:
    """A reason cut into its steps, at the ends of sentences and behind semicolons."""
    return [step.strip() for line in reason.split("\n") for step in _STEP_END.split(line) if step.strip()]
