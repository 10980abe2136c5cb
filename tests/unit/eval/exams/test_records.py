from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from errors import ContentError
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


@pytest.mark.parametrize("line", ["{}", "[1]", "null", "x", '{"qid": 1, "colour": 2}'])
def test_a_damaged_line_in_the_middle_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "records.jsonl"
    rewrite(path, [record(question(1))])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(ContentError, match=r"第 2 行不是答题记录.*--out"):
        read_records(path)
