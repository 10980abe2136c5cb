"""The folder of a data set belongs to one plan."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from errors import ContentError, UsageError
from finetune.making.out_folder import PLAN, opened, write_json

A = {"from": "notes", "seed": 0, "sources": [{"name": "a"}], "model": "openai:a"}


def test_the_same_plan_goes_on_and_another_is_refused_by_what_differs(tmp_path: Path) -> None:
    out = tmp_path / "x" / "out"
    for _ in range(2):
        with opened(out, A):
            (out / "train.jsonl").write_text("{}\n")
    for key, value, told in (
        ("seed", 1, "随机种子（--seed）（原来是 0，现在是 1）"),
        ("sources", [], "资料"),
        ("pairs", 3, "原来是 None，现在是 3"),
    ):
        with pytest.raises(UsageError, match="是另一种设置的数据集") as error, opened(out, {**A, key: value}):
            pytest.fail("was opened")
        assert told in str(error.value) and (out / "train.jsonl").read_text() == "{}\n"


def test_files_of_others_are_not_mixed_in(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UsageError, match="mine.txt"), opened(tmp_path, A):
        pytest.fail("was opened")
    assert not (tmp_path / PLAN).exists()


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path / "out", A), pytest.raises(UsageError, match="另一个进程正在写"), opened(tmp_path / "out", A):
        pytest.fail("was opened twice")
    with opened(tmp_path / "out", A):
        pass


def test_what_can_t_be_written_or_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="--out"), opened(tmp_path / "file" / "out", A):
        pytest.fail("was opened")
    with pytest.raises(UsageError, match="写不了"):
        write_json(tmp_path / "file" / "a.json", A)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / PLAN).write_text("{")
    with pytest.raises(ContentError, match="已损坏"), opened(tmp_path / "out", A):
        pytest.fail("was opened")


def test_a_plan_is_compared_as_it_is_kept(tmp_path: Path) -> None:
    plan = {"from": "notes", "subjects": ("a", "b"), "val_size": 1 / 3}
    for _ in range(2):
        with opened(tmp_path, plan):
            assert json.loads((tmp_path / PLAN).read_bytes())["val_size"] == 1 / 3
