"""A quantized folder as a folder with full weights, which any machine can load: `eval.exam` examines it on a CPU."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import ModelLoadError
from finetune.quantizing.carried import carry_over
from finetune.quantizing.dequantize import awq_weight, compressed_weight
from finetune.quantizing.source import Source

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["check_restorable", "restored_files", "write_restored"]

_AWQ = (".qweight", ".qzeros", ".scales")
_PACKED = (".weight_packed", ".weight_scale", ".weight_zero_point", ".weight_shape", ".weight_g_idx")


def check_restorable(source: Source) -> None:
    """Refuse a folder in another layout than AWQ `gemm` and `pack-quantized`.

    Raises:
        ModelLoadError: it says what it is.
    """
    stated = source.config.get("quantization_config") or {}
    wanted = {"version": "gemm", "bits": 4, "zero_point": True}
    awq = source.quantized == "awq" and all(
        str(stated.get(name, value)).lower() == str(value).lower() for name, value in wanted.items()
    )
    packed = source.quantized == "compressed-tensors" and stated.get("format") == "pack-quantized"
    reordered = any(name.endswith(".weight_g_idx") for name in source.shapes)
    if not (awq or packed) or reordered:
        raise ModelLoadError(
            f"还原不了 {source.folder}（{source.quantized or '没有量化'}）：只会还原 AWQ（gemm，4 位）与"
            " compressed-tensors（pack-quantized，没有改变列的顺序）。"
        )


def write_restored(source: Source, out: Path) -> None:
    """Write the model with full weights to a folder that is there, one file of weights at a time.

    Raises:
        ModelLoadError: the layout is unknown.
    """
    from safetensors.torch import save_file

    placed: dict[str, str] = {}
    dtypes: set[str] = set()
    files = sorted(source.folder.glob("*.safetensors"))
    for file, tensors in zip(files, restored_files(source), strict=True):
        save_file(tensors, out / file.name, metadata={"format": "pt"})
        placed |= dict.fromkeys(tensors, file.name)
        dtypes |= {str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()}
    if len(files) > 1:
        text = json.dumps({"metadata": {}, "weight_map": placed}, indent=2)
        (out / "model.safetensors.index.json").write_text(text, encoding="utf-8")
    config = {name: value for name, value in source.config.items() if name not in ("quantization_config", "torch_dtype")}
    config["dtype"] = "bfloat16" if "bfloat16" in dtypes else "float16"
    (out / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    carry_over(source.folder, out)


def restored_files(source: Source) -> Iterator[dict[str, Tensor]]:
    """The full tensors by name, one file of weights after the other, in the order of names.

    Raises:
        ModelLoadError: the layout is unknown, or a tensor is missing.
    """
    check_restorable(source)
    with ExitStack() as stack:
        weights = _Weights(source, stack)
        for file in weights.files:
            yield dict(weights.restored(file))


class _Weights:
    """The tensors of a folder, read one by one, whichever file they are in."""

    def __init__(self, source: Source, stack: ExitStack) -> None:
        from safetensors import safe_open

        self.files = sorted(source.folder.glob("*.safetensors"))
        self._open: dict[Path, Any] = {file: stack.enter_context(safe_open(file, "pt")) for file in self.files}
        self._places = {name: file for file, opened in self._open.items() for name in opened.keys()}
        self._bits = _bits(source)

    def restored(self, file: Path) -> Iterator[tuple[str, Tensor]]:
        """Name and value of each full tensor whose main part is in `file`."""
        for name in self._open[file].keys():
            layer, dot, part = name.rpartition(".")
            if dot + part == _AWQ[0]:
                qweight, qzeros, scales = (self._tensor(layer + end) for end in _AWQ)
                yield f"{layer}.weight", awq_weight(qweight, qzeros, scales)
            elif dot + part == _PACKED[0]:
                yield f"{layer}.weight", self._compressed(layer)
            elif dot + part not in (*_AWQ, *_PACKED):
                yield name, self._tensor(name)

    def _compressed(self, layer: str) -> Tensor:
        packed, scale, shape = (self._tensor(layer + end) for end in (_PACKED[0], _PACKED[1], _PACKED[3]))
        zero = layer + _PACKED[2]
        zero_point = self._tensor(zero) if zero in self._places else None
        return compressed_weight(packed, scale, zero_point, int(shape[1]), self._bits)

    def _tensor(self, name: str) -> Tensor:
        if name not in self._places:
            raise ModelLoadError(f"量化后的权重不完整：缺少 {name}。请重新量化或下载。")
        tensor: Tensor = self._open[self._places[name]].get_tensor(name)
        return tensor


def _bits(source: Source) -> int:
    groups = (source.config.get("quantization_config") or {}).get("config_groups") or {}
    return next((int(group["weights"]["num_bits"]) for group in groups.values()), 4)
