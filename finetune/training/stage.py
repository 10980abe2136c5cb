"""One stage from its start to its result: loaded, trained or gone on with, and the chosen checkpoint published."""

from __future__ import annotations

import gc
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from finetune.training.adapter import continued_adapter, fresh_adapter
from finetune.training.answers import answers
from finetune.training.base import Base, load_weights
from finetune.training.checkpoints import checkpoint, half, newest
from finetune.training.config import TrainingConfig
from finetune.training.faults import explained_memory
from finetune.training.hardware import Hardware, peak_memory_mb
from finetune.training.interruption import Interruption
from finetune.training.journal import Journal
from finetune.training.material import StageData
from finetune.training.pace import best_of, stopped, warmup_steps
from finetune.training.processes import barrier, main_process, world_size
from finetune.training.publishing import publish
from finetune.training.rows import cut_back, read_rows, replace_text
from finetune.training.run_folder import RunFolder
from finetune.training.sft import build_trainer, training_arguments
from finetune.training.watching import Watch, evaluations_in, watching

__all__ = ["Interrupted", "Outcome", "Setting", "outcome", "run_stage"]

_DONE = "done.json"
_STATE = "trainer_state.json"


@dataclass(frozen=True)
class Setting:
    """What all stages of a run share."""

    config: TrainingConfig
    base: Base
    tokenizer: Any
    hardware: Hardware
    run: RunFolder
    tell: Callable[[str], None]
    clock: Callable[[], float]


@dataclass(frozen=True)
class Outcome:
    """How a stage ended.

    Attributes:
        step: of the checkpoint that is its result: the best with early stopping, else the last.
        steps: how many were trained.
        last_loss: of the last step.
        best_loss: the lowest evaluation loss; None without evaluation.
        early: whether it was stopped early.
    """

    name: str
    step: int
    steps: int
    last_loss: float
    best_loss: float | None
    early: bool


class Interrupted(Exception):
    """The user stopped the stage; it is saved."""


def outcome(folder: Path) -> Outcome | None:
    """How a stage ended, from its folder; None if it has not."""
    file = folder / _DONE
    return Outcome(**json.loads(file.read_bytes())) if file.is_file() else None


def run_stage(setting: Setting, number: int, data: StageData, start: Path | None, interruption: Interruption) -> Path:
    """Train a stage, or the rest of it; return the folder of its weights.

    Args:
        number: from 1.
        start: an adapter, or with `full` a model, that it goes on from; None for the base.

    Raises:
        Interrupted: the user stopped it.
        TrainingError: memory or disk are full, or a loss is no number.
        ModelLoadError: the weights can't be loaded.
    """
    folder = setting.run.stage(number, data.name)
    result = folder / setting.run.result(setting.config.method).name
    if outcome(folder):
        return result
    last = _prepared(setting, number, data, folder)
    if number > 1:
        _give_back_memory()
    if last is None or not _ended(last, data):
        with explained_memory():
            _train(setting, data, folder, start, last, interruption)
        last = newest(folder)
    barrier()
    assert last is not None  # a stage ends with a checkpoint
    if interruption.requested and not _ended(last, data):
        raise Interrupted
    if main_process():
        _conclude(folder, result, last, data)
    barrier()
    return result


def _prepared(setting: Setting, number: int, data: StageData, folder: Path) -> Path | None:
    """The checkpoint to go on from, after what a kill left half done is cleared away."""
    last = newest(folder)
    barrier()  # all have looked before anything is deleted
    if main_process():
        folder.mkdir(parents=True, exist_ok=True)
        for broken in half(folder):
            setting.tell(f"检查点 {broken.name} 没有写完（训练在存它时被中断），跳过并删去。")
            shutil.rmtree(broken)
        done = [name for name, _ in setting.config.recipes()[: number - 1]]
        step = _state(last)["global_step"] if last else 0
        lost = any(row["stage"] == data.name for row in read_rows(setting.run.metrics))
        for file in (setting.run.metrics, setting.run.samples):
            cut_back(file, done, data.name, step)
        setting.tell(_title(setting, number, data) + "\n" + data.report)
        if last:
            setting.tell(f"从第 {step} 步的检查点接着训练。")
        elif lost:
            setting.tell("上次中断前还没有存下检查点，这个阶段从头开始。要存得更勤，请减小 save_every。")
    barrier()
    return last


def _train(
    setting: Setting, data: StageData, folder: Path, start: Path | None, last: Path | None, interruption: Interruption
) -> None:
    config, hardware = setting.config, setting.hardware
    warmup = warmup_steps(data.recipe, len(data.train.samples), world_size())
    arguments = training_arguments(config, data.recipe, hardware, folder, warmup)
    model = _model(setting, arguments, start)
    board = setting.run.path / "tensorboard" / folder.name if config.tensorboard else None
    journal = Journal(setting.run, data.name, lambda: peak_memory_mb(hardware), setting.clock, board)
    watch = Watch(
        title=data.name, recipe=data.recipe, folder=folder, keep=config.keep_checkpoints, evaluates=data.val is not None,
        scaled=hardware.precision == "fp16", journal=journal, interruption=interruption,
        answer=lambda trained: _answers(setting, data, trained),
    )  # fmt: skip
    val = data.val.samples if data.val else ()
    trainer = build_trainer(
        model, setting.tokenizer, arguments, data.train.samples, val, watching(watch), data.recipe.group_by_length
    )
    try:
        trainer.train(resume_from_checkpoint=str(last) if last else None)
    finally:
        journal.close()


def _model(setting: Setting, arguments: Any, start: Path | None) -> Any:
    config = setting.config
    if config.method == "full":
        return load_weights(start or setting.base.folder, config, setting.hardware, arguments.device)
    base = load_weights(setting.base.folder, config, setting.hardware, arguments.device)
    adapted = continued_adapter(base, start) if start else fresh_adapter(base, config.lora, config.seed)
    if config.parallel == "zero3":  # ZeRO-3 gathers small parameters together: they have to be of one type
        for weight in adapted.parameters():
            if weight.requires_grad:
                weight.data = weight.data.to(base.dtype)
    return adapted


def _answers(setting: Setting, data: StageData, model: Any) -> Any:
    """Where the weights are spread over processes one alone can't answer."""
    config = setting.config
    if config.parallel in ("zero3", "fsdp"):
        return ()
    return answers(model, setting.tokenizer, config.evaluation_inputs, data.recipe.system, config.evaluation_max_tokens)


def _conclude(folder: Path, result: Path, last: Path, data: StageData) -> None:
    state = _state(last)
    history = state["log_history"]
    best = best_of(evaluations_in(history))
    chosen = best.step if best and data.recipe.early_stopping else int(state["global_step"])
    publish(checkpoint(folder, chosen), result)
    ended = Outcome(
        name=data.name, step=chosen, steps=int(state["global_step"]),
        last_loss=[float(row["loss"]) for row in history if "loss" in row][-1],
        best_loss=best.loss if best else None, early=state["global_step"] < state["max_steps"],
    )  # fmt: skip
    replace_text(folder / _DONE, json.dumps(asdict(ended), ensure_ascii=False))


def _ended(last: Path, data: StageData) -> bool:
    """Whether a checkpoint is the end of its stage."""
    state = _state(last)
    over = stopped(evaluations_in(state["log_history"]), data.recipe.early_stopping)
    return over or int(state["global_step"]) >= int(state["max_steps"])


def _state(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / _STATE).read_bytes()))


def _title(setting: Setting, number: int, data: StageData) -> str:
    stages = len(setting.config.recipes())
    processes = f"，{world_size()} 个进程" if world_size() > 1 else ""
    where = f"{setting.hardware.name}，{setting.hardware.precision}{processes}"
    return (f"阶段 {number}/{stages}“{data.name}”" if stages > 1 else "训练") + f"（{setting.config.method}，{where}）"


def _give_back_memory() -> None:
    """The model of the stage before is gone before another is loaded."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
