"""Folders that can't be quantized are refused before anything is loaded, each with its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from safetensors.numpy import save_file

from errors import ModelLoadError, TutorError, UsageError
from finetune.lineage import Lineage, Made, write_lineage
from finetune.quantizing.job import Job
from finetune.quantizing.source import check_source, read_source

MATRIX = "model.layers.0.mlp.up_proj.weight"


@pytest.fixture
def folder(tmp_path: Path) -> Any:
    """A maker of model folders with one matrix of these sizes and further entries of config.json."""

    def make(outputs: int = 256, inputs: int = 128, name: str = MATRIX, **config: Any) -> Path:
        place = tmp_path / "model"
        place.mkdir(exist_ok=True)
        tensors = {name: numpy.zeros((outputs, inputs), "float32"), "norm.weight": numpy.zeros(128, "float16")}
        save_file(tensors, place / "model.safetensors")
        (place / "config.json").write_text(json.dumps({"max_position_embeddings": 4096} | config), encoding="utf-8")
        return place

    return make


def _refusal(folder: Path, **job: Any) -> str:
    with pytest.raises(TutorError) as caught:
        check_source(read_source(folder), Job(folder, **job))
    return str(caught.value)


def test_sizes_are_read_from_the_headers(folder: Any) -> None:
    source = read_source(folder())
    check_source(source, Job(source.folder))
    assert source.shapes[MATRIX] == (256, 128)
    assert (source.size, source.size16) == (256 * 128 * 4 + 256, 256 * 128 * 2 + 256)


def test_matrices_that_groups_do_not_divide(folder: Any) -> None:
    told = _refusal(folder(inputs=192))
    assert "256×192" in told and "每组 128" in told and MATRIX in told
    assert "每组 64" not in told and _refusal(folder(outputs=12)).count("12×128") == 1
    check_source(read_source(folder(inputs=192)), Job(Path(), "llm-compressor", group_size=64))
    assert "没有找到解码层" in _refusal(folder(name="encoder.weight"))


def test_quantized_folders(folder: Any) -> None:
    assert "已经量化过（awq）" in _refusal(folder(quantization_config={"quant_method": "awq"}))
    place = folder()
    write_lineage(place, Lineage("quantized", Made("底座", "0" * 16)))
    assert "已经量化过（见 lineage.json）" in _refusal(place)


def test_windows_longer_than_the_models(folder: Any) -> None:
    assert "--seqlen 8192 超过了模型的窗口 4096" in _refusal(folder(), seqlen=8192)


def test_models_that_see(folder: Any) -> None:
    assert "图文模型" in _refusal(folder(vision_config={}))


def test_what_is_no_model(tmp_path: Path, folder: Any) -> None:
    with pytest.raises(UsageError, match="不存在"):
        read_source(tmp_path / "none")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ModelLoadError, match=r"缺少 config\.json"):
        read_source(empty)
    (empty / "adapter_config.json").write_text("{}")
    with pytest.raises(ModelLoadError, match=r"LoRA 适配器.*finetune\.merge"):
        read_source(empty)
    (empty / "config.json").write_text("{}")
    with pytest.raises(ModelLoadError, match="没有 safetensors"):
        read_source(empty)
    (empty / "pytorch_model.bin").write_bytes(b"\x80")
    with pytest.raises(ModelLoadError, match=r"\.bin"):
        read_source(empty)
    (empty / "config.json").write_text("{")
    with pytest.raises(ModelLoadError, match="不是有效的 JSON"):
        read_source(empty)


@pytest.mark.parametrize("kept", [4, 40, 1000])
def test_half_a_download(folder: Any, kept: int) -> None:
    file = folder() / "model.safetensors"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(ModelLoadError, match="损坏|不完整"):
        read_source(file.parent)
