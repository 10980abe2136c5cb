"""How an embedding model is fine-tuned: what was chosen, and for the rest what suits the kind of the model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.embedding_training.searching import is_static
from vector_db.embedding_prompts import Prompts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["Example", "Plan", "Task", "chosen_plan"]

_PART = 32
"""Texts that are in memory at a time with attention."""


@dataclass(frozen=True)
class Example:
    """Texts of a training step: negatives are as many in all examples."""

    question: str
    passage: str
    negatives: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """Everything that the result depends on besides the texts.

    Attributes:
        part: texts at a time, of which a batch is made; 0: the whole batch at once.
        patience: evaluations without a better result before it stops.
    """

    epochs: float
    batch_size: int
    learning_rate: float
    part: int
    patience: int
    seed: int


@dataclass(frozen=True)
class Task:
    """A plan on a machine.

    Attributes:
        folder: for the checkpoints.
        device: `cpu` or `cuda`.
        score: of a model, the higher the better; asked for after each epoch. None: the last state stays.
        tell: gets a line of Chinese now and then.
    """

    plan: Plan
    prompts: Prompts
    folder: Path
    device: str
    score: Callable[[SentenceTransformer], float] | None
    tell: Callable[[str], None]


_STATIC = Plan(epochs=8, batch_size=256, learning_rate=1e-2, part=0, patience=2, seed=408)
_ATTENTION = Plan(epochs=3, batch_size=64, learning_rate=2e-5, part=_PART, patience=2, seed=408)


def chosen_plan(
    model: SentenceTransformer,
    epochs: float | None,
    batch_size: int | None,
    learning_rate: float | None,
    patience: int,
    seed: int,
) -> Plan:
    """The plan with what was not chosen (None) filled in for the kind of the model."""
    usual = _STATIC if is_static(model) else _ATTENTION
    size = batch_size or usual.batch_size
    part = usual.part if size > usual.part else 0
    return Plan(epochs or usual.epochs, size, learning_rate or usual.learning_rate, part, patience, seed)
