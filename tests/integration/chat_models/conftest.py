"""Tiny models of each family, built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from rag.chat_models import load_chat_model
from settings import Settings
from tests.integration.chat_models.families import FAMILIES, build


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A finder of tiny models: `folders("qwen3")`, `folders("qwen3", endless=True)`; each is built once."""
    root = tmp_path_factory.mktemp("models")

    def find(name: str, endless: bool = False) -> Path:
        folder = root / (f"{name}-endless" if endless else name)
        return folder if folder.is_dir() else build(folder, name, endless)

    return find


@pytest.fixture(scope="session")
def load() -> Callable[..., BaseChatModel]:
    """A loader: `load(folder, chat_max_tokens=5)`, by default of the `local:` back end."""

    def make(folder: Path | str, **values: Any) -> BaseChatModel:
        return load_chat_model(Settings(_env_file=None, **{"chat_model": f"local:{folder}", **values}))

    return make


@pytest.fixture(params=sorted(FAMILIES))
def family(request: pytest.FixtureRequest) -> str:
    """Each family in turn."""
    return str(request.param)


@pytest.fixture(autouse=True, scope="session")
def modules_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Code that comes with a model is copied to a temporary folder, not into the user's cache."""
    from transformers import dynamic_module_utils

    patch = pytest.MonkeyPatch()
    patch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path_factory.mktemp("modules")))
    yield
    patch.undo()
