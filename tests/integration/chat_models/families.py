"""Tiny models whose answers are known: real weights of each family, made so that each token calls for the next one.

The embeddings are random and the layers add almost nothing, so the last hidden state is the last token's embedding; the
output row of a token is the embedding of its predecessor. A prompt ends as the template makes it end, and from there
the chain runs: `ANSWER`, then the token that ends a turn in this family.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWER = "死锁的必要条件是互斥、请求并保持与不剥夺和循环等待鑫。"
"""鑫 is no token of the vocabulary: it comes in three, a byte each."""

_WORDS = ["死锁", "的", "必要条件", "是", "互斥", "、", "请求并保持", "与", "不剥夺", "和", "循环等待", "。"]

_CHATML = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_LLAMA = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ m.content | trim }}<|eot_id|>"
    "{% endfor %}{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
_GLM = (
    "[gMASK]<sop>{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
STRICT = (
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}"
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}"
    "<|im_start|>{{ m.role }}\n{{ m.content | trim }}<|im_end|>\n{% endfor %}{{ '<|im_start|>assistant\n' }}"
)
"""Like Gemma's: no system role, user and assistant in turn."""


@dataclass(frozen=True)
class Family:
    """A family's template, its control tokens, the one that ends a turn, and the one that its configuration names."""

    template: str
    special: tuple[str, ...]
    end: str
    eos: str
    remote: bool = False


FAMILIES = {
    "qwen3": Family(_CHATML, ("<|endoftext|>", "<|im_start|>", "<|im_end|>"), "<|im_end|>", "<|endoftext|>"),
    "llama": Family(
        _LLAMA,
        ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        "<|eot_id|>",
        "<|end_of_text|>",
    ),
    "glm4": Family(
        _GLM,
        ("<|endoftext|>", "[gMASK]", "<sop>", "<|system|>", "<|user|>", "<|assistant|>", "<|observation|>"),
        "<|user|>",
        "<|endoftext|>",
    ),
    "internlm2": Family("<s>" + _CHATML, ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"), "<|im_end|>", "</s>", True),
}

_REMOTE_CODE = """
from transformers import LlamaConfig, LlamaForCausalLM

class TinyInternConfig(LlamaConfig):
    model_type = "tiny_intern"

class TinyInternForCausalLM(LlamaForCausalLM):
    config_class = TinyInternConfig
"""


def build(folder: Path, name: str, endless: bool = False, hidden: int = 128) -> Path:
    """Write a model of the family to a folder; an endless one says `ANSWER` over and over.

    Its configuration names another token than the one that ends a turn, as Qwen2.5's and Llama 3's once did.
    """
    import torch

    torch.manual_seed(408)
    family = FAMILIES[name]
    tokenizer = _pieces(family) if family.remote else _bytes(family)
    model = _model(name, tokenizer, hidden)
    _chain(model, tokenizer, None if endless else family.end)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    if family.remote:
        _with_code(folder)
    return folder


def name_end(folder: Path, name: str) -> None:
    """Make the configuration name the token that ends a turn too, which servers need that look at nothing else."""
    from transformers import AutoTokenizer, GenerationConfig

    tokenizer = AutoTokenizer.from_pretrained(folder)
    ends = [tokenizer.eos_token_id, tokenizer.convert_tokens_to_ids(FAMILIES[name].end)]
    GenerationConfig(eos_token_id=ends, pad_token_id=tokenizer.pad_token_id).save_pretrained(folder)


def _bytes(family: Family) -> Any:
    """A byte-level tokenizer, as Qwen, Llama 3 and GLM4 have."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    raw = Tokenizer(models.BPE(vocab={c: i for i, c in enumerate(alphabet)}, merges=[]))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    return _finished(raw, family)


def _pieces(family: Family) -> Any:
    """A SentencePiece-like tokenizer with bytes to fall back on, as InternLM2 and Llama 2 have."""
    from tokenizers import Tokenizer, decoders, models, normalizers

    plain = [*family.special, *(f"<0x{i:02X}>" for i in range(256)), "▁", *"abcdefghijklmnopqrstuvwxyz<>|/"]
    raw = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(plain)}, merges=[], byte_fallback=True, unk_token="<unk>"))
    raw.normalizer = normalizers.Replace(" ", "▁")
    raw.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    return _finished(raw, family)


def _finished(raw: Any, family: Family) -> Any:
    from tokenizers import AddedToken
    from transformers import PreTrainedTokenizerFast

    raw.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in family.special])
    raw.add_tokens([AddedToken(word, normalized=False) for word in _WORDS])
    bos = next((token for token in family.special if token in ("<|begin_of_text|>", "<s>")), None)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token=family.eos, pad_token=family.eos, bos_token=bos)
    tokenizer.chat_template = family.template
    return tokenizer


def _model(name: str, tokenizer: Any, hidden: int) -> Any:
    import transformers

    kind = {"qwen3": "Qwen3", "llama": "Llama", "glm4": "Glm4", "internlm2": "Llama"}[name]
    config = getattr(transformers, f"{kind}Config")(
        vocab_size=len(tokenizer), hidden_size=hidden, intermediate_size=2 * hidden, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, head_dim=hidden // 4, tie_word_embeddings=False,
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, bos_token_id=tokenizer.bos_token_id,
        max_position_embeddings=512,
    )  # fmt: skip
    return getattr(transformers, f"{kind}ForCausalLM")(config)


def _chain(model: Any, tokenizer: Any, end: str | None) -> None:
    import torch

    start = tokenizer.apply_chat_template([{"role": "user", "content": "?"}], add_generation_prompt=True, tokenize=False)
    ids = tokenizer(ANSWER, add_special_tokens=False)["input_ids"]
    before = tokenizer(start, add_special_tokens=False)["input_ids"][-1]
    chain = [before, *ids, ids[0] if end is None else tokenizer.convert_tokens_to_ids(end)]
    assert len(set(chain[:-1])) == len(chain) - 1, "each token must call for one other"
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "o_proj" in name or "down_proj" in name or "post_" in name and "post_attention_layernorm" not in name:
                weight.mul_(1e-3)
        embeddings = model.get_input_embeddings().weight.normal_()
        rows = model.get_output_embeddings().weight.zero_()
        for a, b in zip(chain, chain[1:], strict=False):
            rows[b] += embeddings[a]


def _with_code(folder: Path) -> None:
    """Make the folder one that brings its own code, as InternLM2 and ChatGLM3 do."""
    (folder / "modeling_tiny_intern.py").write_text(_REMOTE_CODE)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "tiny_intern", "architectures": ["TinyInternForCausalLM"]}
    config["auto_map"] = {
        "AutoConfig": "modeling_tiny_intern.TinyInternConfig",
        "AutoModelForCausalLM": "modeling_tiny_intern.TinyInternForCausalLM",
    }
    (folder / "config.json").write_text(json.dumps(config))
