"""The coverage matrix as HTML: subject → chapter → point, each with documents, questions and mastery; told in words as well as in colour."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from knowledge.subjects import SUBJECTS
from tutoring.standing import STANDINGS
from tutoring.syllabus_table import PointRow, by_chapter, weak_first
from ui.picking import button_html
from ui.progress_view import estimate_told, practice_button

__all__ = ["matrix_html"]


def matrix_html(rows: Sequence[PointRow], weakest: bool) -> str:
    """All points, in the order of the syllabus, or the weak ones of each subject first."""
    subjects = by_chapter(weak_first(rows) if weakest else rows)
    order = [subject for subject in SUBJECTS if subject in subjects]
    return "<div class='matrix' id='matrix'>" + "".join(_subject(s, subjects[s], weakest) for s in order) + "</div>"


def _subject(subject: str, chapters: dict[str, list[PointRow]], weakest: bool) -> str:
    every = [row for rows in chapters.values() for row in rows]
    if weakest:
        inside = _table(SUBJECTS[subject].name, weak_first(every))
    else:
        inside = "".join(_chapter(rows) for rows in chapters.values())
    return (
        f"<details class='matrix-subject' data-subject='{subject}'><summary><b>{SUBJECTS[subject].name}</b>"
        f"{_squares(every)}<small>{_counted(every)}</small></summary>{inside}</details>"
    )


def _chapter(rows: Sequence[PointRow]) -> str:
    point = rows[0].point
    name = f"{point.chapter.rpartition('.')[2]} {escape(point.chapter_name)}"
    return (
        f"<details class='matrix-chapter'><summary><span>{name}</span>{_squares(rows)}"
        f"<small>{_counted(rows)}</small></summary>{_table(point.chapter_name, rows)}</details>"
    )


def _counted(rows: Sequence[PointRow]) -> str:
    """How the points of a part stand, in words."""
    standings = Counter(row.standing for row in rows)
    parts = [f"{len(rows)} 个考点"]
    parts += [f"{STANDINGS[standing]} {standings[standing]}" for standing in ("weak", "unsure", "firm") if standings[standing]]
    if lacking := sum(not row.documents for row in rows):
        parts.append(f"资料未讲 {lacking}")
    return "，".join(parts)


def _squares(rows: Sequence[PointRow]) -> str:
    """One square a point, the fuller the better mastered; the words beside them say the same to a screen reader."""
    squares = "".join(
        f"<i class='{row.standing}' style='--m:{row.mastery.mean:.2f}' title='{escape(row.point.name)}：{_said(row)}'></i>"
        for row in rows
    )
    return f"<span class='squares' aria-hidden='true'>{squares}</span>"


def _said(row: PointRow) -> str:
    return f"{STANDINGS[row.standing]}，{estimate_told(row.mastery)}" if row.mastery.attempts else STANDINGS["new"]


def _table(caption: str, rows: Sequence[PointRow]) -> str:
    head = "<thead><tr><th scope='col'>考点</th><th scope='col'>资料</th><th scope='col'>题目</th><th scope='col'>掌握</th></tr></thead>"
    body = "".join(map(_row, rows))
    return f"<table class='matrix-table'><caption class='sr-only'>{escape(caption)}</caption>{head}<tbody>{body}</tbody></table>"


def _row(row: PointRow) -> str:
    point = row.point
    return (
        f"<tr data-point='{escape(point.id)}'><th scope='row'>{escape(point.name)}<small>考查频率{escape(point.weight)}</small></th>"
        f"<td class='{'' if row.documents else 'lacking'}'>{_documents(row)}</td><td>{_questions(row)}</td><td>{_mastery(row)}</td></tr>"
    )


def _documents(row: PointRow) -> str:
    name = row.point.name
    if row.documents:
        told = f"{row.documents} 份资料的 {row.pages} 页讲 {name}，点开看"
        return button_html(f"{row.pages} 页", row.point.id, "page", told, "quiet-button")
    if row.noted:
        return button_html("只有笔记", row.point.id, "page", f"你的资料没有讲 {name}，点开看随附的笔记", "quiet-button")
    return "<span title='资料里没有找到'>缺</span>"


def _questions(row: PointRow) -> str:
    told = f"{row.questions} 道书面题，{row.computed} 类可以无限出的计算题"
    if not row.questions + row.computed:
        return "<span title='题库里还没有这个考点的题'>—</span>"
    many = f"<span class='count' title='{told}' aria-label='{told}'>{row.questions}{f'＋{row.computed} 类' if row.computed else ''}</span>"
    return many + practice_button(row.point, "练")


def _mastery(row: PointRow) -> str:
    m = row.mastery
    if not m.attempts:
        return "<span class='chip new'>没练过</span>"
    told = f"{STANDINGS[row.standing]}，{estimate_told(m)}，90% 可信区间"
    return (
        f"<span class='heat {row.standing}' style='--m:{m.mean:.2f};--low:{m.low:.2f};--high:{m.high:.2f}' title='{told}' "
        f"aria-label='{told}'><b>{m.mean:.0%}</b><small>{STANDINGS[row.standing]}</small></span>"
    )
