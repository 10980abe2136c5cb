"""What is no chat model, or not one for this machine: each says what it is and what to do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError
from tests.integration.chat_models.families import ANSWER


def _spoil_config(folder: Path) -> None:
    (folder / "config.json").write_text("{")


def _spoil_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def _cut_weights(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])


def _pickle_weights(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _unknown_kind(folder: Path) -> None:
    _configure(folder, model_type="of_tomorrow", architectures=["OfTomorrow"])


def _awq(folder: Path) -> None:
    _configure(folder, quantization_config={"quant_method": "awq", "bits": 4, "group_size": 128, "version": "gemm"})


def _configure(folder: Path, **values: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


@pytest.mark.backend("local", "errors")
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda folder: (folder / "config.json").unlink(), "不是模型目录：缺少 config.json"),
        (_spoil_config, "不是有效的 JSON"),
        (lambda folder: (folder / "model.safetensors").unlink(), "没有 safetensors 权重"),
        (_pickle_weights, "只接受 safetensors"),
        (_cut_weights, "无法加载.*权重.*TUTOR_CHAT_MODEL"),
        (_spoil_tokenizer, "无法加载.*分词器.*TUTOR_CHAT_MODEL"),
        (lambda folder: (folder / "chat_template.jinja").unlink(), "对话模板"),
        (_unknown_kind, "无法加载本地模型"),
        (_awq, "AWQ.*缺少：CUDA 显卡.*lmdeploy"),
    ],
)
def test_a_spoilt_folder(folders: Any, load: Any, tmp_path: Path, spoil: Callable[[Path], None], told: str) -> None:
    folder = shutil.copytree(folders("qwen3"), tmp_path / "spoilt")
    spoil(folder)
    with pytest.raises(ModelLoadError, match=told):
        load(folder)


@pytest.mark.backend("local", "errors")
@pytest.mark.parametrize(
    ("name", "told"), [("/nowhere/model", "不存在"), ("./model", "不存在"), ("Qwen/Nothing-0B", "没有下载过")]
)
def test_a_model_that_is_not_there(load: Any, name: str, told: str) -> None:
    with pytest.raises(ModelLoadError, match=told):
        load(name)


@pytest.mark.backend("local", "errors")
def test_code_of_a_model_runs_only_if_it_may(folders: Any, load: Any) -> None:
    with pytest.raises(ModelLoadError, match="TUTOR_CHAT_TRUST_REMOTE_CODE=1"):
        load(folders("internlm2"))
    assert load(folders("internlm2"), chat_trust_remote_code=True).invoke("死锁？").content == ANSWER


@pytest.mark.backend("local", "errors", "quantized")
def test_settings_that_this_machine_or_model_cannot_follow(folders: Any, load: Any, tmp_path: Path, monkeypatch: Any) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelLoadError, match="TUTOR_CHAT_DEVICE_MAP"):
        load(folders("qwen3"), chat_device_map="cuda:1")
    gptq = shutil.copytree(folders("qwen3"), tmp_path / "gptq")
    _configure(gptq, quantization_config={"quant_method": "gptq", "bits": 4})
    with pytest.raises(ModelLoadError, match="已经量化过（gptq）"):
        load(gptq, chat_quantization="4bit")


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
def test_precision(folders: Any, load: Any, dtype: str) -> None:
    chat = load(folders("llama"), chat_dtype=dtype, chat_device_map="cpu")
    assert str(chat.model.dtype) == f"torch.{dtype}" and chat.invoke("死锁？").content == ANSWER
