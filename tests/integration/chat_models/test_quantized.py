"""Weights in 8 and 4 bits by bitsandbytes, which runs on a CPU too."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from errors import ModelLoadError
from tests.integration.chat_models.families import ANSWER
from tests.integration.chat_models.test_adapters import _adapter


@pytest.mark.backend("local", "quantized", "streams")
@pytest.mark.parametrize(("bits", "layer"), [("8bit", "Linear8bitLt"), ("4bit", "Linear4bit")])
def test_a_quantized_model_answers(folders: Any, load: Any, bits: str, layer: str) -> None:
    pytest.importorskip("bitsandbytes", reason="没有安装 bitsandbytes")
    chat = load(folders("qwen3"), chat_quantization=bits)
    assert type(chat.model.model.layers[0].mlp.up_proj).__name__ == layer
    pieces = [str(piece.content) for piece in chat.stream("死锁？")]
    assert "".join(pieces) == ANSWER and chat.name_told == f"local:qwen3（{bits} 量化）"


@pytest.mark.backend("local", "quantized", "adapter")
def test_an_adapter_on_a_quantized_model(folders: Any, load: Any, tmp_path: Path) -> None:
    pytest.importorskip("bitsandbytes", reason="没有安装 bitsandbytes")
    adapter = _adapter(folders("qwen3"), tmp_path / "adapter")
    answer = load(folders("qwen3"), chat_quantization="4bit", chat_adapter=adapter, chat_max_tokens=20).invoke("死锁？").content
    assert answer and answer != ANSWER


@pytest.mark.backend("local", "errors")
def test_without_bitsandbytes_it_says_how_to_get_it(folders: Any, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.chat_models.loading.find_spec", lambda name: None)
    with pytest.raises(ModelLoadError, match="pip install.*bitsandbytes"):
        load(folders("qwen3"), chat_quantization="8bit")
    assert "torch" in sys.modules
