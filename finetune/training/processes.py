"""Training with several processes: whether the start fits the configuration, who writes, who waits.

`accelerate launch` and `torchrun` start one process a GPU. A run that was meant for eight GPUs but was started as one process
would train, on an eighth of the batch; processes that don't know of each other would write over each other; sharding that
the libraries leave out without a word (FSDP on a CPU) would need the memory of the whole model in each. All of these are
refused, with the command that does it right.

Order in a process (the libraries read the environment at these points):

1. `check_launch(config)` before anything heavy is loaded.
2. `SFTConfig(...)`, with `use_cpu=True` wherever there is no GPU (else the processes stay strangers): reading its `device`
   joins the processes. Before the model is loaded: ZeRO-3 and FSDP then load it in parts instead of once a process.
3. `check_joined()`; from here on `barrier()` works.
"""

from __future__ import annotations

import os
from typing import Protocol

from errors import SettingsError, UsageError
from finetune.training.launch import Launch, number_in, read_launch

__all__ = ["barrier", "check_joined", "check_launch", "command", "main_process", "world_size"]

_CONFIGS = "finetune/configs/accelerate"
_ZERO = {"zero2": 2, "zero3": 3}
_NO_QLORA = ("zero3", "fsdp")


class Parallel(Protocol):
    """The keys of a training configuration that concern processes."""

    @property
    def parallel(self) -> str:
        """none, ddp, zero2, zero3 or fsdp."""

    @property
    def method(self) -> str:
        """lora, qlora or full."""

    @property
    def device(self) -> str:
        """auto, cpu or cuda."""


def main_process() -> bool:
    """Whether this process is the one that writes and prints."""
    return number_in(os.environ, "RANK", 0) == 0


def world_size() -> int:
    """Number of processes of this run, on all machines."""
    return number_in(os.environ, "WORLD_SIZE", 1)


def check_launch(config: Parallel, name: str = "CONFIG") -> None:
    """Refuse a start that doesn't fit the configuration. Imports torch only where GPUs have to be counted.

    Args:
        config: the training configuration.
        name: how the user named it, for the command in the message.

    Raises:
        UsageError: it was started with the wrong launcher or the wrong number of processes; the message has the right command.
        SettingsError: the configuration, that of the launcher, or the machine can't do it.
    """
    launch = read_launch(os.environ)
    if config.method == "qlora" and config.parallel in _NO_QLORA:
        raise SettingsError(
            f"method: qlora 不能与 parallel: {config.parallel} 同用：4 位权重不能这样分片。请改用 parallel: ddp 或 zero2，"
            "或把 method 改成 lora。"
        )
    if wrong := mismatch(config.parallel, launch):
        count = "" if config.parallel == "none" or config.device == "cpu" else "--num_processes 是显卡数；"
        right = command(config.parallel, name, cpu=config.device == "cpu")
        raise UsageError(f"{wrong}请用这条命令启动（{count}原来的 --set、--out 等选项照样写在后面）：\n    {right}")
    if wrong := unusable(config.method, launch):
        raise SettingsError(wrong)
    if launch.size > 1:
        _check_devices(config, launch)


def command(parallel: str, name: str = "CONFIG", processes: int | None = None, cpu: bool = False) -> str:
    """The command that starts a configuration with this `parallel`; accelerate's launcher starts no second process without GPUs."""
    if parallel == "none":
        return f"python -m finetune.train {name}"
    if parallel == "ddp" and cpu:
        return f"torchrun --standalone --nproc-per-node {processes or 2} -m finetune.train {name}"
    return f"accelerate launch --config_file {_CONFIGS}/{parallel}.yaml --num_processes {processes or 8} -m finetune.train {name}"


def mismatch(parallel: str, launch: Launch) -> str:
    """What is wrong with the start, as a sentence; empty if nothing is."""
    if parallel == "none":
        return _more_than_one(launch)
    if launch.size < 2:
        why = "（accelerate launch --cpu 没有 mpirun 时只启动一个进程）" if launch.strangers else ""
        return f"配置是 parallel: {parallel}，要用多个进程训练，现在却只有一个进程{why}。"
    wanted = "deepspeed" if parallel in _ZERO else "fsdp" if parallel == "fsdp" else ""
    if launch.plugin != wanted:
        started = f"用 {launch.plugin} 启动" if launch.plugin else f"没有用 {wanted} 启动，每个进程会各放一个完整的模型"
        return f"配置是 parallel: {parallel}，却{started}。"
    if parallel in _ZERO and launch.zero_stage not in (None, _ZERO[parallel]):
        return f"配置是 parallel: {parallel}，DeepSpeed 的配置却是 ZeRO-{launch.zero_stage}。"
    return ""


def _more_than_one(launch: Launch) -> str:
    if launch.size > 1:
        return (
            f"配置是 parallel: none（一个进程），却启动了 {launch.size} 个进程。要用多个进程，请加 --set parallel=ddp；只用一个，"
        )
    return f"配置是 parallel: none，却用 {launch.plugin} 启动。" if launch.plugin else ""


def unusable(method: str, launch: Launch) -> str:
    """Why what this launcher was configured to would not save the result; empty if it does.

    With FSDP's own activation checkpointing, peft finds none of its weights under their new names and saves an empty adapter
    (accelerate 1.15, peft 0.21).
    """
    if not launch.gathers and launch.plugin == "fsdp":
        return "accelerate 配置里的 fsdp_state_dict_type 应是 FULL_STATE_DICT，否则存不出完整的模型。请改正后重新启动。"
    if not launch.gathers:
        return "DeepSpeed 的配置里 stage3_gather_16bit_weights_on_model_save 应是 true，否则存不出完整的模型。请改正后重新启动。"
    if launch.rewraps and method != "full":
        return (
            "accelerate 配置打开了 fsdp_activation_checkpointing，这会使 LoRA 存成空的适配器。请改为 false，"
            "并在训练配置里用 gradient_checkpointing: true。"
        )
    return ""


def _check_devices(config: Parallel, launch: Launch) -> None:
    """One GPU a process; without any GPU no FSDP (accelerate 1.15 leaves it out and trains as DDP, without a word)."""
    import torch

    gpus = 0 if config.device == "cpu" else torch.cuda.device_count()
    if not gpus and config.parallel == "fsdp":
        raise SettingsError(
            f"parallel: fsdp 要用显卡，现在没有可用的（device: {config.device}）。没有显卡时请用 parallel: ddp、zero2 或 zero3。"
        )
    if 0 < gpus < launch.local_size:
        raise UsageError(
            f"这台机器有 {gpus} 张显卡，却启动了 {launch.local_size} 个进程（一张显卡一个进程）。"
            f"请用 --num_processes {gpus}（多台机器时是各台显卡数之和）。"
        )


def check_joined() -> None:
    """After the training arguments are made: the processes found each other.

    Raises:
        SettingsError: they didn't; each would train, and write, by itself.
    """
    from accelerate import PartialState  # type: ignore[import-untyped]
    from accelerate.utils import DistributedType  # type: ignore[import-untyped]

    started, state = world_size(), PartialState()
    joined = 1 if state.distributed_type == DistributedType.NO else state.num_processes
    if joined != started:
        raise SettingsError(
            f"启动了 {started} 个进程，却只有 {joined} 个连在一起。没有显卡的机器请加 --set device=cpu；"
            "多台机器请检查 --main_process_ip 与端口是否互通。"
        )


def barrier() -> None:
    """Wait until all processes are here; nothing with one process."""
    if world_size() > 1:
        import torch.distributed as dist

        dist.barrier()
