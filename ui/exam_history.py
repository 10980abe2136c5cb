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
_CURVE = "历次模考的得分率（%）"
_UNREADABLE = "<div class='wrong'>数据库里的记录读不出来：已损坏，或由别的版本写入。</div>"


def history_html(exams: Sequence[Exam], asked: str = "", unreadable: Sequence[tuple[str, str]] = ()) -> str:
    """All exams that are over, the latest first; `asked` is the id of one that is to be deleted if the learner says so once more.

    Args:
        unreadable: ids and titles of those whose record is damaged.
    """
    over = [exam for exam in exams if exam.state not in UNFINISHED][:_MOST]
    if not over and not unreadable:
        return "<div class='exam'><p class='quiet'>还没有考过。交卷以后，成绩单和成绩曲线都在这里。</p></div>"
    rows = "".join(_row(exam, exam.id == asked) for exam in over)
    rows += "".join(_card(title, _UNREADABLE, _deleting(key, title, key == asked)) for key, title in unreadable)
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
    return f"<p class='quiet'>{_CURVE}</p>{line(curves, _CURVE, x_labels=days, low=0, high=100)}"


def _row(exam: Exam, asked: bool) -> str:
    at = exam.submitted_at or exam.created_at
    if exam.state == ABANDONED:
        told = "已放弃"
    else:
        total = report_of(exam).total
        told = f"{shown_band(total)} / {shown_points(total.full)} 分{'，正在评分' if exam.state == MARKING else ''}"
    opened = "" if exam.state == ABANDONED else button_html("看成绩单", exam.id, "open", f"看 {exam.title} 的成绩单", "main")
    about = f"<div>{told}</div><small>{at.astimezone():%Y-%m-%d %H:%M}</small>"
    return _card(exam.title, about, opened + _deleting(exam.id, exam.title, asked))


def _card(title: str, about: str, acts: str) -> str:
    return f"<div class='exam-card'><b>{escape(title)}</b>{about}<div class='exam-acts'>{acts}</div></div>"


def _deleting(key: str, title: str, asked: bool) -> str:
    """The button that deletes, and the question whether it really shall."""
    if asked:
        return button_html("确定删除，不能恢复", key, "delete") + button_html("不删", key, "keep")
    return button_html("删除", key, "ask", f"删除 {title}")
