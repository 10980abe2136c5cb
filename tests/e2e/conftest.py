"""What the end-to-end tests share: one browser, the bundled documents read once, and an app whose clock can be put forward."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, expect, sync_playwright

import app
from settings import ROOT, Settings
from tests.integration.server.conftest import free_port, listening

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
PATIENCE = 90_000
"""Milliseconds that a page may take to show what is expected of it, on a machine with other work as well."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test here needs a browser."""
    missing = pytest.mark.skip(reason="需要 chromium（Debian：apt-get install chromium fonts-noto-cjk）")
    for item in items:
        if Path(item.fspath).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.e2e)
            if not CHROMIUM:
                item.add_marker(missing)


class MovableClock:
    """The real time, put forward as far as a test wants."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class Served:
    """An app that listens."""

    url: str
    settings: Settings
    clock: MovableClock


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser. It ends with the last test of this folder: while it runs, Playwright's event loop is the thread's, and no other may run."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(autouse=True)
def no_page_stays_open(browser: Browser) -> Iterator[None]:
    """Also one that a failed test left, which would go on asking and drawing beside all the others."""
    yield
    for context in browser.contexts:
        context.close()


@pytest.fixture(scope="session")
def prepared_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the bundled documents in it, read once for all tests of all processes; copy it, don't write into it."""
    folder = tmp_path_factory.getbasetemp().parent / "prepared-data"
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            environment = os.environ | {"TUTOR_DATA_DIR": str(folder), "HF_HUB_OFFLINE": "1"}
            command = [sys.executable, "-m", "rag.ingest", "docs/", "knowledge/notes/"]
            subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
            (folder / "done").touch()
    return folder


@pytest.fixture(scope="session")
def serve(prepared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Served]]:
    """A maker of apps: `serve(**settings)` starts one on its own copy of the bundled documents; it stops with the last test."""
    with ExitStack() as stack:

        def make(**given: object) -> Served:
            data = Path(shutil.copytree(prepared_data, tmp_path_factory.mktemp("app") / "data"))
            settings, clock = Settings(_env_file=None, **({"data_dir": data} | given)), MovableClock()
            application = stack.enter_context(app.opened(settings, "127.0.0.1", free_port(), clock))
            return Served(stack.enter_context(listening(application)), settings, clock)

        yield make


@pytest.fixture(scope="module")
def served(serve: Callable[..., Served]) -> Served:
    """An app for the tests of one file."""
    return serve()


def new_page(browser: Browser, **options: Any) -> Page:
    """A page in a context of its own, as patient as the tests."""
    context = browser.new_context(**({"locale": "zh-CN", "viewport": {"width": 1440, "height": 950}} | options))
    context.set_default_timeout(PATIENCE)
    return context.new_page()


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """The opened page of `served`; nothing on it may ask another host for anything."""
    strangers: list[str] = []
    opened = new_page(browser)
    opened.on("request", lambda r: None if r.url.startswith((served.url, "data:", "blob:")) else strangers.append(r.url))
    opened.goto(served.url)
    yield opened
    opened.context.close()
    assert strangers == []


@pytest.fixture
def open_tab(page: Page) -> Callable[[str], Page]:
    """Go to a tab by its name."""

    def go(name: str) -> Page:
        page.get_by_role("tab", name=name, exact=True).click()
        return page

    return go
