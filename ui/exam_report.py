"""How the report of an exam looks: points, what was lost, what to do, every question with its answer. HTML only, every word escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.mastery import Mastery
from tutoring.mock_exam.advice import Advice
from tutoring.mock_exam.exam import MARKING, Exam
from tutoring.mock_exam.losses import Loss, lost_questions
from tutoring.mock_exam.marker import MOST_PAGES
from tutoring.mock_exam.paper import SECTIONS, shown_points
from tutoring.mock_exam.report import Report, shown_band
from tutoring.mock_exam.timing import clock_face
from ui.picking import button_html
from ui.plots import bars

__all__ = ["losses_html", "marking_html", "points_html"]


def points_html(report: Report) -> str:
    """The points, by subject and section, beside those of the exam before."""
    exam, total = report.exam, report.total
    at = exam.submitted_at or exam.created_at
    parts = [
        f"<div class='exam-head'><h3>{escape(exam.title)}</h3><small>{at.astimezone():%Y-%m-%d %H:%M} 交卷　用时 {clock_face(report.used)}</small></div>",
        f"<div class='exam-head'><span class='exam-total' id='exam-total'>{shown_band(total)}</span> / {shown_points(total.full)} 分"
        f"<small>选择题对 {report.right} / {len(exam.paper.questions)} 道，没有作答 {len(report.unanswered)} 题{_open_told(report)}</small></div>",
        _compared(report),
        _table(report),
    ]
    if exam.marking.notice:
        parts.append(f"<p class='quiet'>{escape(exam.marking.notice)}</p>")
    return f"<div class='exam'>{''.join(parts)}</div>"


def marking_html(exam: Exam) -> str:
    """How far the marking is; '' when it has ended."""
    if exam.state != MARKING:
        return ""
    done, whole = len(exam.marking.problems), len(exam.paper.problems)
    looked, points_lost = len(exam.marking.pages), min(len(lost_questions(exam)), MOST_PAGES)
    doing = (
        f"正在评综合题：{done} / {whole}"
        if done < whole
        else f"综合题已评完。正在你的资料里找失分考点所在的页：{looked} / {points_lost}"
    )
    return (
        f"<div class='exam' role='status'>{doing}<br><progress max='{whole + points_lost}' value='{done + looked}'>"
        f"</progress></div>"
    )


def losses_html(report: Report, advice: Sequence[Advice], masteries: Mapping[str, Mastery]) -> str:
    """What to do this week, the points that were lost by knowledge point, and where the time went."""
    exam = report.exam
    steps = "".join(f"<li>{escape(one.text)}{_acts(one.point, exam) if one.point else ''}</li>" for one in advice)
    cards = "".join(_card(loss, exam, masteries) for loss in report.losses[:MOST_PAGES])
    rest = "".join(_card(loss, exam, masteries) for loss in report.losses[MOST_PAGES:])
    others = f"其余 {len(report.losses) - MOST_PAGES} 个考点"
    more = f"<details><summary>{others}</summary><div class='exam-cards'>{rest}</div></details>" if rest else ""
    lost = (
        f"<h3>失分的考点</h3><p class='quiet'>按失分与考查频率排列。</p><div class='exam-cards'>{cards}</div>{more}"
        if cards
        else ""
    )
    return f"<div class='exam'><h3>这一周做什么</h3><ol id='exam-advice'>{steps}</ol>{lost}{_time(report)}</div>"


def _open_told(report: Report) -> str:
    return f"，{report.open_marks} 个评分点待自评（在下面的综合题里）" if report.open_marks else ""


def _compared(report: Report) -> str:
    """The difference from the exam before, of the whole and by subject."""
    if report.before is None:
        return "<p class='quiet'>这是第一次这样的模考，下一次会和它比较。</p>"
    before = {row.subject: row.total for row in report.before.subjects}
    rows = [("总分", report.total.middle - report.before.total.middle)]
    rows += [(SUBJECTS[row.subject].name, row.total.middle - before[row.subject].middle) for row in report.subjects]
    told = "　".join(f"{name} {'+' if d > 0 else '−' if d < 0 else '±'}{shown_points(abs(d))}" for name, d in rows)
    return f"<p>和上一次（{escape(report.before.exam.title)}，{shown_band(report.before.total)} 分）比：{told}</p>"


def _table(report: Report) -> str:
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("科目", *SECTIONS, "合计"))
    rows = [(SUBJECTS[row.subject].name, row.choices, row.problems, row.total) for row in report.subjects]
    if len(rows) > 1:
        rows.append(("全卷", report.choices, report.problems, report.total))
    body = "".join(
        f"<tr><th scope='row'>{name}</th>{''.join(f'<td>{shown_band(e)} / {shown_points(e.full)}</td>' for e in earned)}</tr>"
        for name, *earned in rows
    )
    return f"<div class='exam-scroll'><table id='exam-points'><tr>{head}</tr>{body}</table></div>"


def _card(loss: Loss, exam: Exam, masteries: Mapping[str, Mastery]) -> str:
    point, mastery = points()[loss.point], masteries.get(loss.point)
    known = f"，掌握度约 {mastery.mean:.0%}（{mastery.low:.0%}–{mastery.high:.0%}）" if mastery and mastery.attempts else ""
    numbers = "、".join(str(number) for number in loss.numbers)
    return (
        f"<div class='exam-card'><b>{escape(point.name)}</b><div>失 {shown_points(loss.lost)} 分：第 {numbers} 题</div>"
        f"<small>{SUBJECTS[point.subject].name} · {escape(point.chapter_name)}　考查频率{point.weight}{known}</small>"
        f"{_acts(loss.point, exam)}</div>"
    )


def _acts(point: str, exam: Exam) -> str:
    """Buttons: read the page, practise the point."""
    page = exam.marking.pages.get(point)
    read = button_html(f"看{page.label}", point, "page") if page else ""
    if point in exam.marking.pages and not page:
        read = "<small>资料里没有找到讲它的页</small>"
    name = escape(points()[point].name)
    practise = (
        f"<button type='button' class='main' data-practice-point='{escape(point)}' aria-label='练习 {name}'>练这个考点</button>"
    )
    return f"<div class='exam-acts'>{practise}{read}</div>"


def _time(report: Report) -> str:
    exam, spent = report.exam, report.exam.sheet.spent
    if not spent:
        return ""
    questions = [number for number in exam.paper.numbers if exam.paper.question(number)]
    choices = sum(spent.get(number, 0) for number in questions)
    slow = "、".join(f"第 {number} 题 {clock_face(seconds)}" for number, seconds in report.slowest)
    plot = bars([(f"第 {n} 题", float(spent.get(n, 0))) for n in exam.paper.numbers], "每题用时（秒）")
    return (
        f"<h3>时间</h3><p>选择题共 {clock_face(choices)}，平均每题 {choices // max(len(questions), 1)} 秒；"
        f"综合题共 {clock_face(sum(spent.values()) - choices)}。最久的是{slow}。</p>{plot}"
    )
