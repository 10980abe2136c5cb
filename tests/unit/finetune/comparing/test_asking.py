import json
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, EndpointRefusedError, EndpointUnreachableError, ModelLoadError
from finetune.comparing.asking import ask_all
from finetune.comparing.entrants import entrant_of
from finetune.comparing.results import cut_mended, read_results
from finetune.prompt_rows import read_prompts
from settings import load_settings

LINE = {"key": "1", "model": "m", "asked": "a", "response": "甲"}


@pytest.fixture
def ask(write: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Ask models, given by name, `n` rows; what `ask_all` says."""

    def asking(models: dict[str, Any], n: int, concurrency: int = 1) -> Any:
        def load(settings: Any) -> Any:
            model = models[settings.chat_model.removeprefix("openai:")]
            if isinstance(model, Exception):
                raise model
            return model

        monkeypatch.setattr("rag.chat_models.load_chat_model", load)
        rows = read_prompts(write("p.jsonl", "\n".join(json.dumps({"id": i, "prompt": f"问{i}"}) for i in range(n))))
        entrants = [entrant_of(f"{name}=openai:{name}", load_settings()) for name in models]
        found, failed = ask_all(entrants, rows, None, concurrency)
        return {(name, key): result["response"] for (key, name, _), result in found.items()}, failed

    return asking


def test_every_row_gets_its_answer(ask: Any, recording: Any) -> None:
    assert ask({"a": recording("甲", "乙", "丙")}, 3) == ({("a", "0"): "甲", ("a", "1"): "乙", ("a", "2"): "丙"}, 0)


def test_a_failed_row_is_told_and_the_others_go_on(ask: Any, recording: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask({"a": recording(error=EndpointUnreachableError("连不上。"))}, 3, concurrency=2) == ({}, 3)
    assert capsys.readouterr().err.count("连不上。") == 3


def test_a_model_that_refuses_us_is_not_asked_on_and_on(ask: Any, recording: Any, capsys: pytest.CaptureFixture[str]) -> None:
    model = recording(error=EndpointRefusedError("密钥不对。"))
    assert ask({"a": model}, 30) == ({}, 30) and len(model.seen) == 1
    assert "后面的 29 个没有再问" in capsys.readouterr().err


def test_a_model_that_cannot_be_loaded_leaves_the_others_their_turn(
    ask: Any, recording: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = ModelLoadError("权重坏了。")
    found, failed = ask({"a": recording("甲"), "b": broken, "c": recording("丙")}, 1)
    assert found == {("a", "0"): "甲", ("c", "0"): "丙"} and failed == 1
    assert "b：权重坏了。" in capsys.readouterr().err
    with pytest.raises(ModelLoadError):
        ask({"b": broken}, 1)


def test_results_of_a_killed_run_are_kept_but_for_the_line_it_was_cut_in(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    whole = json.dumps(LINE) + "\n"
    path.write_text(whole + '{"key": "2", "mod', encoding="utf-8")
    assert list(read_results(path)) == [("1", "m", "a")]
    cut_mended(path)
    assert path.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("line", ['{"prompt": "别的文件"}', "[1]", "{", json.dumps(LINE | {"response": 3})])
def test_another_file_is_not_written_to(tmp_path: Path, line: str) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="第 1 行.*--output"):
        read_results(path)


def test_a_result_with_any_line_separator_in_it_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(json.dumps(LINE | {"response": "甲\u2028乙\x85丙"}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert len(read_results(path)) == 1
