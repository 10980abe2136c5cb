"""Broken and hostile files beside good ones, in one run of the command: each has its reason, and the good ones are in.

What hangs has a run of its own with a short limit: it is waited out six times, and the slow ones of the others need a long one.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from rag import ingest
from rag.parsing import SUFFIXES, parse
from rag.retrieval import Retriever
from settings import ROOT, Settings
from tests.integration.hostile import CASES, Case
from vector_db.chroma import all_documents, chroma_client
from vector_db.store import open_store

GOOD = {
    "调度.md": ("时间片轮转算法", "# 处理机调度\n\n时间片轮转算法把处理机按固定的时间片轮流分给就绪队列里的进程。\n"),
    "死锁.txt": ("银行家算法", "银行家算法在分配之前先试探系统是否仍处于安全状态，因而能够避免死锁。\n"),
    "网络.html": ("拥塞避免", "<!DOCTYPE html><html><p>拥塞窗口超过慢开始门限以后线性增大，这叫拥塞避免。</p></html>"),
}
MEMORY = 3 << 30
"""Bytes that a process may hold: the libraries and OCR's models take one gigabyte."""
SECONDS = 580
"""Many times what it takes: a file that hangs would break it, a slow machine does not."""
PATIENCE = "2"
"""Seconds for a page where one hangs. The good files beside it take hardly a hundredth of that."""
NO_MESSAGE = re.compile(r"[A-Z]\w*(Error|Exception|Warning)\b|Traceback|0x[0-9a-f]{6}|/(tmp|root|home|usr)/|\.py\b")
HANGING = [case for case in CASES if case.hangs]
REFUSED = [case for case in CASES if case.reason and not case.hangs]
READ = [case for case in CASES if not case.reason]


@dataclass(frozen=True)
class Run:
    """What the command made of the folder: `errors` by file name, `unread` pages by file name, text by file name."""

    status: int
    errors: dict[str, str]
    unread: dict[str, list[int]]
    texts: dict[str, str]
    stderr: str
    settings: Settings


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("hostile") / "资料"
    (folder / "folder.pdf").mkdir(parents=True)
    paths = [case.put(folder) for case in CASES if not case.hangs]
    put_good(folder)
    settings = Settings(_env_file=None, data_dir=folder.parent / "data")
    variables = {
        "TUTOR_DATA_DIR": str(settings.data_dir),
        "TUTOR_PAGE_TIMEOUT_SECONDS": "20",
        "TUTOR_MAX_MEMORY_MB": "2048",
        "TUTOR_INGEST_WORKERS": "2",
    }
    named = [path for path in paths if path.suffix.lower() not in SUFFIXES]  # in a folder these are only counted
    done = subprocess.run(
        [sys.executable, "-m", "rag.ingest", folder, *named, "--json"],
        cwd=ROOT, env=os.environ | variables, capture_output=True, timeout=SECONDS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY)),
    )  # fmt: skip
    return report(done, settings)


def put_good(folder: Path, *suffixes: str) -> None:
    for name, (_, text) in GOOD.items():
        if name.endswith(suffixes or ""):
            (folder / name).write_text(text, encoding="utf-8")


def report(done: subprocess.CompletedProcess[bytes], settings: Settings) -> Run:
    assert done.stdout, done.stderr.decode(errors="replace")[-2000:]
    told: dict[str, Any] = json.loads(done.stdout.decode().splitlines()[-1])
    texts: dict[str, str] = defaultdict(str)
    for collection in chroma_client(settings).list_collections():
        for chunk in all_documents(collection):
            texts[Path(chunk.metadata["source"]).name] += chunk.page_content
    return Run(
        done.returncode,
        {Path(entry["path"]).name: entry["error"] for entry in told["failed"]},
        {Path(entry["path"]).name: entry["pages"] for entry in told["unread"]},
        texts,
        done.stderr.decode(errors="replace"),
        settings,
    )


def label(case: Case) -> str:
    return str(case.name)


def name_of(case: Case) -> str:
    """The file's name as the report has it."""
    return case.name if isinstance(case.name, str) else case.name.decode("gb18030", "replace")


def test_there_are_enough() -> None:
    assert len(CASES) >= 150 and len({case.name for case in CASES}) == len(CASES)


def test_the_run_ends_and_says_that_some_failed(run: Run) -> None:
    assert run.status == 1
    assert not re.search("Traceback|WARNING|recursion|Error", run.stderr), "libraries keep silent"
    assert set(run.errors) == {name_of(case) for case in REFUSED}


@pytest.mark.parametrize("case", REFUSED, ids=label)
def test_refused_with_its_reason(case: Case, run: Run) -> None:
    check_reason(case, run.errors[name_of(case)])


def check_reason(case: Case, message: str) -> None:
    assert re.search(case.reason, message)
    assert re.search("请|调大|设置", message), "it says what to do"
    assert not NO_MESSAGE.search(message)


def test_what_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The command here, where its libraries are loaded; the processes that read, and are ended, are its own as ever."""
    (folder := tmp_path / "资料").mkdir()
    for case in HANGING:
        case.put(folder)
    put_good(folder, ".md", ".txt")  # what reads a web page takes a second to load
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("TUTOR_PAGE_TIMEOUT_SECONDS", PATIENCE)
    monkeypatch.setenv("TUTOR_MAX_MEMORY_MB", "2048")
    monkeypatch.setenv("TUTOR_INGEST_WORKERS", "2")
    assert HANGING and ingest.main([str(folder), "--json"]) == 1
    told = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert (told["documents"], told["added"], len(told["failed"])) == (len(HANGING) + 2, 2, len(HANGING))
    reasons = {Path(entry["path"]).name: entry["error"] for entry in told["failed"]}
    for case in HANGING:
        check_reason(case, reasons[name_of(case)])


@pytest.mark.parametrize("case", READ, ids=label)
def test_read_in_spite_of_it(case: Case, run: Run) -> None:
    assert case.words in run.texts[name_of(case)]
    assert run.unread.get(name_of(case), []) == ([2] if case.unread else [])


@pytest.mark.parametrize("case", [case for case in READ if case.unread], ids=label)
def test_an_unread_page_has_its_reason(case: Case, settings: Settings, tmp_path: Path) -> None:
    from rag.parsing.ocr import Recogniser

    assert [page.unread for page in parse(case.put(tmp_path), settings, Recogniser())] == ["", case.unread, ""]


@pytest.mark.parametrize("name", GOOD)
def test_the_good_files_beside_them_are_found(name: str, run: Run) -> None:
    ((best, _),) = Retriever(open_store(run.settings)).search(GOOD[name][0], k=1)
    assert best.metadata["source"].endswith(name)
