"""Numbers, times and sentences of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

__all__ = ["FILTERS", "sentences"]

_GENERATED = "计算题"
"""How the source of computed questions begins (eval/exams/exam_set.py)."""


def sentences(summary: Mapping[str, Any]) -> dict[str, str]:
    """What is said of the run; '' where there is nothing to say."""
    run, conditions = summary["run"], summary["conditions"]
    return {
        "reading": _reading(run["unread"]),
        "truncation": _truncation(conditions, run["max_tokens"]),
        "seen": _seen(summary["contamination"], run),
        "time": _time(run),
    }


def _reading(counts: Mapping[str, int]) -> str:
    """What became of the questions of the files."""
    renamed = f"（其中 {counts['renamed']:,} 题改了编号）" if counts["renamed"] else ""
    named = {"unreadable": "读不了 {} 处", "duplicates": "重复 {} 处", "skipped": "要看图等没有计入 {} 处"}
    left = [text.format(f"{counts[name]:,}") for name, text in named.items() if counts[name]]
    if not (renamed or left):
        return ""
    return f"读入 {counts['read']:,} 题{renamed}{'；' if left else ''}{'，'.join(left)}，列在下面。"


def _truncation(conditions: Sequence[Mapping[str, Any]], limit: int | None) -> str:
    rows = [condition["table"]["all"] for condition in conditions]
    cut, lost = sum(row["truncated"] for row in rows), sum(row["truncated_unparsed"] for row in rows)
    if not cut:
        return ""
    where = f"在 {limit:,} token 处" if limit else "因长度上限"
    told = f"其中 {lost:,} 次因此没有读出答案：成绩偏低" if lost else "都还读出了答案，但可能没有写到最后的结论"
    return f"{cut:,} 次回答{where}被截断，{told}。请把 TUTOR_CHAT_MAX_TOKENS 调大（思考型模型建议 8192 以上）再考。"


def _seen(contamination: Mapping[str, Any] | None, run: Mapping[str, Any]) -> str:
    computed = "题由程序现算，数字是新的；题型可能见过。" if run["source"].startswith(_GENERATED) else ""
    if contamination is None:
        return computed or "没有检查考题是否在训练数据里出现过（--train-data 可查）。"
    n = len(contamination["seen"])
    if not contamination["training"]:
        unknown = "" if run["baseline"] else "没有给训练数据，模型训练时是否见过这些题不知道。"
        return f"{computed}与知识库重合的题 {n:,} 道。{unknown}"
    if not contamination["knowledge"]:
        return f"{computed}与所给训练数据重合的题 {n:,} 道；知识库没有比对。"
    return f"{computed}与所给训练数据或知识库重合的题 {n:,} 道。"


def _time(run: Mapping[str, Any]) -> str:
    """The time by the clock, and the sum over the questions, which is longer where several are asked at a time."""
    whole = f"各题用时之和 {_span(run['seconds'])}"
    if run["wall_seconds"] is None:
        return whole
    at_once = f"（同时问 {run['concurrency']} 题）" if run["concurrency"] > 1 else ""
    return f"实际用时 {_span(run['wall_seconds'])}{at_once}；{whole}"


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _interval(cell: Mapping[str, Any] | None) -> str:
    """“a–b” of a cell; “—” where there are too few questions for an interval."""
    if not cell or not cell["n"] or cell["low"] is None or cell["high"] is None:
        return "—"
    return f"{cell['low']:.1%}–{cell['high']:.1%}"


def _signed(share: float | None) -> str:
    """A difference of two shares, in percentage points."""
    if share is None:
        return "—"
    told = f"{share * 100:+.1f}"
    return "0.0" if told in ("+0.0", "-0.0") else told.replace("-", "−")


def _between(row: Mapping[str, Any]) -> str:
    """The interval of a difference; “—” where all pairs are alike and it has no width."""
    if row["low"] is None or row["high"] is None or row["low"] == row["high"]:
        return "—"
    return f"{_signed(row['low'])} 到 {_signed(row['high'])}"


def _pvalue(p: float | None) -> str:
    return "—" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _points(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _span(seconds: float | None) -> str:
    """How long something took."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return f"{seconds:.3g} 秒"
    minutes = timedelta(seconds=round(seconds)) // timedelta(minutes=1)
    return f"{minutes // 60} 小时 {minutes % 60} 分" if minutes >= 60 else f"{minutes} 分 {round(seconds) % 60} 秒"


def _moment(iso: str) -> str:
    """A time as it was on the clock where the run was made: its offset is that clock's."""
    try:
        return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M}"
    except ValueError:
        return iso or "—"


FILTERS = {
    "percent": _percent,
    "interval": _interval,
    "signed": _signed,
    "between": _between,
    "pvalue": _pvalue,
    "points": _points,
    "span": _span,
    "moment": _moment,
}
"""Of the templates."""
