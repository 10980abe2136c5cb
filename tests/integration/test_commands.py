"""The commands as a user runs them, on real documents: each in a process of its own at least once.

What a command does with other input is looked at in this process (`here`), where nothing has to be imported again.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pypdfium2
import pytest

from settings import ROOT
from tests.conftest import DOCS

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with docs/ ingested by the command."""
    folder = tmp_path_factory.mktemp("data")
    done = run(folder, "rag.ingest", str(DOCS), "--json")
    report = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and report["added"] == 5 and report["failed"] == [] and report["chunks"] > 200
    return folder


def run(data_dir: Path, module: str, *arguments: str, text: str | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"TUTOR_DATA_DIR": str(data_dir), "HF_HUB_OFFLINE": "1"} | env
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, input=text, capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """As `run`, in this process."""

    def call(data_dir: Path, module: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        for name, value in {"TUTOR_DATA_DIR": str(data_dir), **env}.items():
            monkeypatch.setenv(name, value)
        try:
            status = import_module(module).main(arguments)
        except SystemExit as left:
            status = left.code
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return call


def test_second_run_finds_everything_unchanged(data_dir: Path, here: Run) -> None:
    report = json.loads(here(data_dir, "rag.ingest", str(DOCS), "--json").stdout.splitlines()[-1])
    assert (report["unchanged"], report["added"], report["updated"]) == (5, 0, 0)
    assert "操作系统讲义.pdf" in here(data_dir, "rag.ingest", "--list").stdout


def test_ask_quotes_stand_literally_on_the_cited_page(data_dir: Path) -> None:
    done = run(data_dir, "rag.ask", "死锁产生的四个必要条件是什么？", "--json")
    answer = json.loads(done.stdout)
    assert set(answer) >= {"answer", "citations", "refused", "subject", "model"}
    assert not answer["refused"] and answer["subject"] == "os" and "不用语言模型" in answer["model"]
    for condition in ("互斥", "不剥夺", "请求并保持", "循环等待"):
        assert condition in answer["answer"]
    for citation in answer["citations"]:
        with pypdfium2.PdfDocument(DOCS.parent / citation["source"]) as pdf:
            page = pdf[citation["page"] - 1].get_textpage()
            squeezed = "".join(page.get_text_range().split())
            boxed = "".join(page.get_text_bounded(*citation["bbox"]).split())
        plain = "".join(citation["quote"].split())
        assert plain in squeezed and plain[5:-5] in boxed


def test_ask_refuses_what_the_documents_do_not_hold(data_dir: Path, here: Run) -> None:
    answer = json.loads(here(data_dir, "rag.ask", "红烧肉应该怎么做？", "--json").stdout)
    assert answer["refused"] and answer["citations"] == [] and answer["nearest"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["  "], 2, "问题是空的"),
        ([], 2, "缺少 QUESTION"),
        (["死锁？", "--mode", "teach"], 2, "可选 'qa'"),
        (["死" * 20000], 2, "超过上限"),
        (["死锁？", "--subject", "math"], 2, "数据结构"),
    ],
)
def test_ask_bad_input(data_dir: Path, here: Run, arguments: list[str], code: int, words: str) -> None:
    done = (here if arguments else run)(data_dir, "rag.ask", *arguments)
    assert done.returncode == code and words in done.stderr


def test_ask_with_an_endpoint_that_is_not_there(data_dir: Path, here: Run) -> None:
    env = {
        "TUTOR_CHAT_MODEL": "openai:qwen",
        "TUTOR_CHAT_BASE_URL": "http://127.0.0.1:9/v1",
        "TUTOR_CHAT_API_KEY": "sk-hidden-key",
    }
    done = here(data_dir, "rag.ask", "死锁是什么？", **env)
    assert done.returncode == 1 and "连不上接口" in done.stderr and "sk-hidden-key" not in done.stdout + done.stderr


def test_chat_commands(data_dir: Path) -> None:
    lines = ["什么是工作集？", "/subject cn", "/subject math", "/mode x", "clear", "", "stop"]
    out = run(data_dir, "rag.chat", text="\n".join(lines)).stdout
    for words in ("工作集（Working Set）是指", "科目：计算机网络", "没有“math”", "对话已清空", "[计算机网络 · 答疑] >"):
        assert words in out


def test_search_writes_a_line_a_query(data_dir: Path, tmp_path: Path, here: Run) -> None:
    queries, out = tmp_path / "q.jsonl", tmp_path / "run.jsonl"
    queries.write_text('{"id": 1, "query": "银行家算法"}\n\n{"id": "b", "query": "死锁", "subject": "cn"}\n', encoding="utf-8")
    assert run(data_dir, "rag.search", "--queries", str(queries), "--k", "3", "--out", str(out)).returncode == 0
    one, two = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (
        one["id"] == 1 and len(one["results"]) == 3 and set(one["results"][0]) == {"chunk_id", "source", "page", "text", "score"}
    )
    assert all("计算机网络" in r["source"] for r in two["results"])
    queries.write_text('{"id": 1}\n', encoding="utf-8")
    bad = here(data_dir, "rag.search", "--queries", str(queries), "--out", str(out))
    assert bad.returncode == 2 and "第 1 行" in bad.stderr


def test_delete_by_the_command(data_dir: Path, tmp_path: Path, here: Run) -> None:
    path = tmp_path / "一次性.txt"
    path.write_text("哲学家就餐问题是经典的同步问题。", encoding="utf-8")
    here(data_dir, "rag.ingest", str(path), "--subject", "os")
    assert "已删除：一次性.txt" in here(data_dir, "rag.ingest", "--delete", "一次性.txt").stdout
    gone = here(data_dir, "rag.ingest", "--delete", "一次性.txt")
    assert gone.returncode == 2 and "--list" in gone.stderr


def test_help_loads_nothing_heavy() -> None:
    modules = ["rag.ask", "rag.chat", "rag.search", "rag.ingest", "finetune.embedding", "knowledge.build_docs", "eval.exam"]
    code = f"""
import runpy, sys
for module in {modules}:
    sys.argv = [module, "--help"]
    try:
        runpy.run_module(module, run_name="__main__")
    except SystemExit:
        pass
    print("loaded", module, [m for m in ("torch", "chromadb", "gradio", "transformers", "langchain_core") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert [one for one in done.stdout.splitlines() if one.startswith("loaded")] == [f"loaded {one} []" for one in modules]
    assert done.stdout.count("usage") == len(modules)


def test_app_refuses_a_public_address(data_dir: Path) -> None:
    started = time.monotonic()
    done = run(data_dir, "app", "--host", "0.0.0.0")  # noqa: S104 - that it is refused is the point
    assert done.returncode == 2 and "127.0.0.1" in done.stderr and time.monotonic() - started < 30


def test_a_console_without_the_characters_and_an_empty_store(data_dir: Path, tmp_path: Path, here: Run) -> None:
    environment = os.environ | {"TUTOR_DATA_DIR": str(data_dir), "HF_HUB_OFFLINE": "1", "PYTHONIOENCODING": "gbk"}
    command = [sys.executable, "-m", "rag.ask", "死锁的四个必要条件是什么"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=120)
    assert done.returncode == 0 and "互斥条件" in done.stdout.decode("gbk")
    empty = here(tmp_path / "nothing", "rag.ask", "死锁是什么")
    assert empty.returncode == 1 and "知识库还是空的" in empty.stderr
