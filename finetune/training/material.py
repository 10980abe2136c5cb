"""The data of a run: conversations of each stage to learn and to evaluate on, and digests of the files."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from errors import ContentError, UsageError
from finetune.conversations.conversation import Conversation
from finetune.conversations.files import read_conversations
from finetune.making.splits import split
from finetune.training.config import Recipe, TrainingConfig
from finetune.training.labels import Labeller
from finetune.training.samples import Encoded, encode

__all__ = ["StageData", "data_digests", "read_material"]


@dataclass(frozen=True)
class StageData:
    """One stage: its name, how it learns, and its samples."""

    name: str
    recipe: Recipe
    train: Encoded
    val: Encoded | None

    @property
    def report(self) -> str:
        """What it learns and is evaluated on, in a line or two."""
        return f"训练：{self.train.report}" + (f"\n评估：{self.val.report}" if self.val else "")


def data_digests(config: TrainingConfig) -> dict[str, str]:
    """sha256 of every data file, by its name in the configuration.

    Raises:
        UsageError: a file is missing or can't be read.
    """
    digests = {}
    for path in config.data_files():
        if not path.is_file():
            raise UsageError(
                f"找不到数据文件 {path}（相对路径从当前目录 {Path.cwd()} 算起）。请检查配置里的 train 与 val；还没有数据时，先用 python -m finetune.dataset make 制作。"
            )
        try:
            with path.open("rb") as file:
                digests[str(path)] = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise UsageError(f"读不了数据文件 {path}（{error.strerror}）。请检查权限。") from error
    return digests


def read_material(config: TrainingConfig, labeller: Labeller) -> list[StageData]:
    """The samples of all stages; all are read before the first is learned, so that a fault in the last shows at once.

    Raises:
        ContentError: a file is damaged or empty, or nothing of it fits.
        ChatModelError: the chat template doesn't accept a conversation.
    """
    return [_stage(name, recipe, config.seed, labeller) for name, recipe in config.recipes()]


def _stage(name: str, recipe: Recipe, seed: int, labeller: Labeller) -> StageData:
    train, val = _read(recipe.train), _read(recipe.val)
    if recipe.val_size:
        train, val = split(train, recipe.val_size, seed)
        if not (train and val):
            raise ContentError(
                f"阶段“{name}”按 val_size: {recipe.val_size} 分不出评估数据：同一页的对话不分开，而这里的页太少。"
                "请用 val 指定评估文件，或改变 val_size。"
            )
    learned = encode(labeller, train, recipe, f"阶段“{name}”的训练数据")
    held_out = encode(labeller, val, recipe, f"阶段“{name}”的评估数据") if val else None
    return StageData(name, recipe, learned, held_out)


def _read(paths: Sequence[Path]) -> list[Conversation]:
    return [conversation for path in paths for conversation in read_conversations(path)]
