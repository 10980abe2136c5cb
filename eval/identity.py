"""Which model answers, and from which documents: what two runs must share to be compared, and what a judge may not be."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from errors import ModelLoadError
from settings import ROOT, Settings

__all__ = ["fingerprint", "identity", "knowledge_fingerprint", "same_model"]

_QUOTING = (
    "rag/chat_models/extractive.py rag/quoting.py rag/quotable.py rag/sentences.py rag/expansion.py vector_db/segmentation.py"
).split()
"""What chooses the words of the extractive model: it has no weights, its code is the model."""
_PORTS = {"http": 80, "https": 443}
_HERE = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})


def identity(settings: Settings) -> tuple[str, ...]:
    """What names the model that answers, however it is spelt: (kind, name, address or adapter).

    `local:` and `lmdeploy:` of one folder are one model: the same weights in two engines. Precision and quantization don't count.
    """
    kind, _, name = settings.chat_model.partition(":")
    if kind == "openai":
        return kind, name.strip(), _address(settings.chat_base_url)
    if kind in ("local", "lmdeploy"):
        return "folder", _place(name), _place(str(settings.chat_adapter)) if settings.chat_adapter else ""
    return (settings.chat_model,)


def same_model(one: Settings, two: Settings) -> bool:
    """Whether two settings name one model: a judge may not be the model that it judges."""
    return identity(one) == identity(two)


def fingerprint(settings: Settings) -> str:
    """16 hex digits that tell models apart by what they are, not by where they lie.

    Of a folder: the files that decide how it talks, whole, and of each safetensors file its name, its size and a sample of its
    weights (`model_files`), those of the adapter, and precision,
    quantization, merging and engine. Of an endpoint: the name and the address, never the key. Of `extractive`: the version
    and the code that chooses the words.

    Raises:
        ModelLoadError: the model's or the adapter's folder is not there.
    """
    kind, _, name = settings.chat_model.partition(":")
    if kind not in ("local", "lmdeploy"):
        told: Iterable[object] = _code() if settings.chat_model == "extractive" else identity(settings)
        return _digest([settings.chat_model.strip(), *told])
    how: list[object] = [kind, settings.chat_dtype, settings.chat_quantization, settings.chat_merge_adapter, settings.chat_engine]
    files = _files(_folder(name))
    adapter = _files(settings.chat_adapter) if settings.chat_adapter else []
    return _digest([how, files, adapter])


def knowledge_fingerprint(settings: Settings) -> str:
    """16 hex digits that tell knowledge bases apart: their documents, how these were cut, embedding and reranker; `empty` without any."""
    from rag.library import open_library

    records = [record for record in open_library(settings).documents() if record.chunks]
    if not records:
        return "empty"
    documents = sorted((r.sha256, r.subject, r.chunks, r.embedding) for r in records)
    return _digest([documents, Path(settings.reranker).name if settings.reranker else ""])


def _address(url: str | None) -> str:
    """Host, port and path of an address; the names of this machine are one, and so are `/v1` and `/v1/`."""
    parts = urlsplit((url or "").strip())
    host = (parts.hostname or "").lower()
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return f"{'localhost' if host in _HERE else host}:{port}{parts.path.rstrip('/')}"


def _place(name: str) -> str:
    """A folder by its resolved path; a name of the Hub as it is."""
    folder = Path(name.strip()).expanduser()
    return str(folder.resolve()) if folder.exists() or folder.is_absolute() else name.strip().rstrip("/")


def _folder(name: str) -> Path:
    """Where a model lies: its own folder, or the copy of it in this machine's Hugging Face cache."""
    from rag.chat_models.model_folder import read_config

    read_config(name)  # its messages say what is wrong with the folder
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (OSError, ValueError) as error:
        raise ModelLoadError(f"模型“{name}”没有完整下载到本机。请先下载，或把 TUTOR_CHAT_MODEL 设为 local:模型目录。") from error


def _files(folder: Path) -> list[tuple[str, int, str]]:
    """Name, size and digest of each file that counts, by name."""
    from rag.chat_models.model_folder import model_files

    if not folder.is_dir():
        raise ModelLoadError(f"适配器目录“{folder}”不存在。请检查 TUTOR_CHAT_ADAPTER。")
    return list(model_files(folder))


def _code() -> Iterator[str]:
    yield tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    yield from (hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in _QUOTING)


def _digest(told: Any) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]
