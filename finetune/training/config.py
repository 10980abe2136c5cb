"""The configuration of a training run: every key that a YAML file may have, with its type, its bounds and its default.

A stage has all keys of `Recipe` too: what it does not name, it takes from the top level. Paths are relative to the working
directory (the shipped configurations are meant to be run from the root of the repository).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

__all__ = ["EarlyStopping", "Every", "Lora", "Quantization", "Recipe", "Stage", "TrainingConfig"]

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def _number(value: Any) -> Any:
    """YAML 1.1 takes `1e-4` for a text."""
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value.strip()) else value


def _list(value: Any) -> Any:
    """One path may stand without brackets."""
    return [value] if isinstance(value, (str, Path)) else value


def _every(value: Any) -> Any:
    if value in ("epoch", "never") or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ValueError(f"“{value}”应是步数（正整数）、epoch 或 never")


Every = Annotated[int | str, BeforeValidator(_every)]
"""Every so many steps of the optimizer, at the end of each epoch (`epoch`), or `never`."""
Float = Annotated[float, BeforeValidator(_number), Field(strict=True, allow_inf_nan=False)]
Count = Annotated[int, Field(strict=True, ge=1)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_list)]
Flag = Annotated[bool, Field(strict=True)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Lora(_Part):
    """The adapter: rank, scale (alpha / r), dropout, and the layers that it is put on.

    lm_head and embeddings are never among them: with tied weights such an adapter can't be merged.
    """

    r: Annotated[int, Field(strict=True, ge=1, le=1024)] = Field(16, description="秩")
    alpha: Annotated[int, Field(strict=True, ge=1)] = Field(32, description="缩放：alpha / r 乘在适配器的输出上")
    dropout: Annotated[Float, Field(ge=0, lt=1)] = Field(0.05, description="适配器输入的丢弃率")
    targets: Literal["all-linear"] | tuple[str, ...] = Field(
        "all-linear", description="all-linear，或各层名称，如 [q_proj, v_proj]"
    )
    exclude: tuple[str, ...] = Field((), description="不加适配器的层的名称")

    @model_validator(mode="after")
    def _sound_targets(self) -> Self:
        if untrainable := {"lm_head", "embed_tokens"} & set(self.targets if isinstance(self.targets, tuple) else ()):
            raise ValueError(f"targets 里不能有 {sorted(untrainable)[0]}：与词表共用权重的层加了适配器就不能合并。请去掉它")
        if not self.targets:
            raise ValueError("targets 不能是空的。请写 all-linear，或列出各层名称，如 [q_proj, v_proj]")
        return self


class Quantization(_Part):
    """How qlora stores the frozen base: NF4 of bitsandbytes."""

    double: Flag = Field(True, description="量化常数是否再量化一次（每个参数再省约 0.4 位）")
    compute: Literal["auto", "bf16", "fp16", "fp32"] = Field("auto", description="计算时的精度；auto 同 precision")


class EarlyStopping(_Part):
    """Stop when the evaluation loss has not sunk by `min_delta` in `patience` evaluations; the best checkpoint is the result."""

    patience: Count = Field(3, description="连续几次评估没有变好就停")
    min_delta: Annotated[Float, Field(ge=0)] = Field(0.0, description="评估损失至少下降多少才算变好")


class Recipe(_Part):
    """What may differ from stage to stage: the data and how it is learned."""

    train: Paths = Field((), description="训练文件（任何一种支持的格式），可以多个")
    val: Paths = Field((), description="评估文件，可以多个")
    val_size: Annotated[Float, Field(ge=0, lt=1)] = Field(0.0, description="没有 val 时，从训练文件里按页分出这个比例来评估")
    system: str = Field("", description="系统提示；对话里已有的不动")
    max_length: Annotated[int, Field(strict=True, ge=16)] = Field(2048, description="一条样本最多多少个 token")
    overlong: Literal["drop", "truncate", "error"] = Field("drop", description="超长的样本：丢弃 | 截到整轮为止 | 报错")
    epochs: Annotated[Float, Field(gt=0, le=10000)] = Field(3.0, description="训练几轮")
    batch_size: Count = Field(1, description="每个进程一次放几条")
    accumulation: Count = Field(16, description="几次合成一步（有效批大小 = batch_size × accumulation × 进程数）")
    group_by_length: Flag = Field(
        False, description="长短相近的样本放在一批里：少填充，长短不一时快得多；batch_size 是 1 时没有用"
    )
    learning_rate: Annotated[Float, Field(gt=0, le=1)] = Field(1e-4, description="学习率的最大值")
    scheduler: Literal["cosine", "linear", "constant", "constant_with_warmup"] = Field("cosine", description="学习率怎样变化")
    warmup: Annotated[Float, Field(ge=0, lt=1)] = Field(0.03, description="开头占多大比例的步数用来升到最大学习率")
    weight_decay: Annotated[Float, Field(ge=0, le=1)] = Field(0.0, description="权重衰减")
    max_grad_norm: Annotated[Float, Field(gt=0)] = Field(1.0, description="梯度裁剪到的范数")
    eval_every: Every = Field("epoch", description="每几步评估一次 | epoch 每轮 | never 不评估")
    save_every: Every = Field("epoch", description="每几步存一个检查点 | epoch 每轮 | never 只在阶段末")
    early_stopping: EarlyStopping | None = Field(None, description="提前停止；不写就不用")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.val and self.val_size:
            raise ValueError("val 与 val_size 只能用一个：已有评估文件时，请去掉 val_size")
        return self


class Stage(Recipe):
    """One of several data sets that are learned in turn; each goes on from the weights of the one before."""

    name: Annotated[str, Field(pattern=r"^[\w-]{1,40}$")] = Field(description="名称，用在目录名里")


class TrainingConfig(Recipe):
    """A whole run."""

    model: Annotated[str, Field(min_length=1)] = Field(description="底座：模型目录，或本机 Hugging Face 缓存里的模型名称")
    method: Literal["lora", "qlora", "full"] = Field("lora", description="lora | qlora（底座 4 位）| full（全部参数）")
    parallel: Literal["none", "ddp", "zero2", "zero3", "fsdp"] = Field("none", description="多卡方式，与启动命令一致")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="auto 有显卡就用")
    stages: tuple[Stage, ...] = Field((), description="依次学习的几份数据；每个阶段可以改写上面任何一个学习参数")
    lora: Lora = Lora()
    quantization: Quantization = Quantization()
    gradient_checkpointing: Flag = Field(True, description="用时间换显存：反向传播时重算激活值")
    precision: Literal["auto", "bf16", "fp16", "fp32"] = Field(
        "auto", description="auto：显卡支持就用 bf16，否则 fp16；CPU 用 fp32"
    )
    keep_checkpoints: Count = Field(2, description="每个阶段保留最近几个检查点（最好的另外保留）")
    evaluation_inputs: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (), description="评估时让模型回答的问题，回答写进 samples.jsonl"
    )
    evaluation_max_tokens: Count = Field(256, description="这些回答最多多少个 token")
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**32)] = Field(42, description="随机种子")
    trust_remote_code: Flag = Field(False, description="是否运行模型目录里自带的代码（只对可信的来源打开）")
    tensorboard: Flag = Field(True, description="是否写 TensorBoard 记录")
    out: Path | None = Field(None, description="输出目录；不写时是数据目录下的 runs/配置文件名")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        _check_stages(self)
        for name, recipe in self.recipes():
            place = f"阶段“{name}”" if self.stages else "配置"
            _check_recipe(place, recipe)
        return self

    def recipes(self) -> list[tuple[str, Recipe]]:
        """Name and full recipe of each stage in turn; a run without stages has one, `train`."""
        shared = {name: getattr(self, name) for name in Recipe.model_fields}
        if not self.stages:
            return [("train", Recipe.model_construct(**shared))]
        return [(stage.name, Recipe.model_construct(**shared | _overrides(stage))) for stage in self.stages]

    def data_files(self) -> list[Path]:
        """Every data file that is named, once, in order."""
        return list(dict.fromkeys(path for _, recipe in self.recipes() for path in (*recipe.train, *recipe.val)))


def _overrides(stage: Stage) -> dict[str, Any]:
    """What a stage states; its own val_size takes the place of the top level's val files, and the other way round."""
    stated: dict[str, Any] = {name: getattr(stage, name) for name in stage.model_fields_set - {"name"}}
    if stated.get("val"):
        return {"val_size": 0.0, **stated}
    return {"val": (), **stated} if stated.get("val_size") else stated


def _check_stages(config: TrainingConfig) -> None:
    if config.stages and config.train:
        raise ValueError("train 与 stages 只能用一个：请把训练文件写进各个阶段（stages 里的 train）")
    if twice := _twice(stage.name for stage in config.stages):
        raise ValueError(f"stages 里有两个阶段都叫“{twice}”。请给每个阶段不同的名称")


def _check_recipe(place: str, recipe: Recipe) -> None:
    if not recipe.train:
        raise ValueError(f"{place}没有训练文件。请在 train 里写出，如 train: [data/train.jsonl]")
    if shared := set(recipe.train) & set(recipe.val):
        raise ValueError(f"{place}的 {sorted(map(str, shared))[0]} 既用来训练又用来评估。请换一个评估文件，或用 val_size")
    if recipe.early_stopping and not (recipe.val or recipe.val_size):
        raise ValueError(f"{place}用 early_stopping 要有评估数据。请设置 val 或 val_size，或去掉 early_stopping")
    if recipe.early_stopping and recipe.eval_every == "never":
        raise ValueError(f"{place}用 early_stopping 要评估。请把 eval_every 设为 epoch 或步数，或去掉 early_stopping")


def _twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    return next((name for name in names if name in seen or seen.add(name)), None)  # type: ignore[func-returns-value]
