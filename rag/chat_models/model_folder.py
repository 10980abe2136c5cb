"""What a model's folder says of itself, read before anything is loaded, so that each fault has its own message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from errors import ModelLoadError

__all__ = ["folder_digest", "model_files", "quantization_of", "read_config", "window_of"]

_SAMPLED, _PLACES = 64 * 1024, 64
"""Bytes that are read at so many places of a file of weights, evenly from its first to its last; the whole would be gigabytes."""
_WHOLE = (
    "config.json generation_config.json *.index.json tokenizer* special_tokens_map.json added_tokens.json vocab* merges.txt"
    " *.model *.tiktoken chat_template* adapter_config.json *.py"
).split()
"""Files of a model's or adapter's folder that are read whole: all that decides how it talks beside its weights."""

_WINDOW_KEYS = ("max_position_embeddings", "seq_length", "max_sequence_length", "n_positions")
"""Qwen, Llama, InternLM, GLM4 · ChatGLM3 · Baichuan, MPT · GPT-2."""


def read_config(name: str) -> dict[str, Any]:
    """The `config.json` of a folder, or of a model that this machine has in its Hugging Face cache.

    Raises:
        ModelLoadError: there is no such folder, it is no model's, or its weights are no safetensors.
    """
    folder = Path(name).expanduser()
    if not folder.exists() and not _is_path(name):
        return _config_of_id(name)
    if not folder.is_dir():
        raise ModelLoadError(f"模型目录“{name}”不存在。请检查 TUTOR_CHAT_MODEL 里的路径。")
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise ModelLoadError(
            f"“{name}”是 LoRA 适配器，不是完整的模型。请用 TUTOR_CHAT_ADAPTER 指定它，用 TUTOR_CHAT_MODEL 指定它的底座。"
        )
    config = _parsed(folder / "config.json")
    if not any(folder.glob("*.safetensors")):
        raise ModelLoadError(_without_weights(folder))
    return config


def window_of(config: dict[str, Any]) -> int | None:
    """The window in tokens that a configuration states; None if it states none."""
    text = config.get("text_config")
    for part in (config, text if isinstance(text, dict) else {}):
        for key in _WINDOW_KEYS:
            if isinstance(part.get(key), int):
                return int(part[key])
    return None


def quantization_of(config: dict[str, Any]) -> str | None:
    """How the weights in the folder are quantized already, such as `awq`; None if they are not."""
    stated = config.get("quantization_config")
    return str(stated.get("quant_method", "")) or None if isinstance(stated, dict) else None


def folder_digest(folder: Path) -> str:
    """16 hex digits that tell models or adapters apart by what they are, not by where they lie; of weights, parts are read."""
    return hashlib.sha256(json.dumps(list(model_files(folder)), ensure_ascii=False).encode()).hexdigest()[:16]


def model_files(folder: Path) -> Iterator[tuple[str, int, str]]:
    """Name, size and digest of each file of a model's or adapter's folder that counts, by name.

    Of a safetensors file of over 4 MiB only 64 KiB at each of 64 places are read: weights that differ only between those are
    taken for the same.
    """
    whole = {path for pattern in _WHOLE for path in folder.glob(pattern) if path.is_file()}
    for path in sorted({*whole, *folder.glob("*.safetensors")}, key=lambda one: one.name):
        sampled = path.suffix == ".safetensors"
        yield path.name, path.stat().st_size, _parts(path) if sampled else hashlib.sha256(path.read_bytes()).hexdigest()


def _parts(path: Path) -> str:
    digest, last = hashlib.sha256(), max(path.stat().st_size - _SAMPLED, 0)
    with path.open("rb") as file:
        for place in sorted({last * i // (_PLACES - 1) for i in range(_PLACES)}):
            file.seek(place)
            digest.update(file.read(_SAMPLED))
    return digest.hexdigest()


def _is_path(name: str) -> bool:
    """Whether a name can only be a path: the Hub's are `owner/model`, or `model` alone."""
    return name.startswith((".", "/", "~", "\\")) or name.count("/") > 1 or "\\" in name or name[1:2] == ":"


def _parsed(file: Path) -> dict[str, Any]:
    if not file.is_file():
        raise ModelLoadError(f"“{file.parent}”不是模型目录：缺少 config.json。请把 TUTOR_CHAT_MODEL 指向解压后的模型目录。")
    try:
        config = json.loads(file.read_bytes())
    except ValueError as error:
        raise ModelLoadError(f"“{file}”不是有效的 JSON，可能没有下载完整。请重新下载这个模型。") from error
    if not isinstance(config, dict):
        raise ModelLoadError(f"“{file}”不是模型的配置。请重新下载这个模型。")
    return config


def _without_weights(folder: Path) -> str:
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        return (
            f"模型“{folder}”的权重是 .bin 或 .pt（pickle，加载时可能运行其中的代码），只接受 safetensors。"
            "请下载 safetensors 版本，或先在可信的环境里转换。"
        )
    return f"模型目录“{folder}”里没有 safetensors 权重，可能没有下载完整。请重新下载。"


def _config_of_id(name: str) -> dict[str, Any]:
    from transformers import PretrainedConfig

    try:
        config, _ = PretrainedConfig.get_config_dict(name)
    except (OSError, ValueError) as error:
        raise ModelLoadError(
            f"找不到模型“{name}”：本机没有这个目录，也没有下载过这个模型。请先下载，再把 TUTOR_CHAT_MODEL 设为 local:模型目录。"
        ) from error
    return dict(config)
