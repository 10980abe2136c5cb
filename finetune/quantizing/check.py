"""What quantizing cost: perplexity of the model and of its quantized weights on text that neither was calibrated with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ModelLoadError, UsageError
from finetune.quantizing.perplexity import perplexity, surprise_of_model
from finetune.quantizing.restored import restored_files
from finetune.quantizing.source import Source

__all__ = ["CHECKED", "Checked", "compared", "held_out_tokens"]

CHECKED = 64
"""Held-out conversations that are read, at most: on a CPU a large model reads some hundred tokens a second."""


@dataclass(frozen=True)
class Checked:
    """Perplexity before and after, and the text it was measured on."""

    before: float
    after: float
    tokens: int
    conversations: int

    @property
    def more(self) -> float:
        """By how many per cent it rose."""
        return (self.after / self.before - 1) * 100


def held_out_tokens(texts: Iterable[Sequence[int]], seqlen: int) -> list[list[int]]:
    """Texts to measure on, each cut at `seqlen` tokens: evenly chosen, so that all subjects are among them.

    Raises:
        UsageError: there are none.
    """
    usable = [list(text[:seqlen]) for text in texts if len(text) > 1]
    if not usable:
        raise UsageError("没有可用来检查的文本：自带的检查文本都在校准文件里。请去掉 --check，或换一份校准文件。")
    step = max(1, -(-len(usable) // CHECKED))
    return usable[::step]


def compared(model: Path, quantized: Source, texts: Sequence[Sequence[int]], device: str, trust_code: bool) -> Checked:
    """Read the same texts with the model and with the full weights of what was made of it; it is loaded once.

    On a CPU in float32, which it computes best; on a GPU in float16, as the kernels do.

    Args:
        texts: token ids.

    Raises:
        ModelLoadError: the two have not the same weights, or one's scores are no numbers.
    """
    import torch
    from transformers import AutoModelForCausalLM

    dtype = torch.float32 if device == "cpu" else torch.float16
    load: Any = AutoModelForCausalLM.from_pretrained
    loaded = load(model, dtype=dtype, trust_remote_code=trust_code, use_safetensors=True).to(device).eval()
    before = perplexity(surprise_of_model(loaded, texts))
    _put(loaded, quantized)
    after = perplexity(surprise_of_model(loaded, texts))
    if math.isnan(before) or math.isnan(after):
        which = "原模型" if math.isnan(before) else "量化后的模型"
        raise ModelLoadError(f"{which}给出的概率里有 NaN，测不出困惑度。请不要使用它；先确认原模型能正常回答，再重新量化。")
    return Checked(before, after, sum(len(text) - 1 for text in texts), len(texts))


def _put(model: Any, quantized: Source) -> None:
    """The quantized model's weights in place of a model's own; tied ones are stored once."""
    left = {name for name, _ in model.named_parameters()}
    for tensors in restored_files(quantized):
        strange = model.load_state_dict(tensors, strict=False).unexpected_keys
        left -= tensors.keys()
        if strange:
            break
    if strange or left:
        names = "、".join([*strange, *sorted(left)][:3])
        raise ModelLoadError(
            f"量化前后的权重对不上（{names}），测不了困惑度。请用 --dequantize-to 写出完整权重，再用 eval.exam 考。"
        )
