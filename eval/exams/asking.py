"""What asks a sample, and what it brings back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from eval.exams.samples import Sample

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["Asker", "Reply"]


@dataclass(frozen=True)
class Reply:
    """What a sample brought: `letter` and `scores` by the letters as shown; the rest as in a `Record`."""

    letter: str | None
    prompt: str = ""
    raw: str = ""
    reason: str = ""
    scores: Mapping[str, float | None] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    finish_reason: str = "stop"
    passages: Sequence[Passage] = ()


class Asker(Protocol):
    """Asks one sample at a time; called from several threads at once."""

    def ask(self, sample: Sample, passages: Sequence[Passage]) -> Reply:
        """Ask it, with these passages (none without retrieval).

        Raises:
            ChatModelError: the model did not answer; the sample stays pending.
        """
        ...
