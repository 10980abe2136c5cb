"""Tiny causal language models with random weights and a tokenizer of each common kind: for the demo, for tests, for measuring.

Their letters are arbitrary but differ from question to question: the weights are drawn wide (`initializer_range`), because
with transformers' own 0.02 all scores are nearly equal, and a comparison of choices would prove nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from string import ascii_letters
from typing import Any, NamedTuple

__all__ = ["KINDS", "Size", "build_tiny"]

_VOCABULARY = 1200
_CHARACTERS, _PAIRS = 500, 400
_ENDS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


class _Kind(NamedTuple):
    architecture: str
    tokenizer: Callable[[Iterable[str]], Any]


@dataclass(frozen=True)
class Size:
    """How large a tiny model is. `hidden` and `intermediate` have to be multiples of 128 for AWQ.

    Attributes:
        spread: standard deviation of the weights (`initializer_range`).
    """

    hidden: int = 64
    intermediate: int = 128
    layers: int = 2
    heads: int = 4
    spread: float = 0.3
    window: int = 8192


def build_tiny(folder: Path, kind: str, texts: Iterable[str], seed: int = 1, size: Size | None = None) -> Path:
    """Write a model of one of `KINDS` to a folder, its tokenizer trained on `texts`; the same for the same seed."""
    import torch
    import transformers

    torch.manual_seed(seed)
    size = size or Size()
    tokenizer = KINDS[kind].tokenizer(texts)
    tokenizer.chat_template = _CHATML
    name = KINDS[kind].architecture
    config = getattr(transformers, f"{name}Config")(
        vocab_size=len(tokenizer), hidden_size=size.hidden, intermediate_size=size.intermediate,
        num_hidden_layers=size.layers, num_attention_heads=size.heads, num_key_value_heads=size.heads // 2,
        head_dim=size.hidden // size.heads, tie_word_embeddings=False, initializer_range=size.spread,
        max_position_embeddings=size.window, bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    getattr(transformers, f"{name}ForCausalLM")(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _byte_level(texts: Iterable[str]) -> Any:
    """As Qwen's: bytes, merges, nothing put before a text."""
    return _finished(_trained_bytes(texts, []), bos=None)


def _byte_level_with_bos(texts: Iterable[str]) -> Any:
    """As Llama 3's: bytes, merges, and a token that begins every text."""
    raw = _trained_bytes(texts, ["<s>"])
    _begin_with(raw, "<s>")
    return _finished(raw, bos="<s>")


def _pieces(texts: Iterable[str]) -> Any:
    """As SentencePiece's in Llama 2 and Gemma: ▁ for a blank and before the text, bytes for rare characters, a beginning token.

    Frequent characters and pairs of Chinese ones; not trained, because the library's trainer does not repeat itself here.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    lines = [line.replace(" ", "▁") for text in texts for line in text.split("\n")]
    seen = [c for c, _ in sorted(Counter("".join(lines)).items(), key=lambda item: (-item[1], item[0]))][:_CHARACTERS]
    known = sorted({*seen, *ascii_letters, "▁", "\n"})
    both = Counter(a + b for line in lines for a, b in pairwise(line) if "一" <= min(a, b) and {a, b} <= set(known))
    pairs = sorted(both, key=lambda pair: (-both[pair], pair))[:_PAIRS]
    tokens = ["<unk>", "<s>", *_ENDS, *(f"<0x{i:02X}>" for i in range(256)), *known, *pairs]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    raw = Tokenizer(models.BPE(vocabulary, [(pair[0], pair[1]) for pair in pairs], byte_fallback=True, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    raw.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    _begin_with(raw, "<s>")
    return _finished(raw, bos="<s>", unk="<unk>")


def _trained_bytes(texts: Iterable[str], special: list[str]) -> Any:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_VOCABULARY,
        special_tokens=[*special, *_ENDS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    raw.train_from_iterator(texts, trainer)
    return raw


def _begin_with(raw: Any, token: str) -> None:
    from tokenizers import processors

    raw.post_processor = processors.TemplateProcessing(single=f"{token} $A", special_tokens=[(token, raw.token_to_id(token))])


def _finished(raw: Any, bos: str | None, unk: str | None = None) -> Any:
    from transformers import PreTrainedTokenizerFast

    names = {"bos_token": bos, "unk_token": unk, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}
    load: Any = PreTrainedTokenizerFast
    return load(tokenizer_object=raw, **{k: v for k, v in names.items() if v})


KINDS = {
    "qwen3": _Kind("Qwen3", _byte_level),
    "llama": _Kind("Llama", _byte_level_with_bos),
    "gemma": _Kind("Gemma", _pieces),
}
"""Architecture and tokenizer, by the family that has both."""
