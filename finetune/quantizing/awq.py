"""AWQ by lmdeploy, calibrated with our own text: its data sets all have to be downloaded, so what loads them is replaced.

Lin et al. 2023, AWQ: weights that meet large activations are scaled up before rounding, and the layer before is scaled down.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from errors import ModelLoadError
from finetune.quantizing.job import Job

__all__ = ["check_architecture", "quantize_by_lmdeploy"]


def check_architecture(config: dict[str, Any]) -> None:
    """Refuse an architecture whose layers lmdeploy doesn't know.

    Raises:
        ModelLoadError: it names those that it knows.
    """
    known = _calibrate().LAYER_TYPE_MAP
    name = next(iter(config.get("architectures") or []), "（没有写明）")
    if name not in known:
        raise ModelLoadError(
            f"lmdeploy 不会量化 {name} 结构的模型，它会的有：{'、'.join(known)}。请换一个模型，或试试 --backend llm-compressor。"
        )


def quantize_by_lmdeploy(job: Job, out: Path, windows: Sequence[Sequence[int]]) -> str:
    """Write the quantized model to `out`; what lmdeploy was, as `lmdeploy 0.18.0`.

    The weights are taken as float16, in which the kernels compute.

    Args:
        windows: of `job.seqlen` tokens each.
    """
    import torch

    loaders = [torch.tensor([window]) for window in windows]
    apis, calibrate = import_module("lmdeploy.lite.apis.auto_awq"), _calibrate()
    with _replaced(calibrate, "get_calib_loaders", lambda *_, **__: loaders), _forgotten():
        apis.auto_awq(
            str(job.model),
            work_dir=str(out),
            calib_samples=len(loaders),
            calib_seqlen=job.seqlen,
            w_bits=job.bits,
            w_group_size=job.group_size,
            device=job.device,
            dtype="float16",
            trust_remote_code=job.trust_code,
        )
    for statistics in out.glob("*.pth"):
        statistics.unlink()
    return f"lmdeploy {import_module('lmdeploy').__version__}"


def _calibrate() -> Any:
    return import_module("lmdeploy.lite.apis.calibrate")


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    kept = getattr(module, name)
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, kept)


@contextmanager
def _forgotten() -> Iterator[None]:
    """Its observers live in a global table by layer; those of one model would be looked for in the next."""
    instances = import_module("lmdeploy.lite.utils.global_avail").GlobalAvailMixin.instances()
    try:
        yield
    finally:
        instances.clear()
