"""The `openai:` back end against `transformers serve`, a real server of a real (tiny) model on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from errors import EndpointFaultError
from tests.integration.chat_models.families import ANSWER, name_end

QUESTION = "死锁？"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", "--host", "127.0.0.1", "--port", str(port)]
    log = tmp_path_factory.mktemp("serve") / "log.txt"
    with (
        log.open("wb") as out,
        subprocess.Popen([*command, "--device", "cpu"], stdout=out, stderr=out, env=os.environ) as server,
    ):
        try:
            _wait_until_up(f"http://127.0.0.1:{port}/health", server, log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.kill()


def _wait_until_up(health: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(health, timeout=2) as answer:
                assert json.load(answer) == {"status": "ok"}
                return
        except OSError:
            assert server.poll() is None and time.monotonic() < end, log.read_text(errors="replace")
            time.sleep(0.1)


@pytest.fixture
def chat(url: str, load: Any) -> Callable[..., BaseChatModel]:
    def make(folder: Path, **values: Any) -> BaseChatModel:
        return load("", **({"chat_model": f"openai:{folder}", "chat_base_url": url} | values))

    return make


@pytest.fixture(scope="module")
def served(folders: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose configuration names its end: this server looks at nothing else."""
    folder = shutil.copytree(folders("qwen3"), tmp_path_factory.mktemp("served") / "qwen3")
    name_end(folder, "qwen3")
    return folder


@pytest.mark.backend("openai（transformers serve）", "streams", "tokens")
def test_it_streams_and_tells_what_was_used(chat: Any, served: Path) -> None:
    pieces = list(chat(served).stream(QUESTION))
    assert "".join(str(piece.content) for piece in pieces) == ANSWER and sum(bool(piece.content) for piece in pieces) > 8
    (used,) = [piece.usage_metadata for piece in pieces if piece.usage_metadata]
    assert used["input_tokens"] == 23 and used["output_tokens"] in (15, 16)
    assert "".join(str(p.response_metadata.get("finish_reason", "")) for p in pieces) == "stop"
    assert chat(served).invoke(QUESTION).content == ANSWER


@pytest.mark.backend("openai（transformers serve）", "stops")
def test_leaving_ends_the_answer(chat: Any, folders: Any) -> None:
    stream = chat(folders("qwen3", endless=True), chat_max_tokens=400).stream(QUESTION)
    next(piece for piece in stream if piece.content)
    begun = time.monotonic()
    stream.close()
    assert time.monotonic() - begun < 1


@pytest.mark.backend("openai（transformers serve）", "errors")
def test_a_model_that_it_cannot_load(chat: Any, tmp_path: Path) -> None:
    with pytest.raises(EndpointFaultError, match="接口 http.*返回错误"):
        chat(tmp_path / "nothing", chat_retries=0).invoke(QUESTION)
