"""A model served in this process by lmdeploy (TurboMind or its PyTorch engine), for the serving environment with a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from threading import Event
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from errors import ChatModelError, ContextTooLongError, LettersUnavailableError, ModelLoadError, SettingsError
from rag.chat_models.adapters import check_adapter
from rag.chat_models.back_end import last_chunk, text_chunk
from rag.chat_models.label import model_label
from rag.chat_models.letters import NOT_FROM_HERE, LetterScores
from rag.chat_models.loading import load_tokenizer
from rag.chat_models.model_folder import quantization_of, read_config, window_of
from rag.chat_models.pump import pumped
from rag.chat_models.stops import StopStrings
from rag.chat_models.templated import TemplatedChatModel
from rag.chat_models.window import room_for_answer
from settings import Settings

__all__ = ["LmdeployChatModel", "engine_config"]

_ADAPTER = "adapter"
_FORMATS = {"awq": "awq", "gptq": "gptq", "compressed-tensors": "compressed-tensors"}
"""From `quant_method` in config.json to lmdeploy's `model_format`."""


class LmdeployChatModel(TemplatedChatModel):
    """An lmdeploy pipeline; many clients at once share its batch. Greedy, so repeatable.

    Attributes:
        pipeline: `lmdeploy.Pipeline`.
        generation_config: `lmdeploy.GenerationConfig`, the class.

    Raises (while it answers):
        ContextTooLongError: the prompt fills the window; nothing was generated.
        ChatModelError: the engine failed.
    """

    pipeline: Any
    generation_config: Any
    adapter_name: str | None = None

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> LmdeployChatModel:
        """Start the engine.

        Raises:
            SettingsError: the settings contradict each other.
            ModelLoadError: lmdeploy is not installed, or can't load the model.
        """
        if not find_spec("lmdeploy"):
            raise ModelLoadError(
                "这个环境里没有 lmdeploy。它需要 CUDA 显卡和自己的环境，安装方法写在 requirements-serve.txt 里；"
                "或在那里启动 lmdeploy serve api_server，再设 TUTOR_CHAT_MODEL=openai:模型名；没有显卡时请用 local:。"
            )
        config = read_config(name)
        tokenizer = load_tokenizer(settings, name)
        return cls(
            pipeline=_start(settings, name, engine_config(settings, config)),
            generation_config=_lmdeploy().GenerationConfig,
            tokenizer=tokenizer,
            name_told=model_label(settings),
            window=settings.chat_window_tokens or window_of(config),
            max_new_tokens=settings.chat_max_tokens,
            adapter_name=_ADAPTER if settings.chat_adapter else None,
        )

    @property
    def _llm_type(self) -> str:
        return "lmdeploy"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Yield text as it is generated; leaving the loop early aborts the request. `max_tokens` as for `local:`."""
        turns = self._template.turns(messages)
        prompt = len(self._template.prompt(messages))
        limit = room_for_answer(prompt, self.window, kwargs.get("max_tokens") or self.max_new_tokens)
        session = self.pipeline.session()
        stops, answer, reason = StopStrings(stop), 0, "length"
        with closing(pumped(partial(self._work, turns, session, limit), partial(_abort, session))) as responses:
            for response in responses:
                if response is None:
                    yield text_chunk("")
                    continue
                _check(response, self.name_told)
                prompt, answer = response.input_token_len or prompt, response.generate_token_len or answer
                reason = response.finish_reason or reason
                yield text_chunk(stops.push(response.text))
                if stops.met:
                    reason = "stop"
                    break
        yield text_chunk(stops.finish())
        yield last_chunk(self.name_told, reason, prompt, answer)

    def letter_scores(self, prompt: str, letters: Sequence[str], templated: bool = False) -> LetterScores:
        """Not from inside this process: a greedy step has one candidate (lmdeploy 0.18 sets `top_k=1`), and the PyTorch engine
        tells probabilities only where it was started with `logprobs_mode`.

        Raises:
            ChatModelError: always; it says how the model can be asked for them.
        """
        raise LettersUnavailableError(
            "lmdeploy: 在进程内不能给出选项字母的概率。请用 lmdeploy serve api_server 模型目录 --backend pytorch "
            f"--logprobs-mode raw_logprobs 启动接口，再设 TUTOR_CHAT_MODEL=openai:模型名；或用 local:；或{NOT_FROM_HERE}。"
        )

    def _work(self, turns: list[dict[str, str]], session: Any, limit: int, put: Callable[[Any], None], halt: Event) -> None:
        ends = sorted(self._template.end_tokens())
        chosen = self.generation_config(max_new_tokens=limit, do_sample=False, stop_token_ids=ends)
        answers = self.pipeline.stream_infer(turns, sessions=session, gen_config=chosen, adapter_name=self.adapter_name)
        for response in answers:
            put(response)
            if halt.is_set():
                return


def engine_config(settings: Settings, config: dict[str, Any]) -> Any:
    """lmdeploy's configuration of the engine that the settings want, for a model with this `config.json`.

    Raises:
        SettingsError: an adapter with TurboMind, which knows none.
        ModelLoadError: the adapter's folder is none.
    """
    shared: dict[str, Any] = {"tp": settings.chat_tp, "session_len": settings.chat_window_tokens}
    shared["dtype"] = settings.chat_dtype if settings.chat_dtype != "float32" else "auto"  # neither engine computes in it
    if settings.chat_adapter:
        if settings.chat_engine == "turbomind":
            raise SettingsError("TurboMind 引擎不支持 LoRA 适配器。请设 TUTOR_CHAT_ENGINE=pytorch，或先合并适配器再部署。")
        check_adapter(settings.chat_adapter)
        return _lmdeploy().PytorchEngineConfig(adapters={_ADAPTER: str(settings.chat_adapter)}, **shared)
    if settings.chat_engine == "pytorch":
        return _lmdeploy().PytorchEngineConfig(**shared)
    return _lmdeploy().TurbomindEngineConfig(model_format=_FORMATS.get(quantization_of(config) or ""), **shared)


def _lmdeploy() -> Any:
    """The package, which the app's own environment doesn't have (and importing it takes seconds)."""
    return import_module("lmdeploy")


def _start(settings: Settings, name: str, engine: Any) -> Any:
    import torch

    if not torch.cuda.is_available():
        raise ModelLoadError(
            "lmdeploy 需要 CUDA 显卡，这台机器没有可用的。请用 local:（可在 CPU 上运行）或 openai:（别处的接口）。"
        )
    try:
        return _lmdeploy().pipeline(name, backend_config=engine, trust_remote_code=settings.chat_trust_remote_code)
    except Exception as error:  # noqa: BLE001 - engines in C++, drivers and a model's own code raise whatever they like
        told = " ".join(str(error).split())[:200]
        raise ModelLoadError(
            f"lmdeploy 无法加载模型“{name}”（{type(error).__name__}：{told}）。请检查模型目录、显存与显卡驱动；"
            "也可换 TUTOR_CHAT_ENGINE=pytorch，或调小 TUTOR_CHAT_WINDOW_TOKENS。"
        ) from error


def _abort(session: Any) -> None:
    """End a request that may be running, waiting for its turn, or over."""
    session.epoch = -1  # what waits is dropped when its turn comes: lmdeploy compares this with the engine's own
    session.abort()


def _check(response: Any, name: str) -> None:
    if response.finish_reason != "error":
        return
    if response.error_code == "context_length_exceeded":
        raise ContextTooLongError(f"这次对话超过了模型 {name} 的上下文窗口。请新开对话、缩短问题或减少引用的资料。")
    told = f"：{response.error_message}" if response.error_message else ""
    raise ChatModelError(
        f"模型 {name} 生成时出错（{response.error_code or '未说明'}{told}）。请重试；若总是出错，请查看显存与日志。"
    )
