"""Only layouts that are known are restored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError
from finetune.quantizing.restored import check_restorable
from finetune.quantizing.source import Source

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
