"""The report of an exam run: one HTML file that asks nobody for anything and can be sent to anyone.

Question text, passages and replies are not ours and may be hostile: all of it is escaped, the wrong answers stand in an
inert block of JSON that our script shows as text only, and the page's security policy runs no script but that one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from errors import UsageError
from eval.exams.problems import PROBLEM_ANSWERS, PROBLEM_MARKS
from eval.exams.records import RECORDS, Record, read_records
from eval.exams.run_folder import read_config, read_questions
from eval.reporting import plots
from eval.reporting.marked_problems import papers_told, problems_told
from eval.reporting.summary_file import read_summary
from eval.reporting.weak import ALL, Row, chapters, subject_names, weak_points
from eval.reporting.wording import FILTERS, sentences
from eval.reporting.wrong_answers import browsable, visible
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["REPORT", "is_bound", "write_report"]

REPORT = "report.html"
WEAKEST = 20
"""Knowledge points that are drawn."""
_HERE = Path(__file__).parent
_BEGINNING = (
    r'<!DOCTYPE html>\s*<html lang="zh-CN">\s*<head>\s*<meta charset="utf-8">\s*<meta http-equiv="Content-Security-Policy" '
    r"""content="default-src 'none'; script-src '{script}'; style-src 'sha256-[\w+/=]+'; img-src data:; base-uri 'none'; form-action 'none'">"""
)
"""As in report.html."""


def write_report(folder: Path) -> Path:
    """Write `report.html` into a run's folder, whole or not at all; its path.

    Raises:
        ContentError: a file of the run is damaged or of another version.
        UsageError: one is missing, or nothing can be written there.
    """
    config, summary = read_config(folder), read_summary(folder / "summary.json")
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


def is_bound(page: str) -> bool:
    """Whether a page begins as this module's reports do, with the policy that lets no script run but theirs, and nothing be fetched."""
    script = _hash((_HERE / "report.js").read_text(encoding="utf-8"))
    return re.match(_BEGINNING.format(script=re.escape(script)), page) is not None


def _page(config: dict[str, Any], summary: dict[str, Any], questions: Mapping[str, Question], records: Sequence[Record]) -> str:
    from markupsafe import Markup

    asked = [c for c in summary["conditions"] if c["table"][ALL]["n"]]
    names = subject_names([s for c in asked for s in c["table"]])
    by_chapter, weak = chapters(asked), weak_points(asked, WEAKEST)
    style, script = (Markup((_HERE / name).read_text(encoding="utf-8")) for name in ("report.css", "report.js"))  # noqa: S704 - ours
    return (
        _environment()
        .get_template("report.html")
        .render(
            summary,
            config=json.dumps(config, ensure_ascii=False, indent=2),
            asked=asked,
            not_asked=[c for c in summary["conditions"] if c not in asked],
            comparisons=[_in_order(pair, names) for pair in summary["comparisons"] if pair["rows"]],
            papers=papers_told(summary),
            problems=problems_told(summary["problems"] or ()),
            problem_files=(PROBLEM_ANSWERS, PROBLEM_MARKS),
            subjects=names,
            subject_names=subject_names([*SUBJECTS]),
            chapters=by_chapter,
            weak=weak,
            weak_most=WEAKEST,
            few=any(row["low"] is None for c in asked for row in c["table"].values()),
            told=sentences(summary),
            figures={name: Markup(svg) for name, svg in _figures(asked, names, by_chapter, weak, records).items()},  # noqa: S704 - escaped by matplotlib
            style=style,
            script=script,
            hashes={"style": _hash(style), "script": _hash(script)},
            wrong=(wrong := _wrong(asked, questions, records)),
            data=Markup(_inert(wrong)),  # noqa: S704 - escaped there
        )
    )


def _environment() -> Environment:
    """That of our templates; whatever they print is escaped, and its control characters made visible."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def cleaned(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(
        loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=cleaned,
    )  # fmt: skip
    environment.filters |= FILTERS
    return environment


def _figures(
    conditions: Sequence[Mapping[str, Any]],
    names: Mapping[str, str],
    by_chapter: Mapping[str, Sequence[Row]],
    weak: Sequence[Row],
    records: Iterable[Record],
) -> dict[str, str]:
    seconds: dict[tuple[str, bool], list[float]] = {(c["mode"], c["rag"]): [] for c in conditions}
    for record in records:
        seconds.get((record.mode, record.rag), []).append(record.seconds)
    chapter_figures = {
        f"chapters-{number}": plots.accuracy_by_row(rows, f"chapters-{number}", f"{names.get(subject, subject)}各章的正确率和 95% 区间")
        for number, (subject, rows) in enumerate(by_chapter.items())
    }  # fmt: skip
    return chapter_figures | {
        "weak": plots.accuracy_by_row(weak, "weak", "薄弱考点的正确率和 95% 区间"),
        "subjects": plots.accuracy_by_subject(conditions, {s: visible(name) for s, name in names.items()}),
        "difficulty": plots.accuracy_by_difficulty(conditions),
        "letters": plots.letters(conditions),
        "latency": plots.latencies([*seconds.values()]),
    }


def _in_order(pair: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """A comparison with its rows in the order of all tables."""
    order = [*names]
    return {
        **pair,
        "rows": sorted(pair["rows"], key=lambda r: order.index(r["subject"]) if r["subject"] in order else len(order)),
    }


def _wrong(
    conditions: Sequence[Mapping[str, Any]], questions: Mapping[str, Question], records: Sequence[Record]
) -> dict[str, Any]:
    names = {point: cell["name"] for c in conditions for point, cell in c["by_point"].items()}
    found = browsable(questions, records, [(c["mode"], c["rag"]) for c in conditions], names)
    subjects = subject_names([q["subject"] for q in found["questions"]])
    return found | {
        "subjects": {s: visible(name) for s, name in subjects.items()},
        "conditions": [visible(c["name"]) for c in conditions],
        "modes": [c["mode"] for c in conditions],
    }


def _inert(data: Mapping[str, Any]) -> str:
    """JSON that can't end the element that it stands in."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
