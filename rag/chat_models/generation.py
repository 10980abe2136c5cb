"""Generating token by token by transformers, for whoever takes the tokens, until they have enough."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from threading import Event
from typing import Any

from errors import ChatModelError

__all__ = ["explained", "generate", "generation_config"]


def generation_config(model: Any, ends: set[int], pad: int | None) -> Any:
    """The model's own configuration made greedy, so that an answer repeats; it ends at any of `ends`."""
    from transformers import GenerationConfig

    config = copy.deepcopy(getattr(model, "generation_config", None) or GenerationConfig())
    own = config.eos_token_id
    ends = ends | set([own] if isinstance(own, int) else own or [])
    config.update(do_sample=False, temperature=None, top_p=None, top_k=None, min_p=None, typical_p=None)
    config.update(eos_token_id=sorted(ends), pad_token_id=min(ends) if pad is None else pad, max_length=None)
    return config


def generate(model: Any, config: Any, prompt: Sequence[int], limit: int, put: Callable[[int], None], halt: Event) -> None:
    """Put each new token id as it is chosen, the ending one too; at most `limit`, none but one after `halt` is set."""
    import torch
    from transformers import StoppingCriteriaList

    def halted(ids: Any, scores: Any, **_: Any) -> Any:
        return torch.full((ids.shape[0],), halt.is_set(), dtype=torch.bool, device=ids.device)

    own = copy.copy(config)
    own.max_new_tokens = limit
    ids = torch.tensor([list(prompt)], device=model.device)
    with torch.inference_mode():
        model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            generation_config=own,
            streamer=_Streamer(put),
            stopping_criteria=StoppingCriteriaList([halted]),
        )


class _Streamer:
    """What `generate` calls with the prompt first and then with each token."""

    def __init__(self, put: Callable[[int], None]) -> None:
        self._put = put
        self._begun = False

    def put(self, value: Any) -> None:
        if self._begun:
            self._put(int(value.reshape(-1)[0]))
        self._begun = True

    def end(self) -> None:
        """Nothing: the thread's end says so."""


def explained(error: Exception) -> ChatModelError:
    """What went wrong while generating, and what to do."""
    told = str(error)
    if isinstance(error, MemoryError) or "out of memory" in told or "can't allocate memory" in told:
        _give_back_memory()
        return ChatModelError(
            "显存或内存不足，这条回答没有完成。请缩短问题或新开对话、减小 TUTOR_CHAT_MAX_TOKENS 与 TUTOR_CHAT_WINDOW_TOKENS，"
            "或设置 TUTOR_CHAT_QUANTIZATION=4bit、换较小的模型。"
        )
    return ChatModelError(
        f"本地模型生成时出错（{type(error).__name__}）。请重试；若总是出错，请检查 TUTOR_CHAT_MODEL 与 TUTOR_CHAT_ADAPTER 指向的模型是否完整。"
    )


def _give_back_memory() -> None:
    """A half-done answer's cache stays reserved on the card otherwise, and the next, shorter question fails too."""
    import torch

    if torch.cuda.is_available():
        torch.cuda.empty_cache()
