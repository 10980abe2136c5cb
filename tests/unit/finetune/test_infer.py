import json
from pathlib import Path

import pytest

from errors import ContentError, EndpointUnreachableError
from finetune.infer import answered, infer_all, main
from finetune.prompt_rows import read_prompts


def rows(write, n: int):
    return read_prompts(write("p.jsonl", "\n".join(json.dumps({"id": i, "prompt": f"问{i}"}) for i in range(n))))


def test_every_row_gets_its_answer(write, recording) -> None:
    results = dict((row.key, result["response"]) for row, result in infer_all(recording("甲", "乙", "丙"), rows(write, 3)))
    assert results == {"0": "甲", "1": "乙", "2": "丙"}


def test_a_failed_row_is_told_and_the_others_go_on(write, recording) -> None:
    results = list(infer_all(recording(error=EndpointUnreachableError("连不上。")), rows(write, 3), concurrency=2))
    assert len(results) == 3 and all(isinstance(result, EndpointUnreachableError) for _, result in results)


def test_results_of_a_killed_run_are_kept_but_for_the_line_it_was_cut_in(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text('{"key": "1", "model": "m"}\n{"key": "2", "mod', encoding="utf-8")
    assert answered(path) == {("1", "m")} and path.read_text() == '{"key": "1", "model": "m"}\n'
    path.write_text('{"prompt": "别的文件"}\n', encoding="utf-8")
    with pytest.raises(ContentError, match="--output"):
        answered(path)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "二选一"),
        (["问", "--input", "x"], "二选一"),
        (["--input", "x"], "--output"),
        (["问"], "没有指定语言模型"),
        (["问", "--model", "local:x", "--concurrency", "0"], "1 到 64"),
    ],
)
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


def test_a_result_with_any_line_separator_in_it_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(
        json.dumps({"key": "1", "model": "m", "response": "甲\u2028乙\x85丙"}, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    assert answered(path) == {("1", "m")}


def test_rows_with_a_field_called_key_are_not_asked_twice(write, tmp_path: Path, monkeypatch, recording) -> None:
    out, model = tmp_path / "out.jsonl", recording("甲")
    monkeypatch.setattr("rag.chat_models.load_chat_model", lambda _: model)
    source = write("p.jsonl", json.dumps({"key": "自己的", "model": "别的", "prompt": "问"}))
    for _ in range(2):
        assert main(["--input", str(source), "--output", str(out), "--model", "openai:m"]) == 0
    assert len(model.seen) == 1


def test_an_output_that_is_a_folder_is_told(write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write("p.jsonl", json.dumps({"prompt": "问"}))
    assert main(["--input", str(source), "--output", str(tmp_path), "--model", "openai:m"]) == 2
    assert "--output" in capsys.readouterr().err
