"""A LoRA adapter on a base model, checked: peft loads one of another base in part, without an error."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

from errors import ModelLoadError

__all__ = ["check_adapter", "with_adapter"]

_WEIGHTS = "adapter_model.safetensors"


def check_adapter(folder: Path) -> dict[str, Any]:
    """The `adapter_config.json` of an adapter's folder.

    Raises:
        ModelLoadError: it is no adapter's folder, or its weights are no safetensors.
    """
    try:
        config = json.loads((folder / "adapter_config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise ModelLoadError(
            f"“{folder}”不是适配器目录：没有可用的 adapter_config.json。请检查 TUTOR_CHAT_ADAPTER，它应指向训练得到的目录。"
        ) from error
    if not (folder / _WEIGHTS).is_file():
        raise ModelLoadError(f"适配器“{folder}”缺少 {_WEIGHTS}（不接受 .bin）。请检查 TUTOR_CHAT_ADAPTER，或重新保存适配器。")
    return dict(config)


def with_adapter(model: Any, folder: Path, merge: bool) -> Any:
    """The model with the adapter in `folder` on it, or merged into its weights.

    Raises:
        ModelLoadError: the folder holds no adapter, or one for another base.
    """
    from peft import PeftModel

    config = check_adapter(folder)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Found missing adapter keys", UserWarning)  # an error below
            adapted = PeftModel.from_pretrained(model, str(folder))
    except (RuntimeError, ValueError, KeyError, TypeError) as error:  # sizes, names of layers, an unknown kind of adapter
        raise ModelLoadError(_mismatch(folder, config, model)) from error
    if _keys_of(folder) != _keys_in(adapted):
        raise ModelLoadError(_mismatch(folder, config, model))
    return adapted.merge_and_unload(safe_merge=True) if merge else adapted


def _keys_of(folder: Path) -> set[str]:
    """Names of the LoRA weights in the adapter's file."""
    from safetensors import safe_open

    with safe_open(folder / _WEIGHTS, framework="pt") as file:
        return {key for key in file.keys() if "lora_" in key}  # noqa: SIM118 - not a dict


def _keys_in(adapted: Any) -> set[str]:
    """Names of the LoRA weights that the base has places for."""
    from peft import get_peft_model_state_dict

    return {key for key in get_peft_model_state_dict(adapted, save_embedding_layers=False) if "lora_" in key}


def _mismatch(folder: Path, config: dict[str, Any], model: Any) -> str:
    base = config.get("base_model_name_or_path") or "（未注明）"
    return (
        f"适配器“{folder}”与模型“{model.config.name_or_path}”不匹配：它是在另一个底座上训练的（记录的底座：{base}）。"
        "请让 TUTOR_CHAT_MODEL 指向它的底座，或更换 TUTOR_CHAT_ADAPTER。"
    )
