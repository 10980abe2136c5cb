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
