"""`python -m eval.exam` against a real server: killed, left alone by the server, run again.

As a process of its own where that is the point; elsewhere its `main`, which costs no second start.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.exam import main
from settings import ROOT
from tests.integration.eval.choosing_server import ChoosingServer

QUESTIONS = ("--generated", "60", "--seed", "3")
Run = Callable[..., tuple[int, str, str]]


def _settings(folder: Path, url: str) -> dict[str, str]:
    return {
        "TUTOR_CHAT_MODEL": "openai:choosing",
        "TUTOR_CHAT_BASE_URL": url,
        "TUTOR_CHAT_RETRIES": "0",
        "TUTOR_DATA_DIR": str(folder / "data"),
    }


def _start(folder: Path, url: str, *options: str, **more: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")} | more
    command = [sys.executable, "-m", "eval.exam", *options]
    return subprocess.Popen(
        command, cwd=ROOT, env=environment | _settings(folder, url), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: its exit status, what it printed and what it told besides."""

    def call(url: str, *options: str) -> tuple[int, str, str]:
        for name, value in _settings(tmp_path, url).items():
            monkeypatch.setenv(name, value)
        status = main(options)
        return status, *capsys.readouterr()

    return call


def _records(folder: Path) -> list[dict[str, Any]]:
    rows = [json.loads(line) for line in (folder / "records.jsonl").read_text(encoding="utf-8").splitlines()]
    return [{name: value for name, value in row.items() if name not in ("seconds", "config")} for row in rows]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """The records of a run that nothing interrupts, of the command as a user starts it."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with ChoosingServer() as server:
        process = _start(folder, server.url, *QUESTIONS, "--out", str(folder / "run"), PYTHONPROFILEIMPORTTIME="1")
        out, err = process.communicate(timeout=180)
    assert process.returncode == 0 and "数据结构" in out and "Traceback" not in err
    loaded = {line.rpartition("|")[2].strip() for line in err.splitlines() if line.startswith("import time:")}
    assert "openai" in loaded and not {"chromadb", "torch", "gradio"} & loaded  # without retrieval, what it needs alone
    records = _records(folder / "run")
    assert len(records) == 60 and {one["parsed"] for one in records} == {"A", "B", "C", "D", None}
    return records


def test_killed_in_the_middle_and_run_again_the_records_are_the_same(
    tmp_path: Path, undisturbed: list[dict[str, Any]], run: Run
) -> None:
    out = tmp_path / "run"
    with ChoosingServer(held_at=40) as server:
        process = _start(tmp_path, server.url, *QUESTIONS, "--out", str(out))
        assert server.reached.wait(60)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kept = len(_records(out))
        assert 0 < kept < 40
        server.held_at = None
        server.released.set()
        before = server.asked
        status, _, err = run(server.url, *QUESTIONS, "--out", str(out))
        assert status == 0 and f"已有 {kept} 条记录" in err
        assert server.asked - before == 60 - kept
    assert _records(out) == undisturbed


def test_a_server_that_dies_at_question_33_leaves_the_rest_pending_and_none_wrong(
    tmp_path: Path, undisturbed: list[dict[str, Any]], run: Run
) -> None:
    out = tmp_path / "run"
    with ChoosingServer(dies_at=33) as server:
        status, _, err = run(server.url, *QUESTIONS, "--out", str(out))
        assert status == 1
        assert "接口接连出错，先停下了" in err and "再运行同一条命令" in err
        summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
        row = summary["conditions"][0]["table"]["all"]
        assert (row["n"], row["pending"], summary["run"]["pending"]) == (32, 28, 28)
        known = {json.dumps(one, sort_keys=True) for one in undisturbed}
        assert all(json.dumps(one, sort_keys=True) in known for one in _records(out))
        server.dies_at = None
        status, _, err = run(server.url, *QUESTIONS, "--out", str(out))
        assert status == 0 and "还差 28 条" in err
    assert _records(out) == undisturbed


def test_a_finished_run_is_not_asked_again(tmp_path: Path, run: Run) -> None:
    with ChoosingServer() as server:
        options = ("--generated", "12", "--shuffle", "circular")
        run(server.url, *options)
        assert server.asked == 48
        status, out, _ = run(server.url, *options, "--json")
        assert status == 0 and server.asked == 48
        told = json.loads(out.splitlines()[-1])
    assert told["conditions"][0]["table"]["all"]["n"] == 48
    assert told["conditions"][0]["table"]["all"]["all_rotations"]["n"] == 12
    assert {path.name for path in Path(told["out"]).iterdir()} >= {"config.json", "records.jsonl", "summary.json", "report.html"}


def test_a_folder_of_another_configuration_is_refused(tmp_path: Path, run: Run) -> None:
    with ChoosingServer() as server:
        out = str(tmp_path / "run")
        run(server.url, "--generated", "4", "--out", out)
        before = (tmp_path / "run" / "records.jsonl").read_bytes()
        status, _, err = run(server.url, "--generated", "4", "--shots", "5", "--out", out)
    assert status == 2 and "示例（--shots）" in err
    assert (tmp_path / "run" / "records.jsonl").read_bytes() == before


def test_a_whole_paper_is_marked_by_a_judge_that_is_another_model(tmp_path: Path, run: Run) -> None:
    with ChoosingServer() as server:
        judge = f"openai:judge@{server.url}"
        status, out, _ = run(server.url, "--paper", "--seed", "5", "--judge", judge, "--json")
        assert status == 0
        told = json.loads(out.splitlines()[-1])
        [paper], [problems] = told["paper"], told["problems"]
        right = told["conditions"][0]["table"]["all"]["correct"]
        assert (paper["choices"], paper["choices_full"], paper["problems_full"]) == (2 * right, 80, 70)
        assert len(problems["marks"]) == 7 and 0 < problems["score"] < problems["full"]
        assert 0 < paper["problems"] < 70 and paper["total"] == round(paper["choices"] + paper["problems"], 1)
        assert f"合计 {paper['total']}/150 分" in out
        asked = server.asked
        run(server.url, "--paper", "--seed", "5", "--judge", judge)
        assert server.asked == asked  # neither answered nor marked again
        status, _, err = run(server.url, "--paper", "--judge", f"openai:choosing@{server.url}")
        assert status == 2 and "评委" in err
        status, out, _ = run(server.url, "--paper", "--seed", "6")
        assert status == 0 and "没有全部评出，不计总分" in out


def test_problems_that_could_not_be_marked_are_pending_too(tmp_path: Path, run: Run) -> None:
    with ChoosingServer(dies_at=51) as server:  # 40 questions, 7 answers, then the judge
        options = ("--paper", "--judge", f"openai:judge@{server.url}", "--out", str(tmp_path / "run"))
        status, out, err = run(server.url, *options)
        assert status == 1 and "待评 4 题" in out and "没有评成" in err
        server.dies_at = None
        status, out, _ = run(server.url, *options)
        assert status == 0 and "/150 分" in out
