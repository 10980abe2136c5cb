"""What was given to merge, read from small files alone: a base that can take an adapter, adapters of a kind that can be merged."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from errors import ModelLoadError, UsageError
from finetune.lineage import made_of, read_lineage
from finetune.merging.chain import Part
from rag.chat_models.model_folder import quantization_of, read_config

__all__ = ["WEIGHTS", "Adapter", "Base", "in_terms_of_merge", "read_adapter", "read_base"]

WEIGHTS = "adapter_model.safetensors"
_UNMERGEABLE = {
    "alora_invocation_tokens": "aLoRA（只在触发词之后起作用）",
    "arrow_config": "Arrow（按 token 选择适配器）",
    "layer_replication": "复制层（layer_replication）",
}
"""Settings of a LoRA that no fixed weights can stand for, or that peft does not merge."""
_TAKEN_FROM_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga")
"""Ways to begin a LoRA (`init_lora_weights`) that take its first matrices out of the base's weights: it fits what is left of
them, which differs with the order of adapters and, where it is drawn by chance, with each loading."""
_TERMS = (
    ("或设置 TUTOR_CHAT_QUANTIZATION=4bit、TUTOR_CHAT_DTYPE=bfloat16", "或用 --dtype bfloat16"),
    ("请用 TUTOR_CHAT_ADAPTER 指定它，用 TUTOR_CHAT_MODEL 指定它的底座", "请用 --adapter 指定它，用 BASE 指定它的底座"),
    ("再把 TUTOR_CHAT_MODEL 设为 local:模型目录", "再把 BASE 设为模型目录"),
    ("TUTOR_CHAT_MODEL", "BASE"),
    ("TUTOR_CHAT_DTYPE", "--dtype"),
)
"""Settings that messages of the chat models name, and what takes their place in this command."""


@dataclass(frozen=True)
class Base:
    """A base model's folder, what it is, and its `config.json`."""

    folder: Path
    part: Part
    config: dict[str, Any]


@dataclass(frozen=True)
class Adapter:
    """An adapter's folder, what it is, and its `adapter_config.json`."""

    folder: Path
    part: Part
    config: dict[str, Any]

    @property
    def weight(self) -> float:
        """The factor that it is merged with."""
        return self.part.made.weight

    @property
    def beyond_lora(self) -> str:
        """What it has besides plain low-rank matrices, as a message calls it; empty if nothing."""
        config = self.config
        found = {
            "DoRA": config.get("use_dora"),
            "训练过的偏置（bias）": config.get("bias", "none") != "none" or config.get("lora_bias"),
            "整层训练的参数（modules_to_save）": config.get("modules_to_save"),
            "单独训练的词向量（trainable_token_indices）": config.get("trainable_token_indices"),
            "直接作用于参数的 LoRA（target_parameters）": config.get("target_parameters"),
        }
        return "、".join(name for name, present in found.items() if present)


def read_base(name: str) -> Base:
    """The base in a folder, or of a name in the Hugging Face cache.

    Raises:
        ModelLoadError: there is no such model, or its weights are no safetensors.
        UsageError: it is quantized.
    """
    try:
        config = read_config(name)
    except ModelLoadError as error:
        raise in_terms_of_merge(error) from error
    if method := quantization_of(config):
        raise UsageError(
            f"底座“{name}”是量化过的（{method}），适配器合并进去误差会留在权重里。请给出量化之前的 16 位模型"
            "（用 QLoRA 训练的适配器也合并进它），合并后再量化。"
        )
    folder = _folder_of(name)
    return Base(folder, Part(made_of(folder), read_lineage(folder), name), config)


def read_adapter(folder: Path, weight: float) -> Adapter:
    """The adapter in a folder, to be merged with a weight.

    Raises:
        ModelLoadError: there is no adapter, its weights are missing or are no safetensors.
        UsageError: it is of a kind that can't be merged.
    """
    folder = folder.expanduser()
    config = _config_of(folder)
    if not (folder / WEIGHTS).is_file():
        pickled = "只有 .bin（pickle，加载时可能运行其中的代码）" if any(folder.glob("*.bin")) else f"缺少 {WEIGHTS}"
        raise ModelLoadError(f"适配器“{folder}”{pickled}，只接受 safetensors。请重新保存或重新复制这个适配器。")
    _check_kind(folder, config, weight)
    return Adapter(folder, Part(replace(made_of(folder), weight=weight), read_lineage(folder), str(folder)), config)


def in_terms_of_merge(error: ModelLoadError) -> ModelLoadError:
    """The same message with this command's arguments instead of the settings of the chat model."""
    told = str(error)
    for setting, argument in _TERMS:
        told = told.replace(setting, argument)
    return ModelLoadError(told)


def _folder_of(name: str) -> Path:
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"本机没有完整的模型“{name}”。请先下载，或把 BASE 换成模型目录。") from error


def _config_of(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise ModelLoadError(f"适配器目录“{folder}”不存在。请检查 --adapter 的路径。")
    if not (folder / "adapter_config.json").is_file():
        inner = folder / "adapter"
        if (inner / "adapter_config.json").is_file():
            raise ModelLoadError(f"“{folder}”是训练的输出目录，适配器在它下面。请用 --adapter {inner}。")
        what = "完整的模型" if (folder / "config.json").is_file() else "适配器目录（没有 adapter_config.json）"
        verb = "是" if what == "完整的模型" else "不是"
        raise ModelLoadError(f"“{folder}”{verb}{what}。--adapter 应指向训练得到的适配器目录。")
    try:
        config = json.loads((folder / "adapter_config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"{folder / 'adapter_config.json'} 已损坏或读不了。请重新复制或重新训练这个适配器。") from error
    if not isinstance(config, dict):
        raise ModelLoadError(f"{folder / 'adapter_config.json'} 不是适配器的配置。请重新复制或重新训练这个适配器。")
    return config


def _check_kind(folder: Path, config: dict[str, Any], weight: float) -> None:
    kind, task = config.get("peft_type"), config.get("task_type")
    if kind != "LORA":
        raise UsageError(f"适配器“{folder}”是 {kind}，这个命令只合并 LoRA（含 QLoRA、DoRA、rsLoRA）。请用训练它的工具合并。")
    if task not in (None, "CAUSAL_LM"):
        raise UsageError(f"适配器“{folder}”是为 {task} 训练的，不是对话模型的适配器。请更换 --adapter。")
    for key, name in _UNMERGEABLE.items():
        if config.get(key):
            raise UsageError(
                f"适配器“{folder}”用了{name}，不能合并成一个模型。请不合并，直接用它：python -m finetune.infer --adapter。"
            )
    begun = str(config.get("init_lora_weights") or "").lower()
    if begun.startswith(_TAKEN_FROM_BASE):
        raise UsageError(
            f"适配器“{folder}”是用 {begun} 初始化的：它改动过底座的权重，不能直接合并进原来的底座。请先用 peft 的 save_pretrained"
            "(path_initial_model_for_weight_conversion=…) 转成普通 LoRA，或不带它重新训练。"
        )
    beyond = Adapter(folder, Part(made_of(folder), None, str(folder)), config).beyond_lora
    if weight != 1 and beyond:
        raise UsageError(f"适配器“{folder}”有{beyond}，不能按比例合并。请把它的 --weight 设为 1。")
