import json
from pathlib import Path

import pytest

from errors import ModelLoadError
from rag.chat_models.model_folder import folder_digest, quantization_of, read_config, window_of


@pytest.mark.parametrize(
    ("config", "window"),
    [
        ({"max_position_embeddings": 32768}, 32768),
        ({"seq_length": 8192}, 8192),
        ({"text_config": {"max_position_embeddings": 4096}}, 4096),
        ({"max_position_embeddings": None, "text_config": None}, None),
        ({}, None),
    ],
)
def test_window_by_family(config: dict, window: int | None) -> None:
    assert window_of(config) == window


def test_quantization() -> None:
    assert quantization_of({"quantization_config": {"quant_method": "awq"}}) == "awq"
    assert (
        quantization_of({"quantization_config": {}}) is quantization_of({}) is quantization_of({"quantization_config": 4}) is None
    )


def test_a_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "qwen3"}))
    (tmp_path / "model.safetensors").touch()
    assert read_config(str(tmp_path)) == {"model_type": "qwen3"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "缺少 config.json"),
        ({"config.json": "[]"}, "不是模型的配置"),
        ({"config.json": "{"}, "JSON"),
        ({"config.json": "{}"}, "没有 safetensors"),
        ({"config.json": "{}", "model.bin": ""}, "pickle"),
        ({"adapter_config.json": "{}"}, "TUTOR_CHAT_ADAPTER"),
    ],
)
def test_each_fault_of_a_folder_has_its_message(tmp_path: Path, files: dict[str, str], told: str) -> None:
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(ModelLoadError, match=told):
        read_config(str(tmp_path))


@pytest.mark.parametrize("name", ["/nowhere", "./nowhere", "a/b/c", "C:\\models\\m"])
def test_what_can_only_be_a_path_is_no_name(name: str) -> None:
    with pytest.raises(ModelLoadError, match="不存在"):
        read_config(name)


def test_a_digest_tells_weights_apart_that_differ_in_the_middle(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "same", "other", "longer")]
    weights = bytearray(12 << 20)
    for folder in folders:
        folder.mkdir()
        if folder.name == "other":
            weights[5 << 20 : 6 << 20] = b"\1" * (1 << 20)  # a matrix of a layer
        (folder / "model.safetensors").write_bytes(weights + (b"\0" if folder.name == "longer" else b""))
        (folder / "config.json").write_text("{}", encoding="utf-8")
    one, same, other, longer = map(folder_digest, folders)
    assert one == same and len({one, other, longer}) == 3


def test_every_byte_of_a_small_file_counts(tmp_path: Path) -> None:
    weights = bytearray(3 << 20)
    file = tmp_path / "adapter_model.safetensors"
    found = set()
    for place in (0, 777_777, 1_572_864, len(weights) - 1):
        file.write_bytes(weights[:place] + b"\1" + weights[place + 1 :])
        found.add(folder_digest(tmp_path))
    assert len(found) == 4
