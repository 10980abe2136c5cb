"""LoRA adapters: a new one on a base, an older one that goes on learning, and whether one has learned anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from errors import UsageError
from finetune.lineage import Made, read_lineage
from finetune.training.base import Base
from finetune.training.config import Lora
from finetune.training.faults import in_config_words
from rag.chat_models.adapters import check_adapter, with_adapter
from rag.chat_models.model_folder import folder_digest

__all__ = ["check_parent", "continued_adapter", "fresh_adapter", "unlearned"]


def check_parent(folder: Path, base: Base) -> tuple[Made, ...]:
    """What an adapter that goes on from the one in a folder contains: its ancestors and itself, oldest first.

    Raises:
        ModelLoadError: there is no adapter.
        UsageError: it was trained on another base.
    """
    with in_config_words():
        check_adapter(folder)
    lineage = read_lineage(folder)
    if lineage and lineage.base.digest != base.digest:
        raise UsageError(
            f"适配器“{folder}”是在底座“{lineage.base.name}”（{lineage.base.digest}）上训练的，而配置的 model 是“{base.name}”"
            f"（{base.digest}）。请在 model 里写它的底座，或换一个适配器。"
        )
    return (*(lineage.contains if lineage else ()), Made(str(folder), folder_digest(folder)))


def fresh_adapter(model: Any, lora: Lora, seed: int, widened: bool = True) -> Any:
    """The model with a new adapter, drawn from the seed.

    Args:
        widened: whether its weights are kept in fp32 on a base of 16 bits.

    Raises:
        UsageError: the base has no layers of these names.
    """
    from peft import LoraConfig, get_peft_model
    from transformers import set_seed

    wanted = lora.targets if lora.targets == "all-linear" else list(lora.targets)
    rank = LoraConfig(
        r=lora.r, lora_alpha=lora.alpha, lora_dropout=lora.dropout, target_modules=wanted,
        exclude_modules=list(lora.exclude) or None, bias="none", task_type="CAUSAL_LM",
    )  # fmt: skip
    set_seed(seed)
    try:
        return get_peft_model(model, rank, autocast_adapter_dtype=widened)
    except ValueError as error:
        raise UsageError(
            f"底座里没有可加适配器的层：lora.targets 是 {lora.targets}，lora.exclude 是 {list(lora.exclude)}。"
            "请改用 targets: all-linear，或按模型的层名改正。"
        ) from error


def continued_adapter(model: Any, folder: Path) -> Any:
    """The model with the adapter in a folder, to be trained further.

    Raises:
        ModelLoadError: there is no adapter, or one for another base.
    """
    with in_config_words():
        adapted = with_adapter(model, folder, merge=False)
    for config in adapted.peft_config.values():
        config.inference_mode = False
    for name, weight in adapted.named_parameters():
        weight.requires_grad = "lora_" in name
    return adapted


def unlearned(folder: Path) -> list[str]:
    """Names of the layers of a saved adapter that add nothing: their `lora_B` is still zero, as it was drawn."""
    from safetensors import safe_open

    with safe_open(folder / "adapter_model.safetensors", framework="pt") as file:
        names = [name for name in file.keys() if "lora_B" in name]  # noqa: SIM118 - not a dict
        return [name for name in names if not float(file.get_tensor(name).float().norm()) > 0]
