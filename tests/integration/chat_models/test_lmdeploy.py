"""The `lmdeploy:` back end: its adapter with a scripted engine, with lmdeploy's own classes, and whole where a GPU is."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage

from errors import ChatModelError, ContextTooLongError, ModelLoadError, SettingsError
from rag.chat_models.lmdeploy import LmdeployChatModel, engine_config
from settings import Settings
from tests.integration.chat_models.families import ANSWER
from tests.integration.chat_models.scripted_engine import ScriptedPipeline, ScriptedResponse, real_pipeline
from tests.integration.chat_models.test_adapters import _adapter

STAND_IN = "lmdeploy（替身引擎）"
OWN = "lmdeploy（它自己的类）"
GPU = "lmdeploy（显卡）"
TALK = [SystemMessage("你是老师。"), HumanMessage("死锁？")]
SCRIPT = [ScriptedResponse("死锁", 1, 9), ScriptedResponse("是互", 2, 9), ScriptedResponse("斥。", 3, 9, "stop")]


@pytest.fixture
def chat(folders: Any) -> Any:
    def make(pipeline: Any, generation_config: Any = SimpleNamespace, **values: Any) -> LmdeployChatModel:
        from transformers import AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folders("qwen3"))
        seams = {"pipeline": pipeline, "generation_config": generation_config, "tokenizer": tokenizer}
        return LmdeployChatModel(name_told="lmdeploy:qwen3", **(seams | {"window": 512} | values))

    return make


@pytest.mark.backend(STAND_IN, "streams", "tokens")
def test_it_streams_and_tells_what_was_used(chat: Any) -> None:
    pipeline = ScriptedPipeline(SCRIPT)
    model = chat(pipeline)
    pieces = list(model.stream(TALK))
    assert [str(piece.content) for piece in pieces if piece.content] == ["死锁", "是互", "斥。"]
    whole = model.invoke(TALK)
    assert whole.usage_metadata == {"input_tokens": 9, "output_tokens": 3, "total_tokens": 12}
    told = whole.response_metadata
    assert (told["model_name"], told["finish_reason"]) == ("lmdeploy:qwen3", "stop")
    asked = pipeline.asked[0]
    assert asked["prompts"] == [{"role": "system", "content": "你是老师。"}, {"role": "user", "content": "死锁？"}]
    assert asked["gen_config"].max_new_tokens == 512 - model.get_num_tokens_from_messages(TALK)
    assert len(asked["gen_config"].stop_token_ids) == 2 and not asked["gen_config"].do_sample


@pytest.mark.backend(STAND_IN, "streams", "stops")
def test_stop_strings_and_leaving_abort_the_session(chat: Any) -> None:
    pipeline = ScriptedPipeline([*SCRIPT[:2], None])
    model = chat(pipeline)
    assert model.invoke(TALK, stop=["互斥", "。"]).content == "死锁是互" and pipeline.sessions[0].aborted.is_set()
    stream = model.stream(TALK)
    next(piece for piece in stream if piece.content)
    begun = time.monotonic()
    stream.close()
    assert pipeline.sessions[1].aborted.is_set() and time.monotonic() - begun < 1


@pytest.mark.backend(STAND_IN, "errors")
def test_what_the_engine_reports_says_what_to_do(chat: Any) -> None:
    long = ScriptedResponse("", 0, 0, "error", "context_length_exceeded", "too long")
    with pytest.raises(ContextTooLongError, match="上下文窗口"):
        chat(ScriptedPipeline([long])).invoke(TALK)
    with pytest.raises(ChatModelError, match="internal_error：out of memory"):
        chat(ScriptedPipeline([ScriptedResponse("", 0, 0, "error", "internal_error", "out of memory")])).invoke(TALK)
    pipeline = ScriptedPipeline(SCRIPT)
    with pytest.raises(ContextTooLongError, match="TUTOR_CHAT_WINDOW_TOKENS"):
        chat(pipeline, window=10).invoke(TALK)
    assert not pipeline.asked


@pytest.mark.backend(STAND_IN, "errors")
def test_without_lmdeploy_or_a_gpu_it_says_so(folders: Any, load: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    name = f"lmdeploy:{folders('qwen3')}"
    monkeypatch.setattr("rag.chat_models.lmdeploy.find_spec", lambda _: None)
    with pytest.raises(ModelLoadError, match=r"requirements-serve\.txt"):
        load("", chat_model=name)
    monkeypatch.setattr("rag.chat_models.lmdeploy.find_spec", lambda _: object())
    monkeypatch.setattr("rag.chat_models.lmdeploy.engine_config", lambda *_: None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelLoadError, match="CUDA 显卡"):
        load("", chat_model=name)


@pytest.mark.backend(OWN, "adapter", "quantized", "errors")
def test_the_engines_configuration_is_what_the_settings_say(folders: Any, tmp_path: Path) -> None:
    lmdeploy = pytest.importorskip("lmdeploy", reason="没有安装 lmdeploy")
    settings = Settings(_env_file=None, chat_tp=2, chat_window_tokens=4096, chat_dtype="bfloat16")
    auto = engine_config(settings, {"quantization_config": {"quant_method": "awq"}})
    assert isinstance(auto, lmdeploy.TurbomindEngineConfig)
    assert (auto.model_format, auto.tp, auto.session_len, auto.dtype) == ("awq", 2, 4096, "bfloat16")
    assert engine_config(settings, {}).model_format is None
    pytorch = settings.model_copy(update={"chat_engine": "pytorch"})
    assert isinstance(engine_config(pytorch, {}), lmdeploy.PytorchEngineConfig)
    adapted = settings.model_copy(update={"chat_adapter": _adapter(folders("qwen3"), tmp_path / "adapter")})
    assert engine_config(adapted, {}).adapters == {"adapter": str(tmp_path / "adapter")}
    with pytest.raises(SettingsError, match="TUTOR_CHAT_ENGINE=pytorch"):
        engine_config(adapted.model_copy(update={"chat_engine": "turbomind"}), {})


@pytest.mark.backend(OWN, "streams", "stops", "tokens")
def test_lmdeploys_own_pipeline_and_sessions(chat: Any) -> None:
    lmdeploy = pytest.importorskip("lmdeploy", reason="没有安装 lmdeploy")
    model = chat(real_pipeline(["死锁", "是", "互斥。"]), lmdeploy.GenerationConfig)
    whole = model.invoke(TALK)
    assert whole.content == "死锁是互斥。" and whole.usage_metadata["total_tokens"] == 8
    assert model.pipeline.async_engine.requests[0]["gen_config"].stop_token_ids
    endless = chat(real_pipeline(["。"], endless=True), lmdeploy.GenerationConfig)
    stream = endless.stream(TALK)
    next(piece for piece in stream if piece.content)
    stream.close()
    assert endless.pipeline.async_engine.finished.wait(1) and not endless.pipeline.session_mgr.sessions


@pytest.mark.backend(GPU, "streams", "stops", "tokens", "adapter", "quantized", "errors")
def test_on_a_gpu(folders: Any, load: Any, tmp_path: Path) -> None:
    import torch

    if not torch.cuda.is_available():
        pytest.skip("这台机器没有 CUDA 显卡")
    pytest.importorskip("lmdeploy", reason="没有安装 lmdeploy")
    folder = shutil.copytree(folders("qwen3"), tmp_path / "qwen3")
    model = load("", chat_model=f"lmdeploy:{folder}", chat_engine="pytorch", chat_dtype="float16")
    assert "".join(str(piece.content) for piece in model.stream("死锁？")) == ANSWER
    assert model.invoke("死锁？").usage_metadata["output_tokens"] in (15, 16)
    with pytest.raises(ContextTooLongError):
        model.invoke([HumanMessage("死锁" * 600)])
    stream = model.stream("死锁？")
    next(piece for piece in stream if piece.content)
    stream.close()
