from pathlib import Path

import pytest

from errors import ModelLoadError, UsageError
from finetune.comparing.entrants import Entrant, checked_entrants, entrant_of
from settings import Settings


def test_model_and_adapter(settings: Settings) -> None:
    one = entrant_of(" 微调后 = local:outputs/base+outputs/lora", settings)
    assert (one.name, one.settings.chat_model, one.settings.chat_adapter) == (
        "微调后",
        "local:outputs/base",
        Path("outputs/lora"),
    )
    assert entrant_of("a=openai:gpt+turbo", settings).settings.chat_model == "openai:gpt+turbo"
    plain = entrant_of("a=local:Qwen/Qwen3-8B", settings.model_copy(update={"chat_adapter": Path("x")}))
    assert plain.settings.chat_adapter is None  # one that the environment names is not slipped in


def test_a_plus_sign_in_a_folder_is_part_of_its_name(settings: Settings, tmp_path: Path) -> None:
    base, adapter = tmp_path / "c++", tmp_path / "l+ra"
    assert entrant_of(f"a=local:{base}+{adapter}", settings).settings.chat_adapter is not None
    for folder in (base, adapter):
        folder.mkdir()
    assert entrant_of(f"a=local:{base}", settings).settings.chat_model == f"local:{base}"
    both = entrant_of(f"a=local:{base}+{adapter}", settings).settings
    assert (both.chat_model, both.chat_adapter) == (f"local:{base}", adapter)


@pytest.mark.parametrize("text", ["local:x", "=local:x", "a=", "a=x", "a=local:", "a=extractive", "a=ftp:x"])
def test_what_is_no_entrant_is_told(settings: Settings, text: str) -> None:
    with pytest.raises(UsageError, match="--compare"):
        entrant_of(text, settings)


def test_an_adapter_that_is_none_is_told_before_loading(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="不是适配器"):
        checked_entrants([Entrant("a", settings.model_copy(update={"chat_model": "lmdeploy:x", "chat_adapter": tmp_path}))])


def test_retrained_weights_have_another_identity(settings: Settings, tmp_path: Path) -> None:
    def identity(**changed: object) -> str:
        return Entrant("a", settings.model_copy(update={"chat_model": f"local:{tmp_path}", **changed})).identity

    (tmp_path / "model.safetensors").write_bytes(b"old")
    before = identity()
    assert identity() == before != identity(chat_max_tokens=7)
    (tmp_path / "model.safetensors").write_bytes(b"new")
    assert identity() != before
