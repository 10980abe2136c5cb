"""`python app.py` as a whole: page and API on one port, limits, messages, and the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from openai import OpenAI

from settings import ROOT
from tests.integration.server.conftest import free_port

START_SECONDS = 120.0
KEY = {"Authorization": "Bearer one"}


def start(port: int, data: Path, log: Path) -> subprocess.Popen[bytes]:
    own = {"TUTOR_DATA_DIR": str(data), "TUTOR_API_KEYS": "one,two", "TUTOR_MAX_FILE_MB": "1", "HF_HUB_OFFLINE": "1"}
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "app.py", "--port", str(port)], cwd=ROOT, env=os.environ | own, stdout=out, stderr=out
        )


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes], Path]]:
    """The application, when it has read its bundled documents: address, process, log."""
    folder, port = tmp_path_factory.mktemp("app"), free_port()
    process = start(port, folder / "data", folder / "log")
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + START_SECONDS
    try:
        while not ready(url) and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        assert ready(url), (folder / "log").read_text()
        yield url, process, folder / "log"
    finally:
        process.kill()
        process.wait()


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False).json()["status"] == "ready"
    except httpx.HTTPError:
        return False


def test_page_and_api_share_a_port(app) -> None:
    url, _, _ = app
    page = httpx.get(url, trust_env=False)
    assert page.status_code == 200 and "Tutor408" in page.text and httpx.get(f"{url}/config", trust_env=False).status_code == 200
    assert httpx.get(f"{url}/v1/models", trust_env=False).status_code == 401
    assert httpx.get(url, headers={"Host": "evil.example"}, trust_env=False).status_code == 403
    assert httpx.get(f"{url}/healthz", headers=KEY, trust_env=False).json()["documents"] > 5
    with httpx.Client(trust_env=False) as http:
        client = OpenAI(base_url=f"{url}/v1", api_key="two", http_client=http)
        ask = [{"role": "user", "content": "死锁产生的四个必要条件是什么？"}]
        chunks = list(client.chat.completions.create(model="tutor-qa", messages=ask, stream=True))
    assert "循环等待" in "".join(c.choices[0].delta.content or "" for c in chunks) and chunks[-1].choices[0].delta.citations


def test_what_is_public_has_a_name_and_hidden_progress_marks_no_component(app) -> None:
    url, _, _ = app
    named = httpx.get(f"{url}/gradio_api/info", trust_env=False).json()
    assert set(named["named_endpoints"]) == {"/ask", "/practice_next", "/practice_answer"} and not named["unnamed_endpoints"]
    config = httpx.get(f"{url}/config", trust_env=False).json()
    kinds = {component["id"]: component["type"] for component in config["components"]}
    for event in (one for one in config["dependencies"] if one["backend_fn"]):
        shown_on = event["outputs"] if event["show_progress_on"] is None else event["show_progress_on"]
        assert event["show_progress"] != "hidden" or {kinds[one] for one in shown_on} <= {"chatbot", "api"}, event["api_name"]


def test_the_page_takes_files_up_to_the_limit_of_the_settings(app) -> None:
    url, _, _ = app
    small, big = (
        httpx.post(f"{url}/gradio_api/upload", files={"files": ("a.txt", b"x" * size)}, trust_env=False)
        for size in (1000, 3 << 20)
    )
    assert small.status_code == 200 and big.status_code == 413


def test_a_second_one_on_the_same_port_says_so(app, tmp_path: Path) -> None:
    url, _, _ = app
    second = start(int(url.rpartition(":")[2]), tmp_path / "data", tmp_path / "log")
    assert second.wait(30) == 2 and "--port" in (tmp_path / "log").read_text() and not (tmp_path / "data").exists()


def test_it_ends_when_it_is_told_to(app) -> None:
    """The last test here: the application is gone afterwards."""
    url, process, log = app
    with httpx.stream("GET", f"{url}/gradio_api/heartbeat/x", trust_env=False):  # as an open page does
        process.send_signal(signal.SIGINT)
        process.wait(20)
    assert "Traceback" not in log.read_text()
