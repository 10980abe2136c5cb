"""The report of an exam run: one HTML file that asks nobody for anything and can be sent to anyone.

Question text, passages and replies are not ours and may be hostile: all of it is escaped, the wrong answers stand in an
inert block of JSON that our script shows as text only, and the page's security policy runs no script but that one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

from errors import ContentError, UsageError
from eval.exams.records import RECORDS, Record, read_records
from eval.exams.run_folder import read_config, read_questions
from eval.reporting import plots
from eval.reporting.wrong_answers import browsable, visible
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS

__all__ = ["REPORT", "write_report"]

REPORT = "report.html"
WEAKEST = 20
"""Knowledge points that are drawn."""
_HERE = Path(__file__).parent
_ALL = "all"
_RUN_AGAIN = "请用同样的参数再运行一次 python -m eval.exam（答过的题不会重答）。"
_SUMMARY_KEYS = {"run", "conditions", "comparisons", "contamination", "unread", "problems", "paper"}
_CONDITION_KEYS = {"name", "mode", "rag", "table", "points", "by_difficulty", "by_point", "letters", "latency", "clean"}


def write_report(folder: Path) -> Path:
    """Write `report.html` into a run's folder, whole or not at all; its path.

    Raises:
        ContentError: a file of the run is damaged or of another version.
        UsageError: one is missing, or nothing can be written there.
    """
    config, summary = read_config(folder), _summary(folder / "summary.json")
    page = _page(config, summary, read_questions(folder), read_records(folder / RECORDS))
    path, draft = folder / REPORT, folder / f".{REPORT}.{os.getpid()}"
    try:
        draft.write_bytes(page.encode("utf-8", "replace"))
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}：{error.strerror or error}。请检查磁盘空间和权限，或用 --out 换一个目录。") from error
    finally:
        with suppress(OSError):
            draft.unlink()
    return path


def _summary(path: Path) -> dict[str, Any]:
    try:
        summary = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"读不到 {path}：{error.strerror or error}。{_RUN_AGAIN}") from error
    except ValueError as error:
        raise ContentError(f"{path} 不是完整的 JSON，可能已经损坏。{_RUN_AGAIN}") from error
    lacking = _SUMMARY_KEYS - set(summary) if isinstance(summary, dict) else _SUMMARY_KEYS
    for condition in () if lacking else summary["conditions"]:
        lacking = lacking | _CONDITION_KEYS - set(condition)
    if lacking:
        raise ContentError(f"{path} 缺少 {'、'.join(sorted(lacking))}，可能是别的版本写的。{_RUN_AGAIN}")
    return dict(summary)


def _page(config: dict[str, Any], summary: dict[str, Any], questions: Mapping[str, Question], records: Sequence[Record]) -> str:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    def cleaned(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=cleaned)
    environment.filters |= {"percent": _percent, "signed": _signed, "pvalue": _pvalue, "span": _span, "moment": _moment}
    conditions = summary["conditions"]
    weak = _weakest(conditions)
    style, script = (Markup((_HERE / name).read_text(encoding="utf-8")) for name in ("report.css", "report.js"))  # noqa: S704 - ours
    return environment.from_string((_HERE / "report.html").read_text(encoding="utf-8")).render(
        summary,
        config=json.dumps(config, ensure_ascii=False, indent=2),
        subjects=_subjects(conditions),
        weak=weak,
        figures={name: Markup(svg) for name, svg in _figures(conditions, weak, records).items()},  # noqa: S704 - escaped by matplotlib
        style=style,
        script=script,
        hashes={"style": _hash(style), "script": _hash(script)},
        wrong=(wrong := _wrong(conditions, questions, records)),
        data=Markup(_inert(wrong)),  # noqa: S704 - escaped there
    )


def _figures(conditions: Sequence[Mapping[str, Any]], weak: Sequence[Any], records: Iterable[Record]) -> dict[str, str]:
    seconds: dict[tuple[str, bool], list[float]] = {(c["mode"], c["rag"]): [] for c in conditions}
    for record in records:
        if math.isfinite(record.seconds):
            seconds.get((record.mode, record.rag), []).append(record.seconds)
    half = (len(weak) + 1) // 2
    return {
        "subjects": plots.accuracy_by_subject(conditions, {s: visible(name) for s, name in _subjects(conditions).items()}),
        "difficulty": plots.accuracy_by_difficulty(conditions),
        "letters": plots.letters(conditions),
        "latency": plots.latencies([*seconds.values()]),
        "weak-1": plots.accuracy_by_row(weak[:half], "weak-1"),
        "weak-2": plots.accuracy_by_row(weak[half:], "weak-2"),
    }


def _subjects(conditions: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names of the rows of all tables: 全部, the subjects of the exam in its order, then any others."""
    found = dict.fromkeys(s for c in conditions for s in c["table"])
    order = [_ALL, *SUBJECTS]
    ranked = sorted(found, key=lambda s: order.index(s) if s in order else len(order))
    return {s: "全部" if s == _ALL else SUBJECTS[s].name if s in SUBJECTS else s for s in ranked}


def _weakest(conditions: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any] | None]]]:
    """The points with the lowest upper bounds of their intervals: those that are surely weak, not those with one unlucky question."""
    rows = []
    for point in dict.fromkeys(p for c in conditions for p in c["by_point"]):
        cells = [c["by_point"].get(point) for c in conditions]
        asked = [cell for cell in cells if cell and cell["n"]]
        if asked:
            rows.append((fmean(cell["high"] for cell in asked), f"{visible(asked[0]['name'])} · 作答 {asked[0]['n']} 次", cells))
    rows.sort(key=lambda row: row[0])
    return [(title, cells) for _, title, cells in rows[:WEAKEST]]


def _wrong(
    conditions: Sequence[Mapping[str, Any]], questions: Mapping[str, Question], records: Sequence[Record]
) -> dict[str, Any]:
    names = {point: cell["name"] for c in conditions for point, cell in c["by_point"].items()}
    found = browsable(questions, records, [(c["mode"], c["rag"]) for c in conditions], names)
    subjects = dict.fromkeys(q["subject"] for q in found["questions"])
    told = {s: SUBJECTS[s].name if s in SUBJECTS else visible(s) for s in subjects}
    return found | {
        "subjects": told,
        "conditions": [visible(c["name"]) for c in conditions],
        "modes": [c["mode"] for c in conditions],
    }


def _inert(data: Mapping[str, Any]) -> str:
    """JSON that can't end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.1%}"


def _signed(share: float | None) -> str:
    """A difference of two shares, in percentage points."""
    return "—" if share is None else f"{share * 100:+.1f}".replace("-", "−")


def _pvalue(p: float | None) -> str:
    return "—" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def _span(seconds: float | None) -> str:
    """How long something took."""
    if seconds is None:
        return "—"
    if seconds < 60:
        return f"{seconds:.3g} 秒"
    minutes = timedelta(seconds=round(seconds)) // timedelta(minutes=1)
    return f"{minutes // 60} 小时 {minutes % 60} 分" if minutes >= 60 else f"{minutes} 分 {round(seconds) % 60} 秒"


def _moment(iso: str) -> str:
    try:
        when = datetime.fromisoformat(iso)
    except ValueError:
        return iso or "—"
    return f"{when:%Y-%m-%d %H:%M} {when:%Z}".strip()
