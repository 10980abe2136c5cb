"""The exams of before: a list to open or delete, and the curve of their points."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tutoring.mock_exam.exam import ABANDONED, MARKING, UNFINISHED, Exam
from tutoring.mock_exam.paper import shown_points
from tutoring.mock_exam.report import finished, report_of, shown_band
from ui.picking import button_html
from ui.plots import line

__all__ = ["history_html"]

_KINDS = {"full": "整卷", "short": "单科小测"}
_MOST = 100


def history_html(exams: Sequence[Exam], asked: str = "") -> str:
    """All exams that are over, the latest first; `asked` is the id of one that is to be deleted if the learner says so once more."""
    over = [exam for exam in exams if exam.state not in UNFINISHED][:_MOST]
    if not over:
        return "<div class='exam'><p class='quiet'>还没有考过。交卷以后，成绩单和成绩曲线都在这里。</p></div>"
    rows = "".join(_row(exam, exam.id == asked) for exam in over)
    return f"<div class='exam'>{_plot(exams)}<div class='exam-cards' id='exam-list'>{rows}</div></div>"


def _plot(exams: Sequence[Exam]) -> str:
    done = finished(exams)
    if len(done) < 2:
        return ""
    curves: dict[str, list[tuple[float, float]]] = {}
    for at, exam in enumerate(done):
        total = report_of(exam).total
        curves.setdefault(_KINDS[exam.paper.kind], []).append((at, round(float(100 * total.middle / total.full), 1)))
    days = [f"{exam.created_at.astimezone():%m-%d}" for exam in done]
    return line(curves, "历次模考的得分率（%）", x_labels=days, low=0, high=100)


def _row(exam: Exam, asked: bool) -> str:
    at = exam.submitted_at or exam.created_at
    if exam.state == ABANDONED:
        told = "已放弃"
    else:
        total = report_of(exam).total
        told = f"{shown_band(total)} / {shown_points(total.full)} 分{'，正在评分' if exam.state == MARKING else ''}"
    opened = "" if exam.state == ABANDONED else button_html("看成绩单", exam.id, "open", f"看 {exam.title} 的成绩单", "main")
    gone = button_html("删除", exam.id, "ask", f"删除 {exam.title}")
    if asked:
        gone = button_html("确定删除，不能恢复", exam.id, "delete") + button_html("不删", exam.id, "keep")
    return (
        f"<div class='exam-card'><b>{escape(exam.title)}</b><div>{told}</div><small>{at.astimezone():%Y-%m-%d %H:%M}</small>"
        f"<div class='exam-acts'>{opened}{gone}</div></div>"
    )
