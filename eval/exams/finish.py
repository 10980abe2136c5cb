"""What is left when the asking is over: records in order, contamination, summary.json, report.html, lines for the terminal."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.comparing.comparison import compare, rows_of
from eval.exams.answering import Answered
from eval.exams.exam_run import Run
from eval.exams.exam_set import DUPLICATE, RENAMED, SKIPPED, UNREADABLE, kind_of
from eval.exams.problems import paper_points_of
from eval.exams.records import RECORDS, Record, read_records, rewrite
from eval.exams.run_folder import read_config, write_json
from eval.exams.summary import condition_name, conditions_of, group_by_condition
from eval.exams.table import lines_of
from knowledge.questions import Question
from rag.contamination import question_hash
from settings import Settings

__all__ = ["SUMMARY", "Finished", "contamination_of", "finish"]

SUMMARY = "summary.json"


@dataclass(frozen=True)
class Finished:
    """The figures of a run: as in summary.json, and as lines; how many samples are pending."""

    value: dict[str, Any]
    lines: list[str]
    pending: int


def finish(
    run: Run,
    contamination: dict[str, Any] | None = None,
    problems: list[dict[str, Any]] | None = None,
    answered: Answered | None = None,
) -> Finished:
    """Write what a reader wants of a run; of an unfinished one too.

    Raises:
        ContentError: a record is damaged.
    """
    answered, path = answered or Answered(), run.folder / RECORDS
    last = path.stat().st_mtime if path.exists() else None
    records = _in_order(path, run)
    seen = frozenset(one["qhash"] for one in contamination["seen"]) if contamination else None
    questions = {question_hash(question): question for question in run.exam.questions}
    pending = _pending(records, run)
    left = sum(n for rows in pending.values() for n in rows.values())
    conditions = conditions_of(records, questions, pending, seen, answered.closed)
    summary = {
        "run": _about(run, answered, records, last) | {"pending": left},
        "conditions": conditions,
        "comparisons": _comparisons(records),
        "contamination": contamination,
        "unread": [{"place": one.place, "reason": one.reason, "kind": kind_of(one)} for one in run.exam.unread],
        "problems": problems,
        "paper": paper_points_of(conditions, problems) if run.exam.paper else None,
    }
    write_json(run.folder / SUMMARY, summary)
    return Finished(summary, list(lines_of(summary)), left)


def _about(run: Run, answered: Answered, records: Sequence[Record], last: float | None) -> dict[str, Any]:
    before = _read_before(run.folder / SUMMARY)
    told = Counter(kind_of(one) for one in run.exam.unread)
    return {
        "model": run.config["model"],
        "baseline": run.config["baseline"],
        "config": run.hash,
        "endpoint": run.config["endpoint"],
        "temperature": run.config["temperature"],
        "max_tokens": run.config["max_tokens"],
        "source": run.exam.source,
        "about_bank": run.exam.about,
        "questions": len(run.exam.questions),
        "unread": {
            "read": len(run.exam.questions), "renamed": told[RENAMED], "unreadable": told[UNREADABLE],
            "duplicates": told[DUPLICATE], "skipped": told[SKIPPED],
        },
        "shots": run.plan.shots,
        "shuffle": len(run.plan.rotations) > 1,
        "concurrency": run.concurrency,
        "started": read_config(run.folder).get("created", ""),
        "finished": before.get("finished", "") if not answered.asked and before else _local(last),
        "seconds": round(sum(record.seconds for record in records), 1),
        "wall_seconds": answered.seconds if answered.asked else before.get("wall_seconds"),
        "kb": _told(run.knowledge),
    }  # fmt: skip


def _read_before(path: Path) -> dict[str, Any]:
    """What the summary of the same folder said of the run; nothing if there is none."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8"))["run"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _local(seconds: float | None) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().isoformat(timespec="seconds") if seconds else ""


def _in_order(path: Path, run: Run) -> list[Record]:
    """The records in the order of the samples; the file is brought into it, so that an interrupted run leaves no trace."""
    found = {record.key: record for record in read_records(path)}
    records = [found[sample.key] for sample in run.samples if sample.key in found]
    if records != [*found.values()]:
        rewrite(path, records)
    return records


def _pending(records: Sequence[Record], run: Run) -> dict[tuple[str, bool], dict[str, int]]:
    done = {record.key for record in records}
    counts: dict[tuple[str, bool], Counter[str]] = {(mode, rag): Counter() for mode in run.plan.modes for rag in run.plan.rag}
    for sample in run.samples:
        if sample.key not in done:
            counts[sample.mode, sample.rag][sample.question.subject] += 1
    return {way: dict(count) for way, count in counts.items()}


def _comparisons(records: Sequence[Record]) -> list[dict[str, Any]]:
    """Without passages against with them, in each mode that was asked both ways."""
    groups = group_by_condition(records)
    return [
        {
            "before": condition_name(mode, False),
            "after": condition_name(mode, True),
            "rows": rows_of(compare(groups[mode, False], groups[mode, True])),
        }
        for mode in dict.fromkeys(mode for mode, _ in groups)
        if (mode, False) in groups and (mode, True) in groups
    ]


def contamination_of(
    questions: Sequence[Question], knowledge: Settings | None, training: Sequence[Path]
) -> dict[str, Any] | None:
    """Which questions stand in the training data or the knowledge base; None if there is neither to look into.

    Raises:
        ContentError: a file of training data is damaged or not there.
    """
    if not (knowledge or training):
        return None
    from rag.contamination import seen_questions

    names = {question_hash(question): question.id for question in questions}
    found = seen_questions(questions, _texts(knowledge, training))
    sources = [path.name for path in training] + ([f"知识库（{_told(knowledge)}）"] if knowledge else [])
    seen = [
        {"qid": names[key], "qhash": key, "where": one.where, "share": round(one.share, 3), "exact": one.exact}
        for key, one in found.items()
    ]
    return {
        "sources": sources, "training": bool(training), "knowledge": knowledge is not None, "questions": len(questions), "seen": seen,
    }  # fmt: skip


def _texts(knowledge: Settings | None, training: Sequence[Path]) -> Iterator[Any]:
    from eval.corpora import store_texts, training_texts

    print("正在检查考题与训练数据、知识库的重合……", file=sys.stderr)
    if training:
        yield from training_texts(training)
    if knowledge:
        from vector_db.store import open_store

        yield from store_texts(open_store(knowledge))


def _told(knowledge: Settings | None) -> str:
    if knowledge is None:
        return ""
    return "自带讲义与笔记" if knowledge.data_dir and knowledge.data_dir.name == "shipped" else "自己的知识库"
