"""LoRA adapters on the `local:` back end: on top, merged at load, merged into a folder, and the ones that don't fit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError
from tests.integration.chat_models.families import ANSWER, build

QUESTION = "死锁？"


@pytest.fixture(scope="module")
def adapter(folders: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An adapter with weights that change every answer."""
    return _adapter(folders("qwen3"), tmp_path_factory.mktemp("adapter"))


def _adapter(base: Path, folder: Path) -> Path:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    lora = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=30)
    adapted.save_pretrained(folder)
    return folder


def _merged(base: Path, adapter: Path, folder: Path) -> Path:
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
    adapted.merge_and_unload(safe_merge=True).save_pretrained(folder)
    AutoTokenizer.from_pretrained(base).save_pretrained(folder)
    return folder


@pytest.mark.backend("local", "adapter", "streams")
def test_on_top_merged_at_load_and_merged_before_answer_alike(folders: Any, load: Any, adapter: Path, tmp_path: Path) -> None:
    base = folders("qwen3")
    on_top = load(base, chat_adapter=adapter, chat_max_tokens=20)
    at_load = load(base, chat_adapter=adapter, chat_merge_adapter=True, chat_max_tokens=20)
    before = load(_merged(base, adapter, tmp_path / "merged"), chat_max_tokens=20)
    answer = "".join(str(piece.content) for piece in on_top.stream(QUESTION))
    assert answer and answer != ANSWER
    assert at_load.invoke(QUESTION).content == before.invoke(QUESTION).content == answer
    assert on_top.name_told == f"local:qwen3 + {adapter.name}"
    assert "Peft" in type(on_top.model).__name__ and "Peft" not in type(at_load.model).__name__


@pytest.mark.backend("local", "adapter", "errors")
@pytest.mark.parametrize("other", ["narrow", "glm4", "shallow", "deep"])
def test_an_adapter_of_another_base_is_refused(folders: Any, load: Any, adapter: Path, tmp_path: Path, other: str) -> None:
    if other == "narrow":
        wrong = _adapter(build(tmp_path / "base", "qwen3", hidden=64), tmp_path / "wrong")
    elif other == "glm4":
        wrong = _adapter(folders("glm4"), tmp_path / "wrong")
    else:
        wrong = shutil.copytree(adapter, tmp_path / "wrong")
        _change_layers(wrong / "adapter_model.safetensors", other)
    with pytest.raises(ModelLoadError, match="不匹配.*底座") as caught:
        load(folders("qwen3"), chat_adapter=wrong)
    assert "TUTOR_CHAT_ADAPTER" in str(caught.value)


def _change_layers(file: Path, other: str) -> None:
    """Weights as if the base had a layer less, or one more."""
    from safetensors.torch import load_file, save_file

    weights = load_file(file)
    last = {name: weight for name, weight in weights.items() if ".layers.1." in name}
    if other == "shallow":
        weights = {name: weight for name, weight in weights.items() if name not in last}
    else:
        weights |= {name.replace(".layers.1.", ".layers.2."): weight.clone() for name, weight in last.items()}
    save_file(weights, file)


@pytest.mark.backend("local", "adapter", "errors")
def test_what_is_no_adapter_is_named(folders: Any, load: Any, adapter: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match=r"adapter_config\.json.*TUTOR_CHAT_ADAPTER"):
        load(folders("qwen3"), chat_adapter=tmp_path)
    pickled = shutil.copytree(adapter, tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    with pytest.raises(ModelLoadError, match=r"不接受 \.bin"):
        load(folders("qwen3"), chat_adapter=pickled)
    with pytest.raises(ModelLoadError, match="TUTOR_CHAT_ADAPTER 指定它"):
        load(adapter)
    with pytest.raises(ModelLoadError, match="TUTOR_CHAT_MERGE_ADAPTER"):
        load(folders("qwen3"), chat_adapter=adapter, chat_merge_adapter=True, chat_quantization="4bit")
