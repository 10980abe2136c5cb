"""What the launcher of a process said: torchrun and `accelerate launch` speak through the environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import SettingsError

__all__ = ["Launch", "number_in", "read_launch"]


@dataclass(frozen=True)
class Launch:
    """What the launcher told this process.

    Attributes:
        rank: number of this process over all machines, from 0.
        size: number of processes over all machines.
        local_size: number of processes on this machine.
        plugin: `deepspeed` or `fsdp` if accelerate was configured for it, else empty.
        zero_stage: stage of ZeRO that DeepSpeed was given; None if it is unknown.
        gathers: whether the result is saved as one whole model or adapter, not in the parts that each process has.
        rewraps: whether FSDP puts its own wrappers for activation checkpointing around the layers.
        strangers: a meeting point but no rank: `accelerate launch --cpu --num_processes 2` leaves the starting of further
            processes to mpirun, and without it starts one without a word.
    """

    rank: int = 0
    size: int = 1
    local_size: int = 1
    plugin: str = ""
    zero_stage: int | None = None
    gathers: bool = True
    rewraps: bool = False
    strangers: bool = False


def read_launch(environ: Mapping[str, str]) -> Launch:
    """Read the variables of torchrun and of `accelerate launch`.

    Raises:
        SettingsError: one of them is no number, or DeepSpeed's configuration can't be read.
    """
    size = number_in(environ, "WORLD_SIZE", 1)
    plugin = next((name for name in ("deepspeed", "fsdp") if _on(environ, f"ACCELERATE_USE_{name.upper()}")), "")
    stage, gathers = _deepspeed(environ) if plugin == "deepspeed" else (None, True)
    if plugin == "fsdp":
        gathers = "FULL_STATE_DICT" in environ.get("FSDP_STATE_DICT_TYPE", "FULL_STATE_DICT")
    return Launch(
        rank=number_in(environ, "RANK", 0),
        size=size,
        local_size=number_in(environ, "LOCAL_WORLD_SIZE", size),
        plugin=plugin,
        zero_stage=stage,
        gathers=gathers,
        rewraps=plugin == "fsdp" and _on(environ, "FSDP_ACTIVATION_CHECKPOINTING"),
        strangers="MASTER_ADDR" in environ and "RANK" not in environ,
    )


def number_in(environ: Mapping[str, str], name: str, default: int) -> int:
    """The number that a variable holds, or the default.

    Raises:
        SettingsError: it holds something else.
    """
    value = environ.get(name) or str(default)
    try:
        return int(value)
    except ValueError as error:
        raise SettingsError(f"环境变量 {name} 应是整数，而不是“{value}”。请用 torchrun 或 accelerate launch 启动。") from error


def _on(environ: Mapping[str, str], name: str) -> bool:
    return environ.get(name, "").lower() in ("1", "true", "yes")


def _deepspeed(environ: Mapping[str, str]) -> tuple[int | None, bool]:
    """Stage, and whether ZeRO-3 gathers what it saves: of the file that accelerate was given, else of its variables."""
    file = environ.get("ACCELERATE_DEEPSPEED_CONFIG_FILE")
    if not file:
        stage = number_in(environ, "ACCELERATE_DEEPSPEED_ZERO_STAGE", 2)
        return stage, stage < 3 or _on(environ, "ACCELERATE_DEEPSPEED_ZERO3_SAVE_16BIT_MODEL")
    try:
        zero: dict[str, Any] = json.loads(Path(file).read_bytes())["zero_optimization"]
        number = zero["stage"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"DeepSpeed 的配置 {file} 读不了，或里面没有 zero_optimization.stage。请检查路径（相对于当前目录）与内容，"
            "自带的在 finetune/configs/deepspeed/。"
        ) from error
    gathers = zero.get("stage3_gather_16bit_weights_on_model_save", False) is True
    return (number, number < 3 or gathers) if isinstance(number, int) else (None, True)
