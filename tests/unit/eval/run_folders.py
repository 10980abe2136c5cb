"""Run folders for the tests of the report, their figures counted by the evaluator itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.exams.problems import paper_points_of
from eval.exams.records import RECORDS, Record, rewrite
from eval.exams.run_folder import open_folder
from eval.exams.summary import conditions_of
from knowledge.questions import Question
from rag.contamination import question_hash

__all__ = ["marked", "write_run"]

CONFIG = {"model": "openai:a-model", "baseline": False, "source": "自带题库", "shots": 0}
_KINDS = {"unreadable": "unreadable", "renamed": "renamed", "duplicates": "duplicate", "skipped": "skipped"}


def write_run(
    folder: Path,
    questions: Sequence[Question],
    records: Sequence[Record],
    paper: bool = False,
    pending: Mapping[Any, Mapping[str, int]] | None = None,
    closed: Mapping[str, str] | None = None,
    **changes: Any,
) -> Path:
    """A finished run; `changes` are of summary.json, those of its `run` among them.

    Args:
        paper: whether it is a whole paper; its problems are those of `changes`.
        pending, closed: as `conditions_of` takes them.
    """
    with open_folder(folder, CONFIG, questions):
        pass
    rewrite(folder / RECORDS, records)
    conditions = conditions_of(records, {question_hash(q): q for q in questions}, pending or {}, closed=closed)
    kinds = Counter(one["kind"] for one in changes.get("unread", ()))
    run = {
        "model": "openai:a-model", "baseline": False, "config": "0123456789ab", "endpoint": "http://127.0.0.1:9701/v1",
        "temperature": 0.0, "max_tokens": 2048, "source": "自带题库", "about_bank": "", "questions": len(questions),
        "unread": {"read": len(questions), **{name: kinds[kind] for name, kind in _KINDS.items()}},
        "shots": 0, "shuffle": False, "concurrency": 16, "started": "2026-03-02T09:14:33+08:00",
        "finished": "2026-03-02T09:15:48+08:00", "seconds": 75.0, "wall_seconds": 5.0, "pending": 0, "kb": "",
    }  # fmt: skip
    summary = {
        "run": run | changes.pop("run", {}), "conditions": conditions, "comparisons": [], "contamination": None, "unread": [],
        "problems": None, "paper": paper_points_of(conditions, changes.get("problems")) if paper else None,
    }  # fmt: skip
    (folder / "summary.json").write_text(json.dumps(summary | changes, ensure_ascii=False), encoding="utf-8")
    return folder


def marked(subjects: Sequence[str], score: int | None = 6, rag: bool = False, **changes: Any) -> dict[str, Any]:
    """The problems of a retrieval setting, one of 10 points for each of `subjects`; `changes` are of each problem's marks."""
    marks = [
        {
            "id": f"{subject}-problem-{number}", "subject": subject, "score": score, "full": 10, "reason": "",
            "question": f"第 {number} 道综合应用题。", "answer": "先来先服务。", "reference": "短作业优先。",
            "marks": [{"score": score or 0, "full": 10, "reason": "写到了一部分", "criterion": "说出调度的次序"}],
        } | changes
        for number, subject in enumerate(subjects)
    ]  # fmt: skip
    scored = [mark for mark in marks if mark["score"] is not None]
    return {
        "name": "检索" if rag else "不检索", "rag": rag, "judge": "openai:a-judge", "score": sum(m["score"] for m in scored),
        "full": sum(m["full"] for m in scored), "unscored": len(marks) - len(scored), "pending": 0, "marks": marks,
    }  # fmt: skip
