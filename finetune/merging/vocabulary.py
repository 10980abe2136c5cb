"""The tokenizer and the ends of an answer that go with a merged model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from errors import ModelLoadError
from finetune.merging.given import Adapter, in_terms_of_merge
from rag.chat_models.loading import load_tokenizer
from rag.chat_models.template import ChatTemplate
from settings import Settings

__all__ = ["set_ends", "tokenizer_for"]


def tokenizer_for(base: Any, adapters: Sequence[Adapter], rows: int, settings: Settings) -> tuple[Any, list[str]]:
    """The base's tokenizer, or the last one that came with an adapter; and what a user should know of that.

    Args:
        base: the base's tokenizer.
        rows: token ids that the base has embeddings for.

    Raises:
        ModelLoadError: an adapter's tokenizer has other ids, or more tokens than there are embeddings.
    """
    chosen, notes = base, []
    for adapter in adapters:
        if not (adapter.folder / "tokenizer_config.json").is_file():
            continue
        try:
            own = load_tokenizer(settings, str(adapter.folder), needs_template=False)
        except ModelLoadError as error:
            raise in_terms_of_merge(error) from error
        _check_ids(adapter, chosen.get_vocab(), own.get_vocab(), rows)
        own.chat_template = own.chat_template or chosen.chat_template
        if own.chat_template != chosen.chat_template:
            notes.append(f"对话模板取自适配器“{adapter.part.made.name}”（与底座的不同）。")
        chosen = own
    return chosen, notes


def _check_ids(adapter: Adapter, right: dict[str, int], own: dict[str, int], rows: int) -> None:
    name = adapter.part.made.name
    moved = [token for token, number in right.items() if own.get(token) != number]
    if moved:
        raise ModelLoadError(
            f"适配器“{name}”带的分词器与底座的不一致（{len(moved)} 个词的编号不同，例如“{moved[0]}”）：它不是在这个底座上训练的。"
            "请把 BASE 换成它的底座，或更换 --adapter。"
        )
    beyond = [token for token, number in own.items() if number >= rows]
    if beyond:
        raise ModelLoadError(
            f"适配器“{name}”的分词器增加了 {len(beyond)} 个词（例如“{beyond[0]}”），底座的词向量只有 {rows} 个，放不下。"
            "请先把底座的词向量扩大到这个词表再训练与合并。"
        )


def set_ends(model: Any, tokenizer: Any, adapters: Sequence[Adapter]) -> None:
    """Let the model's generation configuration end an answer where base, adapters, tokenizer or chat template end it.

    Qwen2.5's base names <|endoftext|> alone, while a turn ends with <|im_end|>: the model would never stop.
    """
    config = model.generation_config
    ends = ChatTemplate(tokenizer).end_tokens() if tokenizer.chat_template else {tokenizer.eos_token_id} - {None}
    ends |= _ids(config.eos_token_id).union(*(_ids(_stated_end(adapter)) for adapter in adapters))
    config.eos_token_id = next(iter(ends)) if len(ends) == 1 else sorted(ends) or None
    if config.pad_token_id is None:
        config.pad_token_id = tokenizer.pad_token_id
    try:
        config.validate(strict=True)
    except ValueError:  # temperature without do_sample, as Llama 2 has: it can be loaded, not saved
        config.do_sample = True


def _stated_end(adapter: Adapter) -> Any:
    try:
        return json.loads((adapter.folder / "generation_config.json").read_bytes()).get("eos_token_id")
    except (OSError, ValueError, AttributeError):
        return None


def _ids(stated: Any) -> set[int]:
    several = stated if isinstance(stated, list) else [stated]
    return {one for one in several if isinstance(one, int)}
