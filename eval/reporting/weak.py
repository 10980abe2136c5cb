"""Where a model is weak: the chapters, and those knowledge points of which it can be said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.reporting.wrong_answers import visible
from knowledge.subjects import SUBJECTS

__all__ = ["ALL", "Row", "chapters", "subject_names", "weak_points"]

ALL = "all"
FEWEST = 5
"""Answers to the questions of a knowledge point, for it to be looked at."""
Condition = Mapping[str, Any]
Cell = Mapping[str, Any]
Row = tuple[str, list[Cell | None]]
"""A title, and a cell for each condition; None: not asked."""


def subject_names(found: Sequence[str]) -> dict[str, str]:
    """Names of subjects: 全部, those of the exam in its order, then any others as they come."""
    order = [ALL, *SUBJECTS]
    ranked = sorted(dict.fromkeys(found), key=lambda s: order.index(s) if s in order else len(order))
    return {s: "全部" if s == ALL else SUBJECTS[s].name if s in SUBJECTS else s for s in ranked}


def chapters(conditions: Sequence[Condition]) -> dict[str, list[Row]]:
    """The chapters of each subject by its id, in the exam's order."""
    found: dict[str, list[Row]] = {}
    for chapter in dict.fromkeys(chapter for c in conditions for chapter in c["by_chapter"]):
        cells = [c["by_chapter"].get(chapter) for c in conditions]
        if any(cell and cell["n"] for cell in cells):
            found.setdefault(chapter.partition(".")[0], []).append((_title(cells), cells))
    return {subject: found[subject] for subject in subject_names([*found])}


def weak_points(conditions: Sequence[Condition], most: int) -> list[Row]:
    """The knowledge points whose interval lies below the accuracy over all, in some condition; the lowest first.

    Those with fewer than `FEWEST` answers, or too few for an interval, say nothing and are left out.
    """
    rows = []
    for point in dict.fromkeys(point for c in conditions for point in c["by_point"]):
        cells = [c["by_point"].get(point) for c in conditions]
        below = [cell["high"] for c, cell in zip(conditions, cells, strict=True) if cell and _below(cell, c)]
        if below:
            rows.append((min(below), (_title(cells), cells)))
    return [row for _, row in sorted(rows, key=lambda found: found[0])[:most]]


def _below(cell: Cell, condition: Condition) -> bool:
    return cell["n"] >= FEWEST and cell["high"] is not None and cell["high"] < condition["table"][ALL]["accuracy"]


def _title(cells: Sequence[Cell | None]) -> str:
    asked = [cell for cell in cells if cell and cell["n"]]
    return f"{visible(asked[0]['name'])} · 作答 {max(cell['n'] for cell in asked)}"
