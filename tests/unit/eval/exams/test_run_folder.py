from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, UsageError
from eval.exams.run_folder import CONFIG, QUESTIONS, config_hash, open_folder, read_config, read_questions
from rag.contamination import question_hash
from tests.unit.eval.sample_exams import question

BEFORE: dict[str, Any] = {"model": "openai:a", "modes": ["gen"], "rag": [False], "shots": 0, "questions": "1"}


def _opened(folder: Path, config: dict[str, Any]) -> None:
    with open_folder(folder, config, [question(1)]):
        pass


def test_a_folder_keeps_its_configuration_and_its_questions(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    for config in (BEFORE, dict(BEFORE)):
        with open_folder(folder, config, [question(1)]) as records:
            assert records == folder / "records.jsonl"
    assert read_config(folder) == BEFORE | {"hash": config_hash(BEFORE)}
    assert read_questions(folder) == {question_hash(question(1)): question(1)}


def test_a_folder_of_another_configuration_is_refused_and_the_difference_named(tmp_path: Path) -> None:
    _opened(tmp_path / "a", BEFORE)
    (tmp_path / "a" / "records.jsonl").write_text("x\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"不同的是：模型、示例（--shots）。"):
        _opened(tmp_path / "a", BEFORE | {"model": "openai:b", "shots": 5})
    assert (tmp_path / "a" / "records.jsonl").read_text(encoding="utf-8") == "x\n"
    assert read_config(tmp_path / "a")["model"] == "openai:a"


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "论文.docx").write_text("")
    with pytest.raises(UsageError, match=r"论文\.docx.*--out"):
        _opened(tmp_path, BEFORE)


def test_a_kill_between_questions_and_configuration_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / QUESTIONS).write_text("", encoding="utf-8")
    _opened(tmp_path, BEFORE)
    assert len(read_questions(tmp_path)) == 1


@pytest.mark.parametrize("text", ["", "[]", "{", "\x00"])
def test_a_damaged_configuration_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / CONFIG).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="已损坏"):
        _opened(tmp_path, BEFORE)


def test_what_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"不是评测的目录.*eval\.exam"):
        read_config(tmp_path)
    (tmp_path / QUESTIONS).write_text("{}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="第 1 行"):
        read_questions(tmp_path)
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="写不了.*--out"):
        _opened(tmp_path / "file", BEFORE)


def test_the_hash_sees_what_answers_depend_on_and_nothing_else() -> None:
    assert config_hash(BEFORE) == config_hash(BEFORE | {"created": "today"})
    assert config_hash(BEFORE) != config_hash(BEFORE | {"knowledge": "x"})


def test_two_processes_do_not_write_one_run(tmp_path: Path) -> None:
    with open_folder(tmp_path, BEFORE, []), pytest.raises(UsageError, match="另一个评测正在写.*--out"):
        _opened(tmp_path, BEFORE)
    _opened(tmp_path, BEFORE)
