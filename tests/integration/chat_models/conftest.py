"""Tiny models of each family, built once; the table of what each back end was seen to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from rag.chat_models import load_chat_model
from settings import Settings
from tests.integration.chat_models.families import FAMILIES, build
from tests.integration.chat_models.table import Table

TABLE = Table()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "backend(name, *abilities): 这条测试证明某个对话模型的哪些能力，见测试结束时的表")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    report = yield
    if report.when == "call" or not report.passed:
        for mark in item.iter_markers("backend"):
            TABLE.check(mark.args[0], mark.args[1:])
            reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
            TABLE.note(mark.args[0], mark.args[1:], report.outcome, reason.removeprefix("Skipped: "))
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section("对话模型")
    for line in TABLE.lines():
        terminalreporter.write_line(line)


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
