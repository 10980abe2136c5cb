"""Runs as they are looked at from outside: listed, counted while they grow, and never outside of their folder."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from errors import UsageError
from eval.exams.records import RECORDS, Record, Records, rewrite
from eval.runs import LAUNCH, Tally, exam_runs, find_run, held, total_of
from tests.unit.eval.run_folders import write_run
from tests.unit.eval.sample_exams import question, record
from tests.unit.eval.test_compare import QUESTIONS, write

ASKED = [question(n) for n in range(4)]


def run_in(root: Path, name: str, answers: list[Record] | None = None) -> Path:
    return write_run(root / name, ASKED, [record(one) for one in ASKED] if answers is None else answers)


def test_runs_are_listed_wherever_they_lie_and_other_folders_are_not(tmp_path: Path) -> None:
    run_in(tmp_path, "exam/one")
    run_in(tmp_path, "beside")
    (tmp_path / "judge").mkdir()
    (tmp_path / "judge" / "config.json").write_text("{}")
    begun = tmp_path / "exam" / "begun"
    begun.mkdir()
    (begun / LAUNCH).write_text("{}")
    runs = {run.name: run for run in exam_runs(tmp_path)}
    assert set(runs) == {"exam/one", "beside", "exam/begun"}
    assert runs["exam/one"].is_finished and runs["exam/one"].model == "openai:a-model" and not runs["exam/begun"].is_finished
    assert exam_runs(tmp_path / "nowhere") == []


def test_a_damaged_summary_is_told_and_the_others_are_listed(tmp_path: Path) -> None:
    (run_in(tmp_path, "exam/one") / "summary.json").write_text('{"run":')
    run_in(tmp_path, "exam/two")
    faults = {run.name: run.fault for run in exam_runs(tmp_path)}
    assert "summary.json" in faults["exam/one"] and faults["exam/two"] == ""


@pytest.mark.parametrize("name", ["../secret", "/etc", "exam/../../secret", "", None, "exam"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str | None) -> None:
    run_in(tmp_path, "secret")
    run_in(tmp_path / "eval", "exam/one")
    with pytest.raises(UsageError, match="没有选中"):
        find_run(tmp_path / "eval", name)


def test_a_tally_reads_only_what_is_new_and_no_half_line(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "one", [record(ASKED[0]), record(ASKED[1], "D")])
    tally = Tally(folder)
    tally.look()
    assert tally.counts == {"生成 · 不检索": (1, 2)}
    records = Records(folder / RECORDS)
    records.add(record(ASKED[2]))
    with (folder / RECORDS).open("a") as file:
        file.write('{"mode": "gen", "rag"')
    tally.look()
    tally.look()
    assert tally.counts == {"生成 · 不检索": (2, 3)} and tally.done == 3
    share = tally.shares()["生成 · 不检索"]
    assert share and (share.successes, share.n) == (2, 3)
    records.close()


def test_a_file_that_was_replaced_is_counted_anew(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "one")
    tally = Tally(folder)
    tally.look()
    rewrite(folder / RECORDS, [record(one) for one in reversed(ASKED)])
    tally.look()
    assert tally.done == len(ASKED)
    (folder / RECORDS).unlink()
    tally.look()
    assert tally.done == 0


def test_rotated_answers_have_no_interval_of_independent_ones(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "one", [record(ASKED[0], rotation=n) for n in range(4)])
    tally = Tally(folder)
    tally.look()
    assert tally.shares() == {"生成 · 不检索": None}


def test_a_damaged_line_stops_no_count(tmp_path: Path) -> None:
    folder = run_in(tmp_path, "one")
    with (folder / RECORDS).open("a") as file:
        file.write("not json\n[]\n{}\n" + json.dumps({"mode": "x", "rag": False, "correct": True, "rotation": 0}) + "\n")
    tally = Tally(folder)
    tally.look()
    assert tally.done == len(ASKED)


def test_the_total_is_that_of_all_ways(tmp_path: Path) -> None:
    write(tmp_path / "run", lambda i: True, ways=(("gen", False), ("gen", True)))
    assert total_of(tmp_path / "run") == len(QUESTIONS) * 2
    assert total_of(tmp_path) == 0


def test_a_lock_that_somebody_holds_is_seen_and_left_alone(tmp_path: Path) -> None:
    assert not held(tmp_path)
    lock = FileLock(tmp_path / ".lock", is_singleton=False)
    with lock:
        assert held(tmp_path)
    assert not held(tmp_path)
    with FileLock(tmp_path / ".lock", timeout=0):
        pass


def test_an_unfinished_run_is_not_finished(tmp_path: Path) -> None:
    write_run(tmp_path / "one", ASKED, [record(ASKED[0])], run={"pending": 3})
    write_run(tmp_path / "two", ASKED, [replace(record(ASKED[0]), correct=False)])
    assert {run.name: run.is_finished for run in exam_runs(tmp_path)} == {"one": False, "two": True}


@pytest.mark.parametrize(
    ("name", "value"), [("name", None), ("mode", 5), ("mode", []), ("table", {}), ("accuracy", "x"), ("low", []), ("n", None)]
)
def test_a_summary_whose_figures_are_none_is_damaged(tmp_path: Path, name: str, value: object) -> None:
    file = run_in(tmp_path, "exam/hurt") / "summary.json"
    run_in(tmp_path, "exam/whole")
    summary = json.loads(file.read_text())
    way = summary["conditions"][0]
    (way if name in way else way["table"]["all"])[name] = value
    file.write_text(json.dumps(summary))
    runs = {run.name: run for run in exam_runs(tmp_path)}
    assert runs["exam/hurt"].summary is None and "读不出来" in runs["exam/hurt"].fault and runs["exam/whole"].is_finished
