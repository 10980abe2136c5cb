"""The tab 班级, for teachers and admins: how the learners of a class are doing, where all are weak, what they report as wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

import gradio as gr
from gradio.context import get_render_context

from errors import TutorError
from knowledge.subjects import subject_label
from knowledge.syllabus import points
from tutoring.bank import question_named
from tutoring.classes import EVERYBODY, Classes, ClassPicture, LearnerPicture, Report, WeakPoint
from ui.context import QUIET, PageContext, owner_of

__all__ = ["CSS", "build_class_tab"]

CSS = """
.class-table { overflow-x: auto; }
.class-table table { width: 100%; margin: 0; border-collapse: collapse; }
.class-table table, .class-table table :is(tr, th, td) { border: 0 !important; background: none; }
.class-table table :is(th, td) { padding: 10px !important; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--border-color-primary) !important; }
.class-table th { color: var(--body-text-color-subdued); font-weight: 500; white-space: nowrap; }
.class-table td { font-variant-numeric: tabular-nums; }
.class-table td:first-child { font-weight: 600; overflow-wrap: anywhere; }
.class-table .range { color: var(--body-text-color-subdued); font-size: .875rem; }
@media (max-width: 640px) {
  .class-table thead { display: none; }
  .class-table table tr { display: block; padding: 10px 0; border-bottom: 1px solid var(--border-color-primary) !important; }
  .class-table table td { display: inline-block; padding: 0 14px 0 0 !important; border: 0 !important; }
  .class-table td:first-child { display: block; }
  .class-table td:not(:first-child)::before { content: attr(data-name) " "; color: var(--body-text-color-subdued); }
}
"""


def build_class_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it; it shows itself only to who may see a class."""
    classes = Classes(context.database, context.clock)
    tab = get_render_context()
    assert isinstance(tab, gr.Tab)
    tab.visible = False
    with gr.Row(equal_height=True):
        chosen = gr.Dropdown([], label="班级", elem_id="class-choice", min_width=200, scale=3)
        refresh = gr.Button("刷新", elem_id="class-refresh", min_width=80, scale=1)
    message = gr.Markdown(elem_id="class-message")
    learners = gr.HTML(elem_id="class-learners")
    weakest = gr.HTML(elem_id="class-weakest")
    gr.Markdown("### 题目报错")
    with gr.Row(equal_height=True):
        report = gr.Dropdown([], label="选一条报错", elem_id="class-report", min_width=260, scale=4)
        settle = gr.Button("处理完毕", elem_id="class-settle", min_width=100, scale=1)
    told = gr.HTML(elem_id="class-report-text")
    shown = [message, learners, weakest, report, told]

    def opened(request: gr.Request) -> tuple[Any, ...]:
        owner = owner_of(request)
        try:
            names, role = classes.names(owner), classes.role(owner)
        except TutorError as error:
            return gr.update(visible=False), gr.skip(), f"**{escape(str(error))}**", *_NOTHING
        if role == "learner":
            return gr.update(visible=False), gr.update(choices=[], value=None), "", *_NOTHING
        first = names[0] if names else None
        choices = gr.update(choices=[(_class_label(name), name) for name in names], value=first)
        return gr.update(visible=True), choices, *_shown(classes, owner, first)

    def look(name: str | None, request: gr.Request) -> tuple[Any, ...]:
        return _shown(classes, owner_of(request), name)

    def settled(name: str | None, number: int | None, request: gr.Request) -> tuple[Any, ...]:
        try:
            if number is not None:
                classes.settle(owner_of(request), name or "", int(number))
        except (TutorError, ValueError) as error:
            gr.Warning(escape(str(error)))
        return _shown(classes, owner_of(request), name)

    def read(name: str | None, number: int | None, request: gr.Request) -> str:
        try:
            found = classes.reports(owner_of(request), name or "")
        except TutorError as error:
            return f"<p>{escape(str(error))}</p>"
        return next((_report(one) for one in found if one.id == number), "")

    page.load(opened, None, [tab, chosen, *shown], **QUIET)
    tab.select(look, chosen, shown, **QUIET)
    chosen.input(look, chosen, shown, **QUIET)
    refresh.click(look, chosen, shown, **QUIET)
    report.input(read, [chosen, report], told, **QUIET)
    settle.click(settled, [chosen, report], shown, **QUIET)


_NOTHING: tuple[Any, ...] = ("", "", gr.update(choices=[], value=None), "")


def _shown(classes: Classes, owner: str, name: str | None) -> tuple[Any, ...]:
    """Message, learners, weakest points, reports and the text of none of them."""
    if name is None:
        return "你的账号还没有班级。请管理员用 `python -m tutoring.accounts edit 姓名 --class 班级` 设置。", *_NOTHING
    try:
        picture, reports = classes.picture(owner, name), classes.reports(owner, name)
    except TutorError as error:
        return f"**{escape(str(error))}**", *_NOTHING
    choices = [(_report_label(one), one.id) for one in reports]
    label = "选一条报错" if choices else "没有未处理的报错"
    return (
        _summary(picture),
        _learners(picture.learners),
        _weakest(picture.weakest),
        gr.update(choices=choices, value=None, label=label),
        "",
    )


def _class_label(name: str) -> str:
    return {EVERYBODY: "全部学员", "": "未分班"}.get(name, name)


def _summary(picture: ClassPicture) -> str:
    at_work = sum(1 for one in picture.learners if one.attempts)
    return (
        f"{len(picture.learners)} 名学员，近 7 天有 {at_work} 名做过题，共 {sum(one.attempts for one in picture.learners)} 题。"
    )


def _learners(found: Sequence[LearnerPicture]) -> str:
    rows = [
        (escape(one.name), escape(one.class_name or "未分班"), str(one.attempts), _accuracy(one), _range(one), _seen(one.seen))
        for one in found
    ]
    return _table(("学员", "班级", "近 7 天题数", "正确率", "平均掌握度", "最近一次"), rows, "这个班级还没有学员。")


def _weakest(found: Sequence[WeakPoint]) -> str:
    known = points()
    rows = [
        (escape(known[one.point].name), subject_label(known[one.point].subject), _range(one), str(one.learners))
        for one in found
        if one.point in known
    ]
    return "<h3>最薄弱的考点</h3>" + _table(("考点", "科目", "平均掌握度", "做过的学员"), rows, "还没有人做过题。")


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], empty: str) -> str:
    """A table; on a narrow screen each row is a list. The cells are HTML already."""
    if not rows:
        return f"<p>{empty}</p>"
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(f"<tr>{''.join(map(_cell, names, row))}</tr>" for row in rows)
    return f'<div class="class-table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(name: str, content: str) -> str:
    """The name stands before the content where there is no head above it."""
    return f'<td data-name="{name}"><span>{content}</span></td>'


def _accuracy(one: LearnerPicture) -> str:
    return f"{one.right / one.attempts:.0%}" if one.attempts else "—"


def _range(one: LearnerPicture | WeakPoint) -> str:
    return f"{one.mean:.0%} <span class=range>（{max(one.low, 0):.0%}–{min(one.high, 1):.0%}）</span>"


def _seen(moment: datetime | None) -> str:
    return f"{moment.astimezone():%m-%d %H:%M}" if moment else "从未"


def _report_label(one: Report) -> str:
    return f"{one.at.astimezone():%m-%d} {one.learner}：{' '.join(one.text.split())[:30]}"


def _report(one: Report) -> str:
    question = question_named(one.question)
    stem = question.stem if question else "（题库里已经没有这道题）"
    return (
        f"<p><b>{escape(one.learner)}</b> {one.at.astimezone():%Y-%m-%d %H:%M}　题号 {escape(one.question)}</p>"
        f'<div class="excerpt">{escape(stem)}</div><p>{escape(one.text)}</p>'
    )
