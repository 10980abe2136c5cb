"""On what a run computes, and in which precision."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from errors import SettingsError
from finetune.training.config import TrainingConfig

__all__ = ["Hardware", "Precision", "choose_hardware", "peak_memory_mb"]

Precision = Literal["bf16", "fp16", "fp32"]
_DTYPES = {"bf16": "bfloat16", "fp16": "float16", "fp32": "float32"}


@dataclass(frozen=True)
class Hardware:
    """Kind of device, its name, and the precision of the arithmetic."""

    device: Literal["cpu", "cuda"]
    name: str
    precision: Precision

    def dtype(self, precision: str = "auto") -> Any:
        """The torch type of a precision; `auto` is that of the run."""
        import torch

        return getattr(torch, _DTYPES[self.precision if precision == "auto" else precision])


def choose_hardware(config: TrainingConfig) -> Hardware:
    """What this machine has of what the configuration wants.

    Raises:
        SettingsError: it has no GPU, or one that can't do bf16.
    """
    import torch

    gpu = torch.cuda.is_available()
    if config.device == "cuda" and not gpu:
        raise SettingsError(
            "配置要用显卡（device: cuda），这台机器上却找不到。请检查驱动与 PyTorch 的 CUDA 版本，或加 --set device=cpu（慢得多）。"
        )
    if config.device == "cpu" or not gpu:
        return Hardware("cpu", f"CPU（{torch.get_num_threads()} 线程）", _on_cpu(config))
    return Hardware("cuda", torch.cuda.get_device_name(), _on_gpu(config))


def _on_cpu(config: TrainingConfig) -> Precision:
    if config.precision == "fp16":
        raise SettingsError("CPU 上不能用 fp16 训练。请把 precision 改为 auto、fp32 或 bf16。")
    return "bf16" if config.precision == "bf16" else "fp32"


def _on_gpu(config: TrainingConfig) -> Precision:
    import torch

    able = torch.cuda.is_bf16_supported(including_emulation=False)
    if config.precision == "bf16" and not able:
        raise SettingsError(
            f"显卡 {torch.cuda.get_device_name()} 不支持 bf16（要 Ampere 及以后）。请把 precision 改为 auto 或 fp16。"
        )
    if config.precision == "auto":
        return "bf16" if able else "fp16"
    return "fp16" if config.precision == "fp16" else "bf16" if config.precision == "bf16" else "fp32"


def peak_memory_mb(hardware: Hardware) -> float:
    """The most memory that this process has held at once so far, in MiB: of the card, or on a CPU of the machine."""
    if hardware.device == "cuda":
        import torch

        return float(torch.cuda.max_memory_allocated() / 2**20)
    return _peak_of_process() / 2**20


def _peak_of_process() -> float:
    """Bytes. Linux: VmHWM, since getrusage's maximum includes that of the program from which this one was started."""
    try:
        found = re.search(r"^VmHWM:\s*(\d+) kB$", Path("/proc/self/status").read_text(encoding="ascii"), re.MULTILINE)
        if found:
            return int(found.group(1)) * 1024
    except OSError:
        pass  # no /proc: macOS, Windows
    try:
        import resource
    except ImportError:
        import psutil  # type: ignore[import-untyped]

        return float(psutil.Process().memory_info().peak_wset)  # Windows
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)
