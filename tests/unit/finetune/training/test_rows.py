"""Files of one line a step."""

from __future__ import annotations

from pathlib import Path

from finetune.training.rows import append_row, cut_back, read_rows


def test_half_a_line_is_no_row(tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    append_row(file, {"stage": "f1", "step": 1})
    with file.open("a", encoding="utf-8") as out:
        out.write('{"stage": "f1", "st')
    assert [row["step"] for row in read_rows(file)] == [1]


def test_what_came_after_the_checkpoint_goes(tmp_path: Path) -> None:
    file = tmp_path / "m.jsonl"
    for stage, step in (("f1", 1), ("f1", 2), ("f2", 1), ("f2", 2), ("f2", 3)):
        append_row(file, {"stage": stage, "step": step})
    cut_back(file, ["f1"], "f2", 2)
    assert [(row["stage"], row["step"]) for row in read_rows(file)] == [("f1", 1), ("f1", 2), ("f2", 1), ("f2", 2)]
    cut_back(file, [], "f1", 0)
    assert read_rows(file) == []


def test_without_a_file_there_are_no_rows(tmp_path: Path) -> None:
    assert read_rows(tmp_path / "none") == []
