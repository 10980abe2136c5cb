"""The callback through which a stage is led: when to evaluate, save and stop, and what is written down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import TrainingError
from finetune.training.answers import Answer
from finetune.training.checkpoints import checkpoint, mark, prune
from finetune.training.config import Recipe
from finetune.training.interruption import Interruption
from finetune.training.journal import Journal
from finetune.training.pace import Evaluation, Pace, best_of, stopped
from finetune.training.processes import barrier, main_process

__all__ = ["Watch", "evaluations_in", "watching"]


@dataclass
class Watch:
    """What the callback needs to know.

    Attributes:
        folder: of the stage, where its checkpoints lie.
        evaluates: whether there is data to evaluate on.
        scaled: fp16: a gradient that is no number only skips its step.
        answer: gives sample answers of the model; none where its weights are spread over processes.
    """

    title: str
    recipe: Recipe
    folder: Path
    keep: int
    evaluates: bool
    scaled: bool
    journal: Journal
    interruption: Interruption
    answer: Callable[[Any], Iterable[Answer]]
    pace: Pace | None = None


def evaluations_in(history: Iterable[Mapping[str, Any]]) -> list[Evaluation]:
    """The evaluations in a trainer's record of losses."""
    return [Evaluation(int(row["step"]), float(row["eval_loss"])) for row in history if "eval_loss" in row]


def watching(watch: Watch) -> Any:
    """The callback for transformers' trainer."""
    from transformers import TrainerCallback

    class Watching(TrainerCallback):  # type: ignore[misc]
        def on_train_begin(self, args: Any, state: Any, control: Any, **known: Any) -> None:
            _begin(watch, state, math.ceil(len(known["train_dataloader"]) / args.gradient_accumulation_steps))

        def on_step_begin(self, args: Any, state: Any, control: Any, **known: Any) -> None:
            watch.journal.step_begun()

        def on_step_end(self, args: Any, state: Any, control: Any, **known: Any) -> None:
            _decide(watch, state.global_step, control)

        def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **known: Any) -> None:
            _written(watch, state, logs)

        def on_evaluate(self, args: Any, state: Any, control: Any, model: Any = None, **known: Any) -> None:
            _evaluated(watch, state, control, model)

        def on_save(self, args: Any, state: Any, control: Any, **known: Any) -> None:
            _saved(watch, state)

    return Watching()


def _begin(watch: Watch, state: Any, epoch: int) -> None:
    watch.pace = Pace(watch.recipe, state.max_steps, max(epoch, 1), watch.evaluates)
    if main_process():
        watch.journal.begin(state.max_steps, state.global_step, watch.title)


def _decide(watch: Watch, step: int, control: Any) -> None:
    assert watch.pace is not None  # training has begun
    control.should_evaluate = watch.pace.evaluation_due(step)
    control.should_save = watch.pace.saving_due(step)
    if watch.interruption.requested:
        control.should_save = control.should_training_stop = True


def _evaluated(watch: Watch, state: Any, control: Any, model: Any) -> None:
    """With early stopping: keep what is best so far, and stop when nothing better comes. Then let it answer."""
    if watch.recipe.early_stopping:
        seen = evaluations_in(state.log_history)
        best = best_of(seen)
        if best and best.step == state.global_step:
            control.should_save = True
        if stopped(seen, watch.recipe.early_stopping):
            control.should_save = control.should_training_stop = True
    if main_process():
        for answer in watch.answer(model):
            watch.journal.answered(state.global_step, answer)


def _saved(watch: Watch, state: Any) -> None:
    barrier()  # every process has written its part
    if main_process():
        best = best_of(evaluations_in(state.log_history)) if watch.recipe.early_stopping else None
        mark(checkpoint(watch.folder, state.global_step))
        prune(watch.folder, watch.keep, best.step if best else None)


def _written(watch: Watch, state: Any, logs: Mapping[str, Any]) -> None:
    if "loss" in logs or "eval_loss" in logs:
        _check_numbers(watch, state.global_step, logs)
        if main_process():
            write = watch.journal.trained if "loss" in logs else watch.journal.evaluated
            write(state.global_step, state.epoch or 0.0, logs)


def _check_numbers(watch: Watch, step: int, logs: Mapping[str, Any]) -> None:
    """Stop before weights that are no numbers are saved.

    Raises:
        TrainingError: loss or gradient is infinite or no number.
    """
    for name in ("loss", "eval_loss", *(() if watch.scaled else ("grad_norm",))):
        if name in logs and not math.isfinite(logs[name]):
            what = "梯度" if name == "grad_norm" else "损失"
            raise TrainingError(
                f"第 {step} 步的{what}不是有限的数（{logs[name]}），训练停下了，这一步没有存。请调低 learning_rate（如减到三分之一），"
                "检查数据里有没有乱码，用 fp16 的请改用 bf16 或 fp32，再重新训练。"
            )
