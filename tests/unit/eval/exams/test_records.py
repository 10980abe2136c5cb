from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path

import pytest

from errors import ContentError, UsageError
from eval.exams.records import Record, Records, Retrieved, read_records, rewrite
from tests.unit.eval.sample_exams import question, record


def _write(path: Path, *records: Record) -> None:
    file = Records(path)
    for one in records:
        file.add(one)
    file.close()


def test_a_record_outlives_the_process_as_soon_as_it_is_added(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    records = Records(path)
    first = replace(record(question(1)), scores={"A": -1.5, "B": None}, retrieved=(Retrieved("c", "a.pdf", 3, "1 > 2", "文字"),))
    records.add(first)
    assert read_records(path) == [first]  # not closed yet
    records.close()


def test_half_a_line_of_a_killed_process_is_cut_off_and_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    _write(path, record(question(1)), record(question(2)))
    path.write_bytes(path.read_bytes()[:-9])
    assert [one.qid for one in read_records(path)] == ["q1"]
    _write(path, record(question(3)))
    assert [one.qid for one in read_records(path)] == ["q1", "q3"]


def test_half_a_character_too(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    _write(path, record(question(1)))
    with path.open("ab") as file:
        file.write('{"qid": "进'.encode()[:-1])
    assert [one.qid for one in read_records(path)] == ["q1"]
    _write(path, record(question(2)))
    assert [one.qid for one in read_records(path)] == ["q1", "q2"]


def test_of_two_records_of_one_asking_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "records.jsonl"
    rewrite(path, [record(question(1)), record(question(1), "C"), record(question(1), rotation=1)])
    assert [(one.rotation, one.chosen) for one in read_records(path)] == [(0, "B"), (1, "B")]


@pytest.mark.parametrize(
    "changes",
    [{"qid": []}, {"seconds": "a"}, {"seconds": -1}, {"subject": None}, {"gold": "Z"}, {"parsed": 7}, {"rotation": "x"},
     {"rotation": 4}, {"mode": "foo"}, {"rag": 1}, {"retrieved": 3}, {"scores": [1]}],
)  # fmt: skip
def test_a_field_that_holds_what_it_can_not_is_damage(tmp_path: Path, changes: dict[str, object]) -> None:
    path = tmp_path / "records.jsonl"
    rewrite(path, [record(question(1))])
    row = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match="第 1 行不是答题记录"):
        read_records(path)


def test_a_full_disk_is_told_and_leaves_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "records.jsonl"
    rewrite(path, [record(question(1))])

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UsageError, match="磁盘可能已满.*再运行同一条命令"):
        rewrite(path, [])
    assert [one.name for one in tmp_path.iterdir()] == ["records.jsonl"] and len(read_records(path)) == 1


@pytest.mark.parametrize("line", ["{}", "[1]", "null", "x", '{"qid": 1, "colour": 2}'])
def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "records.jsonl"
    rewrite(path, [record(question(1))])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(ContentError, match=r"第 2 行不是答题记录.*--out"):
        read_records(path)
