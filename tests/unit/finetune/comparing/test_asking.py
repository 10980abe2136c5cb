import json
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, EndpointUnreachableError
from finetune.comparing.asking import infer_all
from finetune.comparing.results import cut_mended, read_results
from finetune.prompt_rows import PromptRow, read_prompts

LINE = {"key": "1", "model": "m", "asked": "a", "response": "甲"}


def rows(write: Any, n: int) -> list[PromptRow]:
    return read_prompts(write("p.jsonl", "\n".join(json.dumps({"id": i, "prompt": f"问{i}"}) for i in range(n))))


def test_every_row_gets_its_answer(write: Any, recording: Any) -> None:
    results = dict((row.key, result["response"]) for row, result in infer_all(recording("甲", "乙", "丙"), rows(write, 3)))
    assert results == {"0": "甲", "1": "乙", "2": "丙"}


def test_a_failed_row_is_told_and_the_others_go_on(write: Any, recording: Any) -> None:
    results = list(infer_all(recording(error=EndpointUnreachableError("连不上。")), rows(write, 3), concurrency=2))
    assert len(results) == 3 and all(isinstance(result, EndpointUnreachableError) for _, result in results)


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
