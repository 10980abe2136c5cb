"""How well questions find their passages: recall, reciprocal rank, and what of a difference is more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from finetune.embedding_training.searching import Vectors

__all__ = ["CUTS", "Interval", "Retrieved", "bootstrapped", "ranks_of"]

CUTS = (1, 5, 10)
_RESAMPLES = 2000
_SEED = 408
_BLOCK = 256


@dataclass(frozen=True)
class Interval:
    """A mean over questions with its 95 % interval (percentile bootstrap over the questions)."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class Retrieved:
    """The rank of the first answering passage for each question, from 1."""

    ranks: tuple[int, ...]

    @property
    def reciprocal(self) -> list[float]:
        """1 / rank."""
        return [1 / rank for rank in self.ranks]

    def recall(self, cut: int) -> Interval:
        """Share of the questions with an answering passage among the first `cut`."""
        return bootstrapped([float(rank <= cut) for rank in self.ranks])

    def mrr(self) -> Interval:
        """Mean reciprocal rank."""
        return bootstrapped(self.reciprocal)

    def to_json(self) -> dict[str, Any]:
        """All figures, rounded: [mean, low, high]."""
        figures = {f"recall@{cut}": self.recall(cut) for cut in CUTS} | {"mrr": self.mrr()}
        return {name: [round(value, 4) for value in (one.mean, one.low, one.high)] for name, one in figures.items()}


def bootstrapped(values: Sequence[float]) -> Interval:
    """Mean and interval; the resampling is seeded, so that a figure can be repeated.

    Raises:
        ValueError: there are no values.
    """
    import numpy as np

    if not values:
        raise ValueError("no values: a mean of nothing is not 0")
    data = np.asarray(values, dtype=float)
    rng = np.random.default_rng(_SEED)
    means = [data[rng.integers(0, len(data), len(data))].mean() for _ in range(_RESAMPLES)]
    low, high = np.quantile(means, (0.025, 0.975))
    return Interval(float(data.mean()), float(low), float(high))


def ranks_of(questions: Vectors, passages: Vectors, answers: Sequence[frozenset[int]]) -> Retrieved:
    """The ranks by cosine similarity. Passages as similar as the best answer stand before it: a model that tells nothing apart
    gets no credit.

    Args:
        answers: for each question the places of the passages that answer it; at least one.
    """
    ranks = list[int]()
    for start in range(0, len(questions), _BLOCK):
        similarities = questions[start : start + _BLOCK] @ passages.T
        for row, held in zip(similarities, answers[start : start + _BLOCK], strict=True):
            best = max(row[place] for place in held)
            others = (row >= best).sum() - sum(row[place] >= best for place in held)
            ranks.append(int(others) + 1)
    return Retrieved(tuple(ranks))
