"""Counting tokens: with a model's own tokenizer where one is named, else an estimate that says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from errors import UsageError
from rag.chat_models.tokens import estimate

__all__ = ["TokenCounter", "token_counter"]


class TokenCounter(NamedTuple):
    """How tokens are counted, and what to say of it."""

    count: Callable[[str], int]
    told: str


def token_counter(folder: Path | None) -> TokenCounter:
    """The tokenizer of a model's folder (its `tokenizer.json`); without one the estimate of `rag.chat_models.tokens`.

    Raises:
        UsageError: the folder has none that can be read.
    """
    if folder is None:
        return TokenCounter(estimate, "按字估算（偏多，约为实际的 1.4 倍；用 --tokenizer 模型目录 可得准确数）")
    from tokenizers import Tokenizer

    file = folder / "tokenizer.json"
    if not file.is_file():
        raise UsageError(f"{folder} 里没有 tokenizer.json。--tokenizer 应是模型目录，里面要有 tokenizer.json。")
    try:
        tokenizer = Tokenizer.from_file(str(file))
    except Exception as error:  # noqa: BLE001 - the library raises no type of its own
        raise UsageError(f"{file} 读不了：不是词表文件，或已损坏。请换一个模型目录。") from error
    return TokenCounter(lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids), f"用 {folder.name} 的词表")
