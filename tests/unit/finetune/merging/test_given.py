"""What can't be merged is refused by its small files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError, UsageError
from finetune.merging.given import WEIGHTS, read_adapter, read_base


def adapter_of(folder: Path, weights: str = WEIGHTS, **changes: Any) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": 8} | changes
    (folder / "adapter_config.json").write_text(json.dumps(config))
    (folder / weights).write_bytes(b"weights")
    return folder


def base_of(folder: Path, weights: str = "model.safetensors", **changes: Any) -> Path:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "qwen3"} | changes))
    (folder / weights).write_bytes(b"weights")
    return folder


def test_an_adapter_and_its_weight_are_read(tmp_path: Path) -> None:
    found = read_adapter(adapter_of(tmp_path / "a"), 0.5)
    assert (found.part.made.name, found.weight, found.beyond_lora, found.part.lineage) == ("a", 0.5, "", None)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"peft_type": "IA3"}, "只合并 LoRA"),
        ({"task_type": "SEQ_CLS"}, "为 SEQ_CLS 训练的"),
        ({"alora_invocation_tokens": [1]}, "aLoRA.*不能合并"),
        ({"layer_replication": [[0, 1]]}, "layer_replication.*不能合并"),
    ],
)
def test_a_kind_that_cannot_be_merged_is_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read_adapter(adapter_of(tmp_path / "a", **changes), 1.0)


@pytest.mark.parametrize("begun", ["pissa", "pissa_niter_4", "olora", "corda", "loftq", "lora_ga"])
def test_what_changed_its_base_is_refused(tmp_path: Path, begun: str) -> None:
    with pytest.raises(UsageError, match=f"用 {begun} 初始化的.*path_initial_model_for_weight_conversion"):
        read_adapter(adapter_of(tmp_path / "a", init_lora_weights=begun), 1.0)
    assert read_adapter(adapter_of(tmp_path / "b", init_lora_weights="gaussian"), 1.0)


@pytest.mark.parametrize(
    "changes", [{"use_dora": True}, {"bias": "all"}, {"modules_to_save": ["lm_head"]}, {"trainable_token_indices": [1]}]
)
def test_what_is_no_product_of_matrices_has_no_weight(tmp_path: Path, changes: dict[str, Any]) -> None:
    folder = adapter_of(tmp_path / "a", **changes)
    assert read_adapter(folder, 1.0).beyond_lora
    with pytest.raises(UsageError, match="不能按比例合并.*--weight 设为 1"):
        read_adapter(folder, 0.5)


def test_weights_that_are_missing_or_pickled_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="只有 .bin（pickle"):
        read_adapter(adapter_of(tmp_path / "a", "adapter_model.bin"), 1.0)
    with pytest.raises(ModelLoadError, match=f"缺少 {WEIGHTS}"):
        read_adapter(adapter_of(tmp_path / "b", "notes.txt"), 1.0)


def test_what_is_no_adapter_is_told_by_what_it_is(tmp_path: Path) -> None:
    adapter_of(tmp_path / "run" / "adapter")
    base = base_of(tmp_path / "base")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "adapter_config.json").write_text("{")
    for folder, told in (
        (tmp_path / "none", "不存在"),
        (tmp_path, "没有 adapter_config.json"),
        (base, "是完整的模型"),
        (tmp_path / "run", "请用 --adapter .*run/adapter"),
        (tmp_path / "broken", "已损坏"),
    ):
        with pytest.raises(ModelLoadError, match=told):
            read_adapter(folder, 1.0)


@pytest.mark.parametrize("method", ["awq", "bitsandbytes"])
def test_a_quantized_base_is_refused(tmp_path: Path, method: str) -> None:
    base = base_of(tmp_path / "base", quantization_config={"quant_method": method})
    with pytest.raises(UsageError, match=f"量化过的（{method}）.*QLoRA"):
        read_base(str(base))


def test_messages_name_the_arguments_of_this_command(tmp_path: Path) -> None:
    cases = ((str(tmp_path / "none"), "不存在"), (str(adapter_of(tmp_path / "a")), "请用 --adapter 指定它，用 BASE 指定它的底座"))
    for name, told in (
        *cases,
        (str(base_of(tmp_path / "bin", "pytorch_model.bin")), "只接受 safetensors"),
        (str(tmp_path / "none"), "请检查 BASE 里的路径"),
        ("no/model", "设为模型目录"),
    ):
        with pytest.raises(ModelLoadError, match=told) as error:
            read_base(name)
        assert "TUTOR_" not in str(error.value)
