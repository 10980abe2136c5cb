"""A stage's conversations as samples of token ids: which fit, which are cut, which are left out, and how many tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from errors import ContentError
from finetune.conversations.conversation import Conversation
from finetune.training.config import Recipe
from finetune.training.labels import IGNORED, Labelled, Labeller

__all__ = ["Encoded", "encode"]

_NAMED = 5
"""How many over-long conversations a message names."""


@dataclass(frozen=True)
class Encoded:
    """Samples, and what became of the conversations that were too long.

    Attributes:
        samples: at least one.
        conversations: how many there were.
        dropped: names of those left out.
        truncated: names of those that lost turns.
    """

    samples: tuple[Labelled, ...]
    conversations: int
    dropped: tuple[str, ...] = ()
    truncated: tuple[str, ...] = ()

    @property
    def tokens(self) -> int:
        """Tokens of all samples."""
        return sum(len(sample.ids) for sample in self.samples)

    @property
    def learned(self) -> int:
        """Tokens that are learned."""
        return sum(label != IGNORED for sample in self.samples for label in sample.labels)

    @property
    def report(self) -> str:
        """What happened, in a sentence."""
        told = f"{self.conversations} 条对话，{len(self.samples)} 个样本，{self.tokens} 个 token，其中学 {self.learned} 个"
        parts = [f"{what} {len(names)} 条：{_listed(names)}" for what, names in self._losses() if names]
        return "；".join([told, *parts])

    def _losses(self) -> list[tuple[str, tuple[str, ...]]]:
        return [("超长丢弃", self.dropped), ("超长截短", self.truncated)]


def encode(labeller: Labeller, conversations: Sequence[Conversation], recipe: Recipe, what: str) -> Encoded:
    """Samples of the conversations.

    Args:
        what: name of this data in messages, such as 训练数据.

    Raises:
        ContentError: there is none, one is too long and `overlong` is `error`, or none fits.
        ChatModelError: the chat template doesn't accept a conversation.
    """
    if not conversations:
        raise ContentError(f"{what}里没有对话。请检查文件，或换一个。")
    samples: list[Labelled] = []
    dropped: list[str] = []
    truncated: list[str] = []
    for number, conversation in enumerate(conversations, 1):
        name = conversation.id or f"第 {number} 条"
        whole = labeller.samples(conversation, recipe.system)
        if all(len(sample.ids) <= recipe.max_length for sample in whole):
            samples += whole
            continue
        kept = _shortened(whole, recipe, name, what)
        (truncated if kept else dropped).append(name)
        samples += kept
    if not samples:
        raise ContentError(
            f"{what}的 {len(conversations)} 条对话都超过 max_length（{recipe.max_length} 个 token），没有可学的。请加大 max_length。"
        )
    return Encoded(tuple(samples), len(conversations), tuple(dropped), tuple(truncated))


def _shortened(whole: Sequence[Labelled], recipe: Recipe, name: str, what: str) -> list[Labelled]:
    if recipe.overlong == "error":
        longest = max(len(sample.ids) for sample in whole)
        raise ContentError(
            f"{what}的 {name} 有 {longest} 个 token，超过 max_length（{recipe.max_length}）。"
            "请加大 max_length，缩短它，或把 overlong 改为 drop 或 truncate。"
        )
    if recipe.overlong == "drop":
        return []
    return [cut for sample in whole if (cut := sample.cut(recipe.max_length))]


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:_NAMED]) + (f" 等 {len(names)} 条" if len(names) > _NAMED else "")
