import json
from pathlib import Path
from typing import Any

import pytest

from errors import EndpointUnreachableError
from finetune.infer import main

ROWS = [{"id": "1", "question": "甲？", "answer": "答甲"}, {"id": "2", "question": "乙？", "answer": "答乙"}]


@pytest.fixture
def source(write: Any) -> Path:
    path: Path = write("p.jsonl", "".join(json.dumps(row) + "\n" for row in ROWS))
    return path


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, recording: Any) -> Any:
    """Fakes by name, given out where a model is loaded; `loads` is the order of that."""
    given: dict[str, Any] = {}
    loads: list[str] = []

    def load(settings: Any) -> Any:
        loads.append(settings.chat_model)
        return given[settings.chat_model]

    monkeypatch.setattr("rag.chat_models.load_chat_model", load)
    return type("Models", (), {"given": given, "loads": loads, "recording": staticmethod(recording)})


def compare(source: Path, out: Path, *more: str) -> int:
    return main(["--input", str(source), "--output", str(out), "--compare", "前=openai:a", "--compare", "后=openai:b", *more])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "二选一"),
        (["问", "--input", "x"], "二选一"),
        (["--input", "x"], "--output"),
        (["问"], "没有指定语言模型"),
        (["  ", "--model", "openai:x"], "问题是空的"),
        (["问\udcff", "--model", "openai:x"], "UTF-8"),
        (["问", "--system", "\udcff", "--model", "openai:x"], "UTF-8"),
        (["问", "--model", "local:x", "--concurrency", "0"], "1 到 64"),
        (["问", "--model", "openai:x", "--max-tokens", "0"], "--max-tokens"),
        (["问", "--compare", "a=openai:x", "--model", "openai:y"], "--compare"),
        (["问", "--compare", "a=openai:x", "--compare", "a=openai:y"], "不止一次"),
        (["问", "--compare", "openai:x"], "名称=模型"),
        (["问", "--compare", "a=outputs/merged"], "local:目录"),
        (["问", "--compare", "a=openai:x", "--show", "-1"], "--show"),
        (["问", "--compare", "a=openai:x", "--table", "."], "目录"),
    ],
)
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_missing_folder_is_told_before_any_model_is_loaded(models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["问", "--compare", "前=openai:a", "--compare", "后=local:/nowhere/model"]) == 1
    assert "/nowhere/model" in capsys.readouterr().err and models.loads == []


def test_models_side_by_side(models: Any, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    models.given |= {"openai:a": models.recording("不知道", "答乙"), "openai:b": models.recording("答 甲", "错了")}
    out, table = tmp_path / "out.jsonl", tmp_path / "tables" / "t.md"
    assert compare(source, out, "--table", str(table)) == 0
    shown = capsys.readouterr().out
    assert "前：与参考答案一致 1/2（50.0%）" in shown and "后：与参考答案一致 1/2（50.0%）" in shown
    assert "后与前相比：回答不同 2 题，相同 0 题；变对 1 题，变错 1 题" in shown
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n")[:-1]]
    assert [(row["model"], row["key"], row["exact"]) for row in rows] == [
        ("前", "1", False), ("前", "2", True), ("后", "1", True), ("后", "2", False),
    ]  # fmt: skip
    assert models.loads == ["openai:a", "openai:b"]
    assert "| 1 | 甲？ | 答甲 | 不知道 | 答 甲 |" in table.read_text(encoding="utf-8")


def test_only_what_is_missing_is_asked_again(models: Any, source: Path, tmp_path: Path) -> None:
    models.given |= {
        "openai:a": models.recording("一", "二"),
        "openai:b": models.recording(error=EndpointUnreachableError("连不上。")),
    }
    out, table = tmp_path / "out.jsonl", tmp_path / "t.md"
    assert compare(source, out, "--table", str(table)) == 1  # the second model failed; the table says so
    assert "（没有答成）" in table.read_text(encoding="utf-8")
    models.given["openai:b"] = models.recording("三", "四")
    assert compare(source, out) == 0
    assert len(models.given["openai:a"].seen) == 2 and len(models.given["openai:b"].seen) == 2
    assert compare(source, out) == 0 and models.loads == ["openai:a", "openai:b", "openai:b"]


def test_another_limit_or_prompt_is_another_answer(models: Any, source: Path, tmp_path: Path) -> None:
    models.given |= {"openai:a": models.recording(*"一二三四五六"), "openai:b": models.recording(*"一二三四五六")}
    out = tmp_path / "out.jsonl"
    for more in ([], ["--max-tokens", "7"], ["--system", "简短"]):
        assert compare(source, out, *more) == 0
    assert len(models.given["openai:a"].seen) == 6


def test_one_prompt_is_compared_without_a_file(models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    models.given |= {"openai:a": models.recording("旧的回答"), "openai:b": models.recording("新的回答")}
    assert main(["问？", "--compare", "前=openai:a", "--compare", "后=openai:b"]) == 0
    shown = capsys.readouterr().out
    assert "旧的回答" in shown and "新的回答" in shown and "参考" not in shown


def test_one_model_answers_to_stdout(models: Any, capsys: pytest.CaptureFixture[str]) -> None:
    models.given["openai:a"] = models.recording("答案")
    assert main(["问？", "--model", "openai:a", "--system", "简短"]) == 0
    assert capsys.readouterr().out == "答案\n"
    assert [m.content for m in models.given["openai:a"].seen[0]] == ["简短", "问？"]


def test_rows_with_a_field_called_key_are_not_asked_twice(models: Any, write: Any, tmp_path: Path) -> None:
    models.given["openai:m"] = models.recording("甲")
    source = write("p.jsonl", json.dumps({"key": "自己的", "model": "别的", "asked": "x", "prompt": "问"}))
    for _ in range(2):
        assert main(["--input", str(source), "--output", str(tmp_path / "o.jsonl"), "--model", "openai:m"]) == 0
    assert len(models.given["openai:m"].seen) == 1


@pytest.mark.parametrize("place", ["--output", "--table"])
def test_a_place_that_cannot_be_written_is_told(
    models: Any, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], place: str
) -> None:
    models.given |= {"openai:a": models.recording(*"一二"), "openai:b": models.recording(*"一二")}
    file = tmp_path / "file"
    file.touch()
    places = {"--output": str(tmp_path / "o.jsonl"), "--table": str(tmp_path / "t.md")} | {place: str(file / "inside")}
    told = [word for name, value in places.items() for word in (name, value)]
    assert main(["--input", str(source), "--compare", "前=openai:a", *told]) == 2
    assert place in capsys.readouterr().err and not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
