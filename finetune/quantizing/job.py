"""What is to be quantized and how: the command's options, checked against the machine before hours are spent."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from errors import ModelLoadError, UsageError

__all__ = ["BACKENDS", "METHODS", "Job", "check_backend", "check_options", "chosen_device"]

Backend = Literal["lmdeploy", "llm-compressor"]
Method = Literal["awq", "gptq"]
BACKENDS: tuple[Backend, ...] = ("lmdeploy", "llm-compressor")
METHODS: tuple[Method, ...] = ("awq", "gptq")

_SHORTEST = 16
"""Tokens of a window below which the statistics of activations say little."""
_PACKAGE = {"lmdeploy": "lmdeploy", "llm-compressor": "llmcompressor"}
_INSTALL = {
    "lmdeploy": '在训练环境里运行 pip install --no-deps "lmdeploy>=0.18,<0.19"（它要的几个小包已在 requirements-train.txt 里）',
    "llm-compressor": (
        '在训练环境里运行 pip install --no-deps "llmcompressor>=0.14,<0.15" "compressed-tensors==0.19.0"，'
        "再运行 pip install loguru nvidia-ml-py"
    ),
}


@dataclass(frozen=True)
class Job:
    """One quantization.

    Attributes:
        model: folder of the full-precision model.
        bits: of a weight; activations stay at 16.
        group_size: inputs that share a scale.
        device: `cuda` or `cpu`, where calibration runs.
        samples: windows of calibration text, at most.
        seqlen: tokens of each window.
        trust_code: whether code in the model's folder may run.
    """

    model: Path
    backend: Backend = "lmdeploy"
    method: Method = "awq"
    bits: int = 4
    group_size: int = 128
    device: str = "cpu"
    samples: int = 128
    seqlen: int = 2048
    trust_code: bool = False

    @property
    def for_turbomind(self) -> bool:
        """Whether lmdeploy's TurboMind loads the result (0.18: 4 bits, in groups of 128 or, packed by llm-compressor, of 32)."""
        return self.bits == 4 and self.group_size in (32, 128)

    @property
    def scheme(self) -> str:
        """As papers name it: `AWQ W4A16 g128`."""
        return f"{self.method.upper()} W{self.bits}A16 g{self.group_size}"


def check_options(job: Job) -> None:
    """Refuse what no back end, or not the chosen one, can do.

    Raises:
        UsageError: it says which option to change.
    """
    if job.samples < 1 or job.seqlen < _SHORTEST:
        raise UsageError(f"--samples 至少是 1，--seqlen 至少是 {_SHORTEST}，现在是 {job.samples} 和 {job.seqlen}。")
    if job.backend == "llm-compressor":
        return
    if job.bits != 4 or job.group_size != 128 or job.method != "awq":
        raise UsageError(
            "lmdeploy 后端只做 AWQ 4 位、每组 128（TurboMind 只认这一种）。请去掉 --bits、--group-size、--method，"
            "或用 --backend llm-compressor。"
        )


def check_backend(job: Job) -> None:
    """Refuse a back end that is not installed.

    Raises:
        ModelLoadError: it says how to install it.
    """
    if not find_spec(_PACKAGE[job.backend]):
        raise ModelLoadError(f"这个环境里没有 {job.backend}。{_INSTALL[job.backend]}。")


def chosen_device(wanted: str, backend: str) -> str:
    """`cuda` or `cpu` for `auto`, `cuda` or `cpu`.

    Raises:
        UsageError: there is no GPU, or the back end would take the GPU all the same.
    """
    import torch

    gpu = torch.cuda.is_available()
    if wanted == "auto":
        return "cuda" if gpu else "cpu"
    if wanted == "cuda" and not gpu:
        raise UsageError("这台机器没有可用的 CUDA 显卡。请用 --device cpu（慢得多），或换一台有显卡的机器。")
    if wanted == "cpu" and gpu and backend == "llm-compressor":
        raise UsageError("llm-compressor 有显卡就会用显卡。要在 CPU 上运行，请在命令前加 CUDA_VISIBLE_DEVICES=（留空）。")
    return wanted
