"""A local model by transformers, with an optional LoRA adapter, streaming token by token."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import ConfigDict

from errors import ChatModelError, ModelLoadError
from settings import Settings

if TYPE_CHECKING:
    from transformers import TextIteratorStreamer

__all__ = ["LocalChatModel"]


class LocalChatModel(BaseChatModel):
    """A causal language model of this machine, prompted through its own chat template; greedy, so repeatable."""

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    model: Any
    tokenizer: Any
    name_or_path: str
    max_new_tokens: int = 1024

    @classmethod
    def from_settings(cls, settings: Settings, name: str) -> LocalChatModel:
        """Load model, tokenizer and, if the settings name one, the adapter.

        Raises:
            ModelLoadError: one of them can't be loaded.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
            model = AutoModelForCausalLM.from_pretrained(
                name, dtype="auto", device_map="auto", trust_remote_code=False, use_safetensors=True
            )
            if settings.chat_adapter:
                model = _with_adapter(model, settings.chat_adapter)
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            raise ModelLoadError(
                f"无法加载本地模型“{name}”（{type(error).__name__}）。请检查 TUTOR_CHAT_MODEL 与 TUTOR_CHAT_ADAPTER 指向的目录："
                "需要 config.json、tokenizer 与 safetensors 权重，适配器须与底座匹配。"
            ) from error
        if not tokenizer.chat_template:
            raise ModelLoadError(f"模型“{name}”没有对话模板（chat_template），不能用来对话。请换成对话（Chat/Instruct）模型。")
        model.train(False)
        return cls(model=model, tokenizer=tokenizer, name_or_path=name, max_new_tokens=settings.chat_max_tokens)

    @property
    def _llm_type(self) -> str:
        return "local"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages, stop, run_manager, **kwargs))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        """Yield text as it is generated; leaving the loop early stops the generation within one token."""
        from transformers import TextIteratorStreamer

        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        halt, failure = Event(), list[BaseException]()
        thread = Thread(target=self._run, args=(messages, stop, streamer, halt, failure), daemon=True)
        thread.start()
        try:
            for piece in streamer:
                if piece:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        finally:
            halt.set()
            thread.join()
        if failure:
            raise ChatModelError(
                f"本地模型生成时出错（{type(failure[0]).__name__}）。可能是显存或内存不足：请减小 TUTOR_CHAT_MAX_TOKENS 或换较小的模型。"
            ) from failure[0]

    def _run(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None,
        streamer: TextIteratorStreamer,
        halt: Event,
        failure: list[BaseException],
    ) -> None:
        import torch
        from transformers import StoppingCriteriaList

        try:
            inputs = self._inputs(messages)
            with torch.inference_mode():
                self.model.generate(
                    **inputs,
                    streamer=streamer,
                    do_sample=False,
                    max_new_tokens=self.max_new_tokens,
                    stop_strings=stop,
                    tokenizer=self.tokenizer if stop else None,
                    stopping_criteria=StoppingCriteriaList([lambda ids, scores, **_: _halted(ids, halt)]),
                )
        except (RuntimeError, ValueError, IndexError) as error:
            failure.append(error)
            streamer.on_finalized_text("", stream_end=True)  # lets the reader of the stream go on

    def _inputs(self, messages: list[BaseMessage]) -> Any:
        chat = convert_to_openai_messages(messages)
        encoded = self.tokenizer.apply_chat_template(
            chat, add_generation_prompt=True, return_tensors="pt", return_dict=True, tokenize=True
        )
        return encoded.to(self.model.device)


def _halted(ids: Any, halt: Event) -> Any:
    import torch

    return torch.full((ids.shape[0],), halt.is_set(), dtype=torch.bool, device=ids.device)


def _with_adapter(model: Any, folder: Path) -> Any:
    from peft import PeftModel

    if not (folder / "adapter_config.json").is_file():
        raise OSError(f"no adapter_config.json in {folder}")
    return PeftModel.from_pretrained(model, str(folder))
