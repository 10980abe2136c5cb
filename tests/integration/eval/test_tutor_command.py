"""python -m eval.tutor on a real store of a real document, and with a real server that plays tutor and judge, and dies."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.answer_quality.pages import OriginalPages
from eval.tutor import main
from rag.citations import resolve
from rag.ingest import find_documents, ingest
from rag.library import open_library
from rag.retrieval import open_retriever
from rag.sentences import sentences
from settings import ROOT, Settings
from tests.integration.eval.tutor_server import TutorServer


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with documents of pages and lines."""
    folder = tmp_path_factory.mktemp("data")
    documents, _ = find_documents([ROOT / "docs"])
    steps = list(ingest(open_library(Settings(_env_file=None, data_dir=folder)), documents))
    assert [step.outcome.error for step in steps if step.outcome] == [""] * 5
    return folder


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TutorServer]:
    with TutorServer() as running:
        monkeypatch.setenv("TUTOR_CHAT_MODEL", "openai:teacher")
        monkeypatch.setenv("TUTOR_CHAT_BASE_URL", running.url)
        monkeypatch.setenv("TUTOR_CHAT_RETRIES", "0")
        yield running


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "tutor.jsonl").read_text(encoding="utf-8").split("\n")[:-1]]


def test_citations_of_a_real_document_stand_on_their_page_and_in_their_boxes_and_nowhere_else(data: Path) -> None:
    settings = Settings(_env_file=None, data_dir=data)
    pages = OriginalPages(open_library(settings), settings)
    found = [p for q in ("死锁的条件", "页面置换算法", "信号量") for p in open_retriever(settings).retrieve(q).passages]
    texts = [(passage.text[slice(*bounds)], passage) for passage in found for bounds in sentences(passage.text)]
    citations = [
        resolve(f"{text}[1]", [passage]).citations[0] for text, passage in texts if len(text) > 15 and text.endswith("。")
    ][::2]  # of every passage some
    assert len(citations) >= 30
    for citation in citations:
        place = pages.place(citation)
        assert place.standing in ("page", "runs_on") and pages.boxed(citation, place) is True
        far = replace(citation, page=citation.page + 3)
        assert pages.place(far).standing == "elsewhere" and pages.place(far).page == citation.page
        low = replace(citation, boxes=tuple((x0, 0.0, x1, 20.0) for x0, _, x1, _ in citation.boxes))
        assert pages.boxed(low, place) in (False, None), "other words, or none, stand at the foot of the page"
        wrong = replace(citation, quote=citation.quote.replace("程", "乘") + "。")
        assert pages.place(wrong).standing == "nowhere"


def test_without_a_model_the_command_measures_and_says_what_the_figures_mean(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["--data", str(data), "--limit", "36", "--out", str(tmp_path / "run"), "--json"]
    assert main(command) == 0
    out = capsys.readouterr().out
    report = json.loads(out.splitlines()[-1])
    assert "按词句核对是一条规则" in out and "必然为 100%" in out and report["pending"] == {}
    assert report["figures"]["all"]["citation_exists"]["mean"] == 1.0 and report["counts"]["questions"] == 36
    assert report["figures"]["os"]["refusal_f1"]["n"] > 0 and (tmp_path / "run" / "summary.json").exists()
    before = (tmp_path / "run" / "tutor.jsonl").read_bytes()
    assert main(command) == 0 and (tmp_path / "run" / "tutor.jsonl").read_bytes() == before, "nothing is asked again"


def test_a_dead_endpoint_leaves_questions_pending_and_a_judge_has_the_last_word(
    data: Path, tmp_path: Path, server: TutorServer, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    command = ["--data", str(data), "--limit", "60", "--out", str(run), "--json", "--judge", f"openai:judge@{server.url}/"]
    server.dies_at = 4
    assert main(command) == 1
    first = capsys.readouterr()
    report = json.loads(first.out.splitlines()[-1])
    told = rows(run)
    assert 3 <= len(told) < 60 and len(told) + len(report["pending"]) == 60 and "未作答（接口出错）" in first.out
    assert sum(not row["refused"] for row in told) == 3, "what was not answered is no answer"
    with (run / "tutor.jsonl").open("ab") as file:
        file.write(b'{"id": "os-')
    server.dies_at = None
    assert main(command) == 0
    whole = rows(run)
    assert whole[: len(told)] == told and len({row["id"] for row in whole}) == len(whole) == 60
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["pending"] == {} and report["config"]["judge_label"] == "openai:judge"
    shown = report["figures"]["all"]
    assert shown["faithful"]["mean"] == 0.5 and shown["contradicted"]["mean"] == 0.5 and shown["citation_recall"]["mean"] < 1
    assert set(server.temperatures) == {0.0}


def test_a_judge_of_itself_and_a_folder_of_another_run_are_refused(
    data: Path, tmp_path: Path, server: TutorServer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ["--data", str(data), "--limit", "1", "--out", str(tmp_path / "run")]
    same = f"openai:teacher@{server.url.replace('127.0.0.1', 'localhost')}/"
    assert main([*command, "--judge", same]) == 2 and main([*command, "--judge", "extractive"]) == 2
    assert server.asked == 0 and not (tmp_path / "run").exists()
    assert main(command) == 0
    monkeypatch.setenv("TUTOR_CHAT_MODEL", "openai:pupil")
    capsys.readouterr()
    assert main(command) == 2 and "回答的模型不同" in capsys.readouterr().err
    for wrong in ("0", "-1", "三"):
        with pytest.raises(SystemExit, match="2"):
            main([*command, "--limit", wrong])
        assert "应是正整数" in capsys.readouterr().err
