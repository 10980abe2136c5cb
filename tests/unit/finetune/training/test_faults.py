"""What goes wrong, in words."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError
from finetune.training.config import Recipe
from finetune.training.faults import TrainingError, explained_memory, in_config_words, saving_failed
from finetune.training.watching import Watch, watching


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA out of memory. Tried"), MemoryError(), RuntimeError("can't allocate memory")]
)
def test_no_memory_says_what_to_lower(error: Exception) -> None:
    with pytest.raises(TrainingError, match="batch_size"), explained_memory():
        raise error


def test_another_fault_stays_itself() -> None:
    with pytest.raises(RuntimeError, match="shape"), explained_memory():
        raise RuntimeError("shape")


def test_messages_name_the_key_not_the_setting() -> None:
    with pytest.raises(ModelLoadError) as raised, in_config_words():
        raise ModelLoadError("模型目录“x”不存在。请检查 TUTOR_CHAT_MODEL 里的路径。")
    assert str(raised.value) == "模型目录“x”不存在。请检查 配置里的 model 里的路径。"


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), RuntimeError("PytorchStreamWriter failed writing file"), Exception("No space left")]
)
def test_a_full_disk_is_known_however_it_is_said(error: Exception) -> None:
    assert "磁盘已满" in str(saving_failed(error, Path("x")))


def test_not_every_fault_is_the_disk() -> None:
    assert saving_failed(RuntimeError("mat1 and mat2"), Path("x")) is None


class State:
    global_step, epoch = 7, 1.0


class Rows:
    def __init__(self) -> None:
        self.rows: list[Any] = []

    def trained(self, step: int, epoch: float, logs: Any) -> None:
        self.rows.append(logs)

    evaluated = trained


def watched(scaled: bool = False) -> tuple[Any, Rows]:
    journal: Any = Rows()
    recipe = Recipe(train=(Path("a"),))
    silent: Any = None
    return watching(Watch("t", recipe, Path(), 1, False, scaled, journal, silent, lambda model: ())), journal


@pytest.mark.parametrize("logs", [{"loss": float("nan")}, {"eval_loss": float("inf")}, {"loss": 1.0, "grad_norm": float("nan")}])
def test_a_loss_that_is_no_number_stops_the_run_before_it_is_saved(logs: dict[str, float]) -> None:
    callback, journal = watched()
    with pytest.raises(TrainingError, match="调低 learning_rate"):
        callback.on_log(None, State(), None, logs=logs)
    assert journal.rows == []


def test_with_fp16_a_gradient_may_overflow() -> None:
    callback, journal = watched(scaled=True)
    callback.on_log(None, State(), None, logs={"loss": 1.0, "grad_norm": float("inf")})
    assert len(journal.rows) == 1


def test_the_summary_at_the_end_is_no_step() -> None:
    callback, journal = watched()
    callback.on_log(None, State(), None, logs={"train_loss": float("nan")})
    assert journal.rows == []
