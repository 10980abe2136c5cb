"""When a stage evaluates, saves and stops."""

from __future__ import annotations

from typing import Any

import pytest

from finetune.training.config import EarlyStopping, Recipe
from finetune.training.pace import Evaluation, Pace, best_of, stopped, warmup_steps


def pace(evaluates: bool = True, **recipe: Any) -> Pace:
    return Pace(Recipe(**recipe), steps=10, epoch=4, evaluates=evaluates)


def due(rhythm: Pace, what: str) -> list[int]:
    return [step for step in range(1, 11) if getattr(rhythm, f"{what}_due")(step)]


@pytest.mark.parametrize(("every", "steps"), [("epoch", [4, 8, 10]), (3, [3, 6, 9, 10]), ("never", [10])])
def test_the_last_step_is_always_saved(every: Any, steps: list[int]) -> None:
    assert due(pace(save_every=every), "saving") == steps


@pytest.mark.parametrize(("every", "steps"), [("epoch", [4, 8, 10]), (5, [5, 10]), ("never", [])])
def test_the_last_step_is_evaluated_unless_never(every: Any, steps: list[int]) -> None:
    assert due(pace(eval_every=every), "evaluation") == steps


def test_without_data_nothing_is_evaluated() -> None:
    assert due(pace(evaluates=False, eval_every=1), "evaluation") == []


def seen(*losses: float) -> list[Evaluation]:
    return [Evaluation(step, loss) for step, loss in enumerate(losses, 1)]


def test_the_best_is_the_first_of_the_lowest() -> None:
    assert best_of(seen(3, 1, 1, 2)) == Evaluation(2, 1)
    assert best_of([]) is None


@pytest.mark.parametrize(
    ("losses", "patience", "delta", "ends"),
    [
        ((3, 2, 2.5, 2.4), 2, 0, True),
        ((3, 2, 2.5, 1.9), 2, 0, False),
        ((3, 2.95, 2.9), 2, 0.2, True),
        ((3, 2.95, 2.7), 2, 0.2, False),
        ((3,), 1, 0, False),
        ((3, 3), 1, 0, True),
        ((1, 2, 0.5, 0.4), 1, 0, True),
    ],
)
def test_it_stops_when_nothing_better_comes(losses: tuple[float, ...], patience: int, delta: float, ends: bool) -> None:
    assert stopped(seen(*losses), EarlyStopping(patience=patience, min_delta=delta)) is ends


def test_without_a_rule_it_never_stops() -> None:
    assert not stopped(seen(1, 2, 3, 4), None)


@pytest.mark.parametrize(
    ("samples", "epochs", "warmup", "steps"), [(1, 1, 0.5, 0), (100, 2, 0.1, 5), (100, 2, 0, 0), (9, 4, 0.5, 6)]
)
def test_the_rise_of_the_learning_rate_is_rounded_down(samples: int, epochs: float, warmup: float, steps: int) -> None:
    """4 a step: 2 processes of 2."""
    assert warmup_steps(Recipe(batch_size=2, accumulation=1, epochs=epochs, warmup=warmup), samples, 2) == steps
