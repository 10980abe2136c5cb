"""What comes out of the tutor while it answers: what was found, pieces of the answer, and at the end the checked answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag.citations import Citation

if TYPE_CHECKING:
    from rag.retrieval import Retrieval

__all__ = ["Answer", "Event", "Found", "Token"]


@dataclass(frozen=True)
class Found:
    """Event: retrieval is done, and what it found."""

    retrieval: Retrieval


@dataclass(frozen=True)
class Token:
    """Event: the next piece of the answer, not yet checked."""

    text: str


@dataclass(frozen=True)
class Answer:
    """Event, the last: the answer with its checked citations.

    Attributes:
        citations: empty with `refused`: then the documents don't hold the answer, and `nearest` has the closest places.
        marks: `marks[i]` is the index in `citations` of the i-th mark in `text`.
        notice: a warning to be shown with it.
        subject_confidence: below 1 where the subject was not chosen but found.
        data: what a mode that answers in a form of its own has filled in (tutoring/modes.py), as JSON values.
        memory: what the mode must know at the next turn, as JSON values; it goes with the turn when that is taken back.
    """

    text: str
    subject: str
    model: str
    citations: tuple[Citation, ...] = ()
    marks: tuple[int, ...] = ()
    nearest: tuple[Citation, ...] = ()
    refused: bool = False
    notice: str = ""
    subject_confidence: float = 1.0
    data: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)


Event = Found | Token | Answer
