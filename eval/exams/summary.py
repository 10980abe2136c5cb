"""From records to figures: summary.json of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from eval.exams.categories import CATEGORIES, SUBJECT_OF
from eval.exams.records import Record
from eval.exams.samples import EVIDENCE, GENERATION, LOGPROB
from eval.metrics import Interval, Proportion, paper_points, share_interval
from knowledge.questions import LETTERS, Question
from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points

__all__ = ["ALL", "condition_name", "conditions_of", "group_by_condition", "table_of"]

ALL = "all"
_WAYS = {GENERATION: "生成", LOGPROB: "选项概率", EVIDENCE: "检索基线"}
Condition = tuple[str, bool]


def condition_name(mode: str, rag: bool) -> str:
    """What the table calls a way of asking."""
    return _WAYS[mode] if mode == EVIDENCE else f"{_WAYS[mode]} · {'检索' if rag else '不检索'}"


def group_by_condition(records: Iterable[Record]) -> dict[Condition, list[Record]]:
    """Records by (mode, rag)."""
    groups: dict[Condition, list[Record]] = {}
    for record in records:
        groups.setdefault((record.mode, record.rag), []).append(record)
    return groups


def conditions_of(
    records: Iterable[Record],
    questions: Mapping[str, Question],
    pending: Mapping[Condition, Mapping[str, int]],
    seen: frozenset[str] | None = None,
    closed: Mapping[str, str] | None = None,
) -> list[dict[str, Any]]:
    """The figures of each way of asking.

    Args:
        questions: by hash.
        pending: by condition and subject, how many samples have no record.
        seen: hashes of the questions that stand in what was trained on or is retrieved from; None if that was not looked at.
        closed: by mode, why the model could not be asked in it.
    """
    groups = group_by_condition(records)
    return [
        _condition(way, groups.get(way, []), questions, pending.get(way, {}), seen) | {"failed": (closed or {}).get(way[0], "")}
        for way in sorted({*groups, *pending}, key=lambda way: (list(_WAYS).index(way[0]), way[1]))
    ]


def _condition(
    way: Condition,
    records: Sequence[Record],
    questions: Mapping[str, Question],
    pending: Mapping[str, int],
    seen: frozenset[str] | None,
) -> dict[str, Any]:
    mode, rag = way
    table = table_of(records, pending)
    by_subject = {s: Proportion(row["correct"], row["n"]) for s, row in table.items() if s != ALL}
    whole = paper_points(by_subject) if not _rotated(records) else None
    return {
        "name": condition_name(mode, rag),
        "mode": mode,
        "rag": rag,
        "table": table,
        "points": vars(whole) if whole else None,
        "by_category": _by_category(table),
        "by_difficulty": _groups(records, lambda r: [str(questions[r.qhash].difficulty)]),
        "by_chapter": _by_chapter(records, questions),
        "by_point": _by_point(records, questions),
        "letters": _letters(records),
        "latency": _latency(records),
        "clean": None if seen is None else _clean(records, pending, seen),
    }


def table_of(records: Sequence[Record], pending: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """The row of each subject in the exam's order, others by name, and that of all under `all`."""
    named = {record.subject for record in records} | set(pending)
    order = [s for s in SUBJECTS if s in named] + sorted(named - set(SUBJECTS))
    rows = {ALL: _row(records, sum(pending.values()))}
    return rows | {s: _row([r for r in records if r.subject == s], pending.get(s, 0)) for s in order}


def _row(records: Sequence[Record], pending: int) -> dict[str, Any]:
    return _share(records) | {
        "unparsed": sum(record.parsed is None for record in records),
        "truncated": sum(record.truncated for record in records),
        "truncated_unparsed": sum(record.truncated and record.parsed is None for record in records),
        "pending": pending,
        "seconds": round(sum(record.seconds for record in records), 2),
        "input_tokens": sum(record.input_tokens for record in records),
        "output_tokens": sum(record.output_tokens for record in records),
        "all_rotations": _all_rotations(records),
    }


def _share(records: Sequence[Record]) -> dict[str, Any]:
    """How many are right: Wilson's interval, or over whole questions where each was asked in several rotations."""
    share = Proportion(sum(record.correct for record in records), len(records))
    interval: Interval | None = share.interval
    if _rotated(records):
        interval = share_interval([float(record.correct) for record in records], [record.qhash for record in records])
    return {
        "n": share.n,
        "questions": len({record.qhash for record in records}),
        "correct": share.successes,
        "accuracy": round(share.value, 4),
        "low": round(interval.low, 4) if interval else None,
        "high": round(interval.high, 4) if interval else None,
    }


def _rotated(records: Iterable[Record]) -> bool:
    return any(record.rotation for record in records)


def _all_rotations(records: Sequence[Record]) -> dict[str, Any] | None:
    """Of the questions that were answered in all four rotations, those that are right in each."""
    if not _rotated(records):
        return None
    rights: dict[str, list[bool]] = {}
    for record in records:
        rights.setdefault(record.qhash, []).append(record.correct)
    whole = [all(right) for right in rights.values() if len(right) == len(LETTERS)]
    share = Proportion(sum(whole), len(whole))
    return {
        "n": share.n,
        "correct": share.successes,
        "accuracy": round(share.value, 4),
        "low": round(share.interval.low, 4),
        "high": round(share.interval.high, 4),
    }


def _groups(records: Iterable[Record], names: Callable[[Record], Iterable[str]]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Record]] = {}
    for record in records:
        for name in names(record):
            groups.setdefault(name, []).append(record)
    return {name: _share(groups[name]) for name in sorted(groups)}


def _by_category(table: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
    """C-Eval's way: the mean over tasks, each counting the same, in its four categories and over all; none for other exams."""
    if not any(subject in CATEGORIES for subject in table):
        return []
    tasks = {own: task for task, own in SUBJECT_OF.items()}
    shares: dict[str, list[float]] = {}
    for subject, row in table.items():
        if row["n"] and (name := CATEGORIES.get(tasks.get(subject, subject))):
            shares.setdefault(name, []).append(row["accuracy"])
    groups = {name: shares[name] for name in dict.fromkeys(CATEGORIES.values()) if name in shares}
    groups["平均"] = [share for found in groups.values() for share in found]
    return [{"name": name, "tasks": len(of), "accuracy": round(sum(of) / len(of), 4)} for name, of in groups.items() if of]


def _by_chapter(records: Iterable[Record], questions: Mapping[str, Question]) -> dict[str, dict[str, Any]]:
    """Questions by the chapters of their points, in the order of the syllabus."""
    known = points()
    names = {point.chapter: point.chapter_name for point in known.values()}
    rows = _groups(records, lambda record: {known[p].chapter for p in questions[record.qhash].points if p in known})
    return {chapter: {"name": name} | rows[chapter] for chapter, name in names.items() if chapter in rows}


def _by_point(records: Iterable[Record], questions: Mapping[str, Question]) -> dict[str, dict[str, Any]]:
    known = points()
    rows = _groups(records, lambda record: questions[record.qhash].points)
    return {point: {"name": known[point].name if point in known else point} | row for point, row in rows.items()}


def _letters(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    chosen, keys = Counter(record.parsed for record in records), Counter(record.gold for record in records)
    return {
        "chosen": {letter: chosen[letter] for letter in LETTERS} | {"none": chosen[None]},
        "key": {letter: keys[letter] for letter in LETTERS},
    }


def _latency(records: Sequence[Record]) -> dict[str, float]:
    seconds = [record.seconds for record in records] or [0.0]
    p50, p95 = np.quantile(seconds, (0.5, 0.95))
    return {"p50": round(float(p50), 4), "p95": round(float(p95), 4), "max": round(max(seconds), 4)}


def _clean(records: Sequence[Record], pending: Mapping[str, int], seen: frozenset[str]) -> dict[str, Any]:
    clean = [record for record in records if record.qhash not in seen]
    found = {record.qhash for record in records if record.qhash in seen}
    return {"n_seen": len(found), "table": table_of(clean, {})}
