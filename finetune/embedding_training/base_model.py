"""The model that is fine-tuned: loaded, on a device."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ModelLoadError, UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["chosen_device", "load_base"]


def chosen_device(wanted: str) -> str:
    """`cpu` or `cuda`, of `auto`, `cpu` and `cuda`.

    Raises:
        UsageError: there is no GPU.
    """
    import torch

    if wanted == "cuda" and not torch.cuda.is_available():
        raise UsageError("这台机器没有可用的 CUDA 显卡。请用 --device cpu（小模型可行），或换一台有显卡的机器。")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"


def load_base(name: str, device: str) -> SentenceTransformer:
    """The model of a folder, or of a Hugging Face name.

    Raises:
        ModelLoadError: there is none, or it can't be loaded.
    """
    folder = Path(name).expanduser()
    if folder.exists() and not _is_model(folder):
        raise ModelLoadError(
            f"“{name}”里没有向量模型：缺少 modules.json 或 config.json 与 safetensors 权重。请指向 sentence-transformers 的模型目录。"
        )
    if not folder.exists() and (name.startswith((".", "/", "~")) or name.count("/") > 1):
        raise ModelLoadError(f"模型目录“{name}”不存在。请检查路径。")
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # peft imports it; it misses a kernel that nothing here needs
    from safetensors import SafetensorError
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # one for each file of each checkpoint
    try:
        return SentenceTransformer(str(folder) if folder.exists() else name, device=device, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError, SafetensorError) as error:
        raise ModelLoadError(
            f"无法加载向量模型“{name}”（{type(error).__name__}）。它应是完整的模型目录，或本机缓存里有、能联网下载的 Hugging Face 名称。"
        ) from error


def _is_model(folder: Path) -> bool:
    described = any((folder / name).is_file() for name in ("modules.json", "config.json"))
    return folder.is_dir() and described and any(folder.rglob("*.safetensors"))
