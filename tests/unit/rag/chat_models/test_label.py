from pathlib import Path

import pytest

from rag.chat_models.label import is_generative, model_label
from settings import Settings


def make(**values) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("local:/srv/models/Qwen3-8B", "local:Qwen3-8B"),
        ("local:/srv/models/Qwen3-8B/", "local:Qwen3-8B"),
        ("local:Qwen/Qwen3-8B", "local:Qwen/Qwen3-8B"),
        ("local:./Qwen3-8B", "local:Qwen3-8B"),
        ("lmdeploy:C:\\models\\glm", "lmdeploy:glm"),
        ("openai:deepseek/v4", "openai:deepseek/v4"),
    ],
)
def test_a_path_is_told_by_its_name_alone(name: str, label: str) -> None:
    assert model_label(make(chat_model=name)) == label


def test_adapter_and_quantization_are_told_where_they_are_used() -> None:
    values = {"chat_adapter": Path("/a/lora-3"), "chat_quantization": "4bit"}
    assert model_label(make(chat_model="local:m", **values)) == "local:m + lora-3（4bit 量化）"
    assert model_label(make(chat_model="openai:m", **values)) == "openai:m"
    assert not is_generative(make()) and is_generative(make(chat_model="openai:m"))
