"""Only layouts that are known are restored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from errors import ModelLoadError
from finetune.quantizing.restored import check_restorable, write_restored
from finetune.quantizing.source import Source, read_source

AWQ = {"quant_method": "awq", "version": "gemm", "bits": 4, "zero_point": True}
PACKED = {"quant_method": "compressed-tensors", "format": "pack-quantized"}


def _source(stated: dict[str, Any] | None, *names: str) -> Source:
    config = {"quantization_config": stated} if stated else {}
    return Source(Path("m"), config, dict.fromkeys(names, (1,)), 1, 1)


@pytest.mark.parametrize("stated", [AWQ, AWQ | {"version": "GEMM"}, PACKED])
def test_known(stated: dict[str, Any]) -> None:
    check_restorable(_source(stated))


@pytest.mark.parametrize(
    "stated",
    [
        None,
        {"quant_method": "gptq"},
        AWQ | {"version": "gemv"},
        AWQ | {"bits": 8},
        AWQ | {"zero_point": False},
        PACKED | {"format": "x"},
    ],
)
def test_unknown(stated: dict[str, Any] | None) -> None:
    with pytest.raises(ModelLoadError, match="还原不了 m"):
        check_restorable(_source(stated))


def test_reordered_columns() -> None:
    with pytest.raises(ModelLoadError, match="列的顺序"):
        check_restorable(_source(PACKED, "model.layers.0.q_proj.weight_g_idx"))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_the_precision_of_the_scales_is_kept_and_stated(dtype: torch.dtype, tmp_path: Path) -> None:
    """Loaded as float16, weights of bfloat16 may overflow."""
    folder, out = tmp_path / "quantized", tmp_path / "full"
    folder.mkdir()
    out.mkdir()
    layer = {
        "up.qweight": torch.zeros(8, 1, dtype=torch.int32), "up.qzeros": torch.zeros(2, 1, dtype=torch.int32),
        "up.scales": torch.ones(2, 8, dtype=dtype), "norm.weight": torch.ones(8, dtype=dtype),
    }  # fmt: skip
    save_file(layer, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps({"hidden_size": 8, "torch_dtype": "float16", "quantization_config": AWQ}))
    write_restored(read_source(folder), out)
    config = json.loads((out / "config.json").read_text())
    assert config == {"hidden_size": 8, "dtype": str(dtype).removeprefix("torch.")}
    tensors = load_file(out / "model.safetensors")
    assert set(tensors) == {"up.weight", "norm.weight"} and all(tensor.dtype == dtype for tensor in tensors.values())
