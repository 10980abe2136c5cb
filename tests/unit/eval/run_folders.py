"""Run folders for the tests of the report, their figures counted by the evaluator itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.exams.records import RECORDS, Record, rewrite
from eval.exams.run_folder import open_folder
from eval.exams.samples import question_hash
from eval.exams.summary import conditions_of
from knowledge.questions import Question

__all__ = ["write_run"]

CONFIG = {"model": "openai:a-model", "baseline": False, "source": "自带题库", "shots": 0}


def write_run(folder: Path, questions: Sequence[Question], records: Sequence[Record], **changes: Any) -> Path:
    """A finished run; `changes` are of summary.json, those of its `run` among them."""
    with open_folder(folder, CONFIG, questions):
        pass
    rewrite(folder / RECORDS, records)
    run = {
        "model": "openai:a-model", "baseline": False, "config": "0123456789ab", "source": "自带题库", "questions": len(questions),
        "shots": 0, "shuffle": False, "started": "2026-03-02T09:14:33+08:00", "seconds": 75.0, "pending": 0, "kb": "",
    }  # fmt: skip
    summary = {
        "run": run | changes.pop("run", {}),
        "conditions": conditions_of(records, {question_hash(q): q for q in questions}, {}),
        "comparisons": [], "contamination": None, "unread": [], "problems": None, "paper": None,
    }  # fmt: skip
    (folder / "summary.json").write_text(json.dumps(summary | changes, ensure_ascii=False), encoding="utf-8")
    return folder
