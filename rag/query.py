"""From what a student typed to what is searched: options apart from the stem, a follow-up made to stand alone. No model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from rag.follow_ups import next_context, standalone
from rag.stems import core_of, is_negated, split_options

__all__ = ["OPTION_WEIGHT", "Query", "understand"]


OPTION_WEIGHT = 0.3
"""What a search for stem and one option counts beside 1 for the stem: four of them about as much as the stem. Not yet tuned."""
_REMEMBERED = 20  # earlier questions that are looked at


@dataclass(frozen=True)
class Query:
    """What is searched for a question.

    `text` is the question as it reads without the conversation, options included; `stem` and `options` (letter → text) are
    its parts, empty for a question without options. `negated`: it asks for the one that is wrong or does not belong.
    `searches` are (text, weight) whose rankings are to be fused; the first has weight 1.
    """

    text: str
    stem: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    negated: bool = False
    searches: tuple[tuple[str, float], ...] = ()


def understand(question: str, history: Sequence[str] = ()) -> Query:
    """The query of a question; `history` are the student's earlier questions, oldest first."""
    context = ""
    for earlier in history[-_REMEMBERED:]:
        context = next_context(earlier, context)
    stem, options = split_options(question)
    alone = standalone(stem, context)
    if not options:
        return Query(alone, negated=is_negated(question), searches=((alone, 1.0),))
    core = core_of(alone)
    searches = ((core, 1.0), *((f"{core} {option}", OPTION_WEIGHT) for option in options.values()))
    added = alone.removesuffix(stem) if alone.endswith(stem) else f"{alone} "
    return Query(added + question.strip(), stem, MappingProxyType(options), is_negated(stem), searches)
