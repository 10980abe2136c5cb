"""What is left when the asking is over: records in order, contamination, summary.json, report.html, lines for the terminal."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.comparing.comparison import compare, rows_of
from eval.exams.exam_set import ExamSet
from eval.exams.problems import paper_points_of
from eval.exams.records import RECORDS, Record, read_records, rewrite
from eval.exams.run_folder import config_hash, read_config, write_json
from eval.exams.samples import question_hash
from eval.exams.setup import Plan
from eval.exams.summary import condition_name, conditions_of, group_by_condition
from eval.exams.table import lines_of
from knowledge.questions import Question
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
    folder: Path,
    plan: Plan,
    exam: ExamSet,
    knowledge: Settings | None,
    config: dict[str, Any],
    contamination: dict[str, Any] | None = None,
    problems: dict[str, Any] | None = None,
) -> Finished:
    """Write what a reader wants of a run; of an unfinished one too.

    Raises:
        ContentError: a record is damaged.
    """
    records = _in_order(folder / RECORDS, plan, exam)
    seen = frozenset(one["qhash"] for one in contamination["seen"]) if contamination else None
    questions = {question_hash(question): question for question in exam.questions}
    pending = _pending(records, plan, exam)
    left = sum(n for rows in pending.values() for n in rows.values())
    conditions = conditions_of(records, questions, pending, seen)
    summary = {
        "run": {
            "model": config["model"],
            "baseline": config["baseline"],
            "config": config_hash(config),
            "source": exam.source,
            "questions": len(exam.questions),
            "shots": plan.shots,
            "shuffle": len(plan.rotations) > 1,
            "started": read_config(folder).get("created", ""),
            "seconds": round(sum(record.seconds for record in records), 1),
            "pending": left,
            "kb": _told(knowledge),
        },
        "conditions": conditions,
        "comparisons": _comparisons(records),
        "contamination": contamination,
        "unread": [{"place": one.place, "reason": one.reason} for one in exam.unread],
        "problems": problems,
        "paper": paper_points_of(conditions, problems) if exam.paper else None,
    }
    write_json(folder / SUMMARY, summary)
    return Finished(summary, list(lines_of(summary)), left)


def _in_order(path: Path, plan: Plan, exam: ExamSet) -> list[Record]:
    """The records in the order of the samples; the file is brought into it, so that an interrupted run leaves no trace."""
    found = {record.key: record for record in read_records(path)}
    records = [found[sample.key] for sample in plan.samples(exam.questions) if sample.key in found]
    rewrite(path, records)
    return records


def _pending(records: Sequence[Record], plan: Plan, exam: ExamSet) -> dict[tuple[str, bool], dict[str, int]]:
    done = {record.key for record in records}
    counts: dict[tuple[str, bool], Counter[str]] = {(mode, rag): Counter() for mode in plan.modes for rag in plan.rag}
    for sample in plan.samples(exam.questions):
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
    from eval.contamination import seen_questions

    names = {question_hash(question): question.id for question in questions}
    found = seen_questions(questions, _texts(knowledge, training))
    sources = [path.name for path in training] + ([f"知识库（{_told(knowledge)}）"] if knowledge else [])
    seen = [
        {"qid": names[key], "qhash": key, "where": one.where, "share": round(one.share, 3), "exact": one.exact}
        for key, one in found.items()
    ]
    return {"sources": sources, "questions": len(questions), "seen": seen}


def _texts(knowledge: Settings | None, training: Sequence[Path]) -> Iterator[Any]:
    from eval.contamination import store_texts, training_texts

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
