from __future__ import annotations

import json
from pathlib import Path

from eval.exams.configuration import config_of
from eval.exams.exam_run import Run
from eval.exams.exam_set import generated_exam
from eval.exams.finish import contamination_of, finish
from eval.exams.plan import planned
from eval.exams.records import RECORDS, read_records, rewrite
from eval.exams.run_folder import open_folder
from settings import Settings
from tests.unit.eval.sample_exams import record

SETTINGS = Settings(_env_file=None, chat_model="openai:m", chat_base_url="http://127.0.0.1:9/v1")


def _run(folder: Path, n: int = 8) -> Run:
    exam, plan = generated_exam(n, 1, 0), planned(SETTINGS, None, None, 0, False, False)
    run = Run(SETTINGS, plan, exam, None, config_of(SETTINGS, plan, exam, None), folder, 1)
    with open_folder(folder, run.config, exam.questions):
        pass
    return run


def test_the_clean_part_leaves_out_what_stands_in_the_training_data(tmp_path: Path) -> None:
    run = _run(tmp_path / "run")
    questions = run.exam.questions
    wrong = {q.id: "ABCD"[("ABCD".index(q.key) + 1) % 4] for q in questions[2:]}
    rewrite(run.folder / RECORDS, [record(q, wrong.get(q.id)) for q in questions])
    training = tmp_path / "train.jsonl"
    rows = [{"instruction": q.stem, "input": "\n".join(q.options), "output": q.key} for q in questions[:2]]
    training.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    found = contamination_of(questions, None, [training])
    assert found and {one["qid"] for one in found["seen"]} == {q.id for q in questions[:2]}
    [condition] = finish(run, found).value["conditions"]
    assert (condition["table"]["all"]["n"], condition["table"]["all"]["correct"]) == (8, 2)
    assert condition["clean"]["n_seen"] == 2
    assert (condition["clean"]["table"]["all"]["n"], condition["clean"]["table"]["all"]["correct"]) == (6, 0)


def test_records_come_into_the_order_of_the_exam_and_those_of_no_sample_go(tmp_path: Path) -> None:
    run = _run(tmp_path)
    records = [record(q) for q in run.exam.questions]
    rewrite(run.folder / RECORDS, [record(run.exam.questions[0], rotation=2), *records[::-1]])
    finished = finish(run)
    assert finished.pending == 0 and read_records(run.folder / RECORDS) == records
    assert json.loads((run.folder / "summary.json").read_text(encoding="utf-8")) == finished.value


def test_what_has_no_record_is_pending_in_its_subject(tmp_path: Path) -> None:
    run = _run(tmp_path)
    rewrite(run.folder / RECORDS, [record(q) for q in run.exam.questions[1:]])
    finished = finish(run)
    assert finished.pending == 1
    table = finished.value["conditions"][0]["table"]
    assert table[run.exam.questions[0].subject]["pending"] == table["all"]["pending"] == 1
