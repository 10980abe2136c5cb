"""When a stage evaluates, saves and stops: decided from the step and from the losses so far, nothing kept in between.

All is found again in a checkpoint's record of losses, so a resumed run decides as the uninterrupted one did.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from finetune.training.config import EarlyStopping, Recipe

__all__ = ["Evaluation", "Pace", "best_of", "stopped", "warmup_steps"]


@dataclass(frozen=True)
class Evaluation:
    """The evaluation loss after a step."""

    step: int
    loss: float


@dataclass(frozen=True)
class Pace:
    """The rhythm of a stage.

    Attributes:
        steps: of the optimizer in the whole stage.
        epoch: steps in an epoch.
        evaluates: whether there is anything to evaluate on.
    """

    recipe: Recipe
    steps: int
    epoch: int
    evaluates: bool

    def evaluation_due(self, step: int) -> bool:
        """Whether to evaluate after a step; after the last one always, if at all."""
        return self.evaluates and self._due(self.recipe.eval_every, step, self.recipe.eval_every != "never")

    def saving_due(self, step: int) -> bool:
        """Whether to save after a step; after the last one always."""
        return self._due(self.recipe.save_every, step, True)

    def _due(self, every: int | str, step: int, at_last: bool) -> bool:
        if step >= self.steps:
            return at_last
        if every == "never":
            return False
        return step % (self.epoch if isinstance(every, str) else every) == 0


def warmup_steps(recipe: Recipe, samples: int, processes: int) -> int:
    """Steps of the stage's start in which the learning rate rises, rounded down: a short run has none.

    Transformers would round up, and the first step of a rise is at 0: a run of one step would learn nothing.
    """
    batches = math.ceil(samples / (recipe.batch_size * processes))
    return int(math.ceil(batches / recipe.accumulation) * recipe.epochs * recipe.warmup)


def best_of(evaluations: Sequence[Evaluation]) -> Evaluation | None:
    """The lowest loss; of equal ones the first."""
    return min(evaluations, key=lambda one: (one.loss, one.step), default=None)


def stopped(evaluations: Sequence[Evaluation], rule: EarlyStopping | None) -> bool:
    """Whether the last `patience` evaluations all failed to get `min_delta` below the best before them."""
    if rule is None:
        return False
    best, waited = float("inf"), 0
    for one in evaluations:
        better = one.loss < best - rule.min_delta
        best, waited = (one.loss, 0) if better else (best, waited + 1)
        if waited >= rule.patience:
            return True
    return False
