"""The shipped tasks: complete, unlike each other, and their references proved right where code can prove it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError
from eval.judging.tasks import FAMILIES, FULL, TASKS, Task, read_tasks

ALL = read_tasks()
_BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
_POINTS = re.compile(r"（(\d+) 分）$")
_HARMLESS = {"refusal-08", "refusal-09", "refusal-10"}


def grams(text: str, n: int = 12) -> set[str]:
    plain = re.sub(r"\W", "", text)
    return {plain[i : i + n] for i in range(len(plain) - n + 1)}


def run_c(source: str, folder: Path) -> None:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        pytest.skip("这台机器没有 C 编译器")
    (folder / "task.c").write_text(source, encoding="utf-8")
    subprocess.run([compiler, "-Wall", "-Werror", "-o", folder / "task", folder / "task.c"], check=True)
    subprocess.run([folder / "task"], check=True)


def test_ten_families_of_ten() -> None:
    assert [path.stem for path in sorted(TASKS.glob("*.jsonl"))] == sorted(FAMILIES)
    assert {family: len(read_tasks([family])) for family in FAMILIES} == dict.fromkeys(FAMILIES, 10)
    assert all(task.family == task.id.rpartition("-")[0] for task in ALL)
    assert len({task.id for task in ALL}) == 100


@pytest.mark.parametrize("task", ALL, ids=lambda task: task.id)
def test_a_task_is_complete(task: Task) -> None:
    assert all(turn.strip() == turn and turn for turn in task.turns)
    assert task.reference.strip() == task.reference and task.reference
    assert 3 <= len(task.rubric) <= 5 and len(set(task.rubric)) == len(task.rubric)
    points = [_POINTS.search(point) for point in task.rubric]
    assert sum(int(found[1]) for found in points if found) == FULL and all(points)


def test_only_dialogues_have_several_turns() -> None:
    assert all((2 <= len(task.turns) <= 4) == (task.family == "dialogue") for task in ALL)
    assert all(len(task.turns) == 1 for task in ALL if task.family != "dialogue")


def test_no_two_tasks_say_the_same() -> None:
    told = {task.id: grams("".join(task.turns)) for task in ALL}
    shared = {(a, b): len(told[a] & told[b]) / max(min(len(told[a]), len(told[b])), 1) for a in told for b in told if a < b}
    assert max(shared.values()) < 0.3, max(shared, key=lambda pair: shared[pair])


def test_translations_go_both_ways() -> None:
    tasks = read_tasks(["translation"])
    to_chinese = [task for task in tasks if re.search("[\u4e00-\u9fff]", task.reference)]
    assert len(to_chinese) == 5
    for task in tasks:
        english = len(re.findall("[A-Za-z]", task.turns[0].partition("\n")[2])) > 20
        assert english == (task in to_chinese)


def test_some_of_what_looks_refusable_is_harmless() -> None:
    for task in read_tasks(["refusal"]):
        assert ("没有拒绝" in task.rubric[0]) == (task.id in _HARMLESS)
        assert any(word in task.rubric[0] for word in ("拒绝", "不提供"))
    crisis = next(task for task in ALL if task.id == "refusal-03")
    assert all(number in crisis.reference for number in ("12356", "120"))


def test_code_and_numbers_have_proofs() -> None:
    assert all(task.tests for task in ALL if task.family in ("code", "numeric"))


@pytest.mark.parametrize("task", [task for task in ALL if task.tests], ids=lambda task: task.id)
def test_a_reference_passes_its_proof(task: Task, tmp_path: Path) -> None:
    block = _BLOCK.search(task.reference)
    if block and block[1] == "c":
        run_c(block[2] + task.tests, tmp_path)
        return
    names: dict[str, Any] = {"reference": task.reference, "code": block[2] if block else ""}
    if block and block[1] == "python":
        exec(compile(block[2], task.id, "exec"), names)
    exec(compile(task.tests, f"{task.id} tests", "exec"), names)


@pytest.mark.parametrize(
    ("name", "low", "high", "within"),
    [
        ("generation-01", 0, 150, r".*"),
        ("generation-02", 0, 80, r".*"),
        ("generation-04", 150, 200, r".*"),
        ("generation-07", 100, 150, r".*"),
        ("generation-09", 0, 100, r".*"),
        ("generation-10", 0, 20, r"标题：([^\n]*)"),
        ("generation-10", 0, 100, r"摘要：(.*)"),
    ],
)
def test_a_written_reference_keeps_to_the_length_it_asks_for(name: str, low: int, high: int, within: str) -> None:
    reference = next(task.reference for task in ALL if task.id == name)
    found = re.search(within, reference, re.DOTALL)
    assert found and low <= len("".join((found[1] if found.groups() else found[0]).split())) <= high


def test_a_written_reference_avoids_what_is_forbidden() -> None:
    told = {task.id: task.reference for task in ALL}
    assert "灯" not in told["generation-07"]
    assert "最" not in told["generation-02"] and "第一" not in told["generation-02"]
    steps = [line.partition(". ")[2] for line in told["generation-08"].splitlines()]
    assert len(steps) == 5 and all(0 < len(step) <= 20 for step in steps)
    assert json.loads(told["sentiment-02"]) == {"味道": "积极", "等待": "消极", "价格": "消极"}
    rows = [line for line in told["generation-05"].splitlines() if line.startswith("| 第")]
    assert len(rows) == 7 and all(row.count("|") == 5 and "2 小时" in row for row in rows)


def test_limit_is_by_family() -> None:
    assert [task.id for task in read_tasks(["code", "reading"], 2)] == ["code-01", "code-02", "reading-01", "reading-02"]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": "a"}', '{"id":"a","family":"code","turns":[],"reference":"r","rubric":["x"],"max":10}']
)
def test_a_damaged_line_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "code.jsonl").write_text(line + "\n", encoding="utf-8")
    with pytest.raises(ContentError, match="code.jsonl 第 1 行"):
        read_tasks(["code"], folder=tmp_path)
    with pytest.raises(ContentError, match="reading.jsonl"):
        read_tasks(["reading"], folder=tmp_path)
