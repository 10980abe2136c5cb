"""Who is asked: a model under a name, with an adapter or without."""

from __future__ import annotations

import gc
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from errors import UsageError
from settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

__all__ = ["Entrant", "checked_entrants", "entrant_of", "free_memory", "loaded"]

_KINDS = ("local", "openai", "lmdeploy")
_WEIGH = ("chat_dtype", "chat_quantization", "chat_merge_adapter", "chat_max_tokens", "chat_window_tokens")
"""Settings, besides the weights, that an answer depends on."""
_EXAMPLE = "--compare 微调后=local:底座目录+适配器目录"


@dataclass(frozen=True)
class Entrant:
    """A model with the name that its answers are shown under."""

    name: str
    settings: Settings

    @cached_property
    def identity(self) -> str:
        """16 hex digits of all in the model that its answers depend on: of a folder its weights, not where it lies."""
        from rag.chat_models.model_folder import folder_digest

        kind, _, model = self.settings.chat_model.partition(":")
        folder, adapter = Path(model).expanduser(), self.settings.chat_adapter
        local = kind != "openai" and folder.is_dir()
        told = [kind, folder_digest(folder) if local else model, folder_digest(adapter) if adapter else ""]
        told += [str(self.settings.chat_base_url) if kind == "openai" else ""]
        told += [str(getattr(self.settings, name)) for name in _WEIGH]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:16]


def entrant_of(text: str, settings: Settings) -> Entrant:
    """The entrant of `名称=模型` or `名称=模型+适配器目录`, the model as in `TUTOR_CHAT_MODEL`.

    Raises:
        UsageError: it is not of this form, or the model is of no kind that can be asked directly.
    """
    name, equals, model = (part.strip() for part in text.partition("="))
    if not (name and equals and model):
        raise UsageError(f"--compare 的写法是 名称=模型 或 名称=模型+适配器目录，例如 {_EXAMPLE}，而不是“{text}”。")
    kind, _, place = model.partition(":")
    if kind not in _KINDS or not place:
        raise UsageError(f"“{name}”的模型应写成 local:目录、openai:模型名 或 lmdeploy:目录，而不是“{model}”。例如 {_EXAMPLE}。")
    place, adapter = (place, None) if kind == "openai" else _parted(place)
    return Entrant(name, settings.model_copy(update={"chat_model": f"{kind}:{place}", "chat_adapter": adapter}))


def _parted(place: str) -> tuple[str, Path | None]:
    """Model and adapter. A folder's name may hold a plus sign itself: then what is a folder decides."""
    if "+" not in place or Path(place).expanduser().is_dir():
        return place, None
    splits = [(place[:i].strip(), Path(place[i + 1 :].strip()).expanduser()) for i, c in enumerate(place) if c == "+"]
    found = next((one for one in splits if Path(one[0]).expanduser().is_dir() and one[1].is_dir()), splits[-1])
    return found


def checked_entrants(entrants: Sequence[Entrant]) -> list[Entrant]:
    """The entrants, if each can be told from the others and what is on this machine is there: known before the first is loaded.

    Raises:
        UsageError: two have one name.
        ModelLoadError: a folder holds no model, or no adapter.
    """
    from rag.chat_models.adapters import check_adapter
    from rag.chat_models.model_folder import read_config

    names = [entrant.name for entrant in entrants]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"--compare 的名称“{twice}”用了不止一次。请给每个模型不同的名称。")
    for entrant in entrants:
        kind, _, place = entrant.settings.chat_model.partition(":")
        if kind == "local":
            read_config(place)
        if entrant.settings.chat_adapter:
            check_adapter(entrant.settings.chat_adapter)
    return list(entrants)


def loaded(entrant: Entrant) -> BaseChatModel:
    """The entrant's model.

    Raises:
        ModelLoadError: it can't be loaded.
    """
    from rag.chat_models import load_chat_model

    return load_chat_model(entrant.settings)


def free_memory() -> None:
    """Give back the memory of a model that nobody holds any more, for the next one: parts of it hold each other."""
    gc.collect()
    if (torch := sys.modules.get("torch")) and torch.cuda.is_available():
        torch.cuda.empty_cache()
