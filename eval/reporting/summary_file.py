"""`summary.json` of a run, as far as the report needs it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from errors import ContentError, UsageError

__all__ = ["RUN_AGAIN", "read_summary"]

RUN_AGAIN = "请用同样的参数再运行一次 python -m eval.exam（答过的题不会重答）。"
_SUMMARY = {"run", "conditions", "comparisons", "contamination", "unread", "problems", "paper"}
_RUN = {
    "model", "baseline", "config", "source", "questions", "shots", "shuffle", "started", "seconds", "pending", "kb",
    "endpoint", "temperature", "max_tokens", "finished", "wall_seconds", "concurrency", "about_bank", "unread",
}  # fmt: skip
_CONDITION = {
    "name", "mode", "rag", "table", "points", "by_difficulty", "by_chapter", "by_point", "letters", "latency", "clean", "failed",
}  # fmt: skip
_ROW = {
    "n", "correct", "accuracy", "low", "high", "unparsed", "truncated", "truncated_unparsed", "pending", "all_rotations",
    "seconds", "input_tokens", "output_tokens",
}  # fmt: skip
_PAPER = {"name", "choices", "choices_full", "pending", "problems", "problems_full", "total", "note"}
_PROBLEMS = {"name", "rag", "judge", "score", "full", "unscored", "pending", "marks"}
_PROBLEM = {"id", "subject", "score", "full", "reason", "question", "answer", "reference", "marks"}


def read_summary(path: Path) -> dict[str, Any]:
    """The figures of a run.

    Raises:
        ContentError: the file is damaged or of another version.
        UsageError: it can't be read.
    """
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"读不到 {path}：{error.strerror or error}。{RUN_AGAIN}") from error
    except ValueError as error:
        raise ContentError(f"{path} 不是完整的 JSON，可能已经损坏。{RUN_AGAIN}") from error
    try:
        lacking = sorted(_lacking(summary))
    except (TypeError, AttributeError, KeyError) as error:  # a list where an object should be, or the other way round
        raise ContentError(f"{path} 的结构不对，可能是别的版本写的。{RUN_AGAIN}") from error
    if lacking:
        raise ContentError(f"{path} 缺少 {'、'.join(lacking)}，可能是别的版本写的。{RUN_AGAIN}")
    return dict(summary)


def _lacking(summary: Mapping[str, Any]) -> set[str]:
    """Names of all that a summary of this version has and this one has not."""
    if lacking := _SUMMARY - set(summary.keys()):
        return lacking
    return {name for wanted, rows in _levels(summary) for row in rows for name in wanted - set(row.keys())}


def _levels(summary: Mapping[str, Any]) -> Iterator[tuple[set[str], Iterable[Mapping[str, Any]]]]:
    conditions, problems = summary["conditions"], summary["problems"] or []
    yield _RUN, [summary["run"]]
    yield {"read", "renamed", "unreadable", "duplicates", "skipped"}, [summary["run"].get("unread", {})]
    yield {"place", "reason", "kind"}, summary["unread"]
    yield {"sources", "training", "knowledge", "seen", "questions"}, [one for one in [summary["contamination"]] if one]
    yield _CONDITION, conditions
    yield _ROW, [row for condition in conditions for row in condition.get("table", {}).values()]
    yield _PAPER, summary["paper"] or []
    yield _PROBLEMS, problems
    marks = [mark for one in problems for mark in one.get("marks", [])]
    yield _PROBLEM, marks
    yield {"score", "full", "reason", "criterion"}, [one for mark in marks for one in mark.get("marks", [])]
