"""`finetune.infer` on a tiny model: one prompt, a file of them, and the same file again."""

import json
from pathlib import Path
from typing import Any

import pytest

from finetune.infer import main


def test_one_prompt(folders: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["死锁？", "--model", f"local:{folders('qwen3')}"]) == 0
    assert capsys.readouterr().out.strip()


def test_a_file_is_answered_once_and_only_what_is_new_again(
    folders: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts, answers = tmp_path / "in.jsonl", tmp_path / "out" / "answers.jsonl"
    arguments = ["--input", str(prompts), "--output", str(answers), "--model", f"local:{folders('qwen3')}"]
    prompts.write_text('{"prompt": "死锁？"}\n{"instruction": "解释", "input": "互斥"}\n', encoding="utf-8")
    assert main(arguments) == 0
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 2 and all(row["response"] and row["tokens"]["output_tokens"] > 0 for row in rows)
    with prompts.open("a", encoding="utf-8") as more:
        more.write('{"prompt": "页面置换？"}\n')
    assert main(arguments) == 0
    assert "2 个已有结果，还要问 1 个" in capsys.readouterr().err
    assert len(answers.read_text(encoding="utf-8").splitlines()) == 3 and answers.read_text(encoding="utf-8").startswith(
        json.dumps(rows[0], ensure_ascii=False)
    )
