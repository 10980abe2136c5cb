"""The tab 进度: the plan, today, weak points, what is mastered and covered, and the days. It is drawn anew each time it is opened."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any, TypeVar

import gradio as gr
from gradio.context import Context

from errors import TutorError
from knowledge.syllabus import points
from tutoring.coverage import CoveredPage
from tutoring.practice.plan import Plans
from tutoring.progress import LearnersProgress
from tutoring.syllabus_table import table_of
from ui import plots
from ui.citation_panel import PagePanel, build_page_panel
from ui.context import QUIET, PageContext, owner_of
from ui.picking import button_html, pick_list, picked
from ui.progress_matrix import matrix_html
from ui.progress_plan import PlanForm, build_plan_form, plan_of, saved_html
from ui.progress_style import CSS as _OWN_CSS
from ui.progress_style import REOPEN_JS, SCRIPT, TO_PAGE_JS
from ui.progress_view import days_html, subjects_html, today_html, uncovered_html, weak_html

__all__ = ["CSS", "build_progress_tab"]

CSS = plots.CSS + _OWN_CSS
_LOOK_SECONDS = 2.0
_HINT = "<p class='hint'>点考点的“看讲义”或页数，这里打开讲它的那一页。</p>"
_SYLLABUS_ORDER, _WEAK_FIRST = "大纲顺序", "薄弱优先"
_MOST_PLACES = 12
_T = TypeVar("_T")


def build_progress_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    tab = Context.block
    events = _Events(context)
    with gr.Column(elem_id="progress"):
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                today = gr.HTML(elem_id="progress-today")
                form = build_plan_form()
                weak = pick_list(elem_id="progress-weak-points")
            with gr.Column(scale=2, min_width=320):
                subjects = gr.HTML(elem_id="progress-subjects")
                days = gr.HTML(elem_id="progress-days")
        gr.Markdown("### 考点、资料、题目与掌握")
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                order = gr.Radio(
                    [_SYLLABUS_ORDER, _WEAK_FIRST], value=_SYLLABUS_ORDER, show_label=False, elem_id="progress-order"
                )
                matrix = pick_list(elem_id="progress-matrix")
            with gr.Column(scale=2, min_width=320, elem_id="progress-pages", elem_classes="page-panel"):
                places = pick_list(elem_id="progress-places")
                panel = build_page_panel(context.library, "progress", _HINT)
        with gr.Accordion("没有资料覆盖的考点", open=False, elem_id="progress-lacking"):
            uncovered = gr.HTML()
        timer = gr.Timer(_LOOK_SECONDS, active=False)
    shown = [today, weak, subjects, days, matrix, uncovered, timer]
    entering = tab.select if isinstance(tab, gr.Tab) else page.load
    entering(events.enter, order, [*shown, *form.fields], **QUIET).then(None, js=REOPEN_JS)
    timer.tick(events.tick, order, [matrix, uncovered, timer], **QUIET).then(None, js=REOPEN_JS)
    order.change(events.ordered, order, matrix, **QUIET).then(None, js=REOPEN_JS)
    form.save.click(events.save, form.fields, [form.said, today, days], **QUIET)
    for clicked in (weak, matrix, places):
        clicked.click(events.open(panel), None, [places, *panel.outputs], **QUIET).then(None, js=TO_PAGE_JS)
    page.load(None, js=SCRIPT)


class _Events:
    """What happens on the tab. Everything is read for the owner of the request."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._progress = LearnersProgress(context.database, context.mastery, context.clock)
        self._plans = Plans(context.database, context.clock)

    def enter(self, order: str, request: gr.Request) -> list[Any]:
        """All of the tab."""

        def drawn() -> list[Any]:
            progress = self._progress.of(owner_of(request))
            return [
                today_html(progress), weak_html(progress), subjects_html(progress), days_html(progress),
                *self._coverage(order, request), *PlanForm.values(progress.plan),
            ]  # fmt: skip

        return _told(drawn, [gr.skip()] * 10)

    def tick(self, order: str, request: gr.Request) -> list[Any]:
        """What is known of the documents so far, while they are looked through."""
        return _told(lambda: self._coverage(order, request), [gr.skip()] * 3)

    def ordered(self, order: str, request: gr.Request) -> Any:
        """The table in another order."""
        return _told(lambda: self._matrix(order, request), gr.skip())

    def save(self, day: str | None, goal: float | None, retention: str | None, request: gr.Request) -> list[Any]:
        """Keep the plan, and show what follows from it."""

        def kept() -> list[Any]:
            plan = plan_of(day, goal, retention)
            self._plans.save(owner_of(request), plan)
            progress = self._progress.of(owner_of(request))
            return [saved_html(plan), today_html(progress), days_html(progress)]

        return _told(kept, ["", gr.skip(), gr.skip()])

    def open(self, panel: PagePanel) -> Callable[..., list[Any]]:
        """What opens a page on a point: the clearest one, or the one that was chosen of the list."""

        def opened(event: gr.EventData) -> list[Any]:
            pick, act = picked(event)
            pages = self._context.coverage.pages(pick)[:_MOST_PLACES]
            if pick not in points() or not pages:
                gr.Info("资料和笔记里都没有找到讲这个考点的页。请在“资料”里添加这一章的讲义。")
                return [gr.skip()] * (1 + len(panel.outputs))
            chosen = int(act) if act.isdecimal() and int(act) < len(pages) else 0

            def found() -> list[Any]:
                return [_places(pick, pages, chosen), *panel.of_citation(self._context.coverage.citation(pages[chosen]))]

            return _told(found, [gr.skip()] * (1 + len(panel.outputs)))

        return opened

    def _coverage(self, order: str, request: gr.Request) -> list[Any]:
        coverage = self._context.coverage
        busy = coverage.busy
        status = coverage.status or ("正在准备资料" if busy else "")
        return [self._matrix(order, request), uncovered_html(coverage.uncovered(), status), gr.Timer(active=busy)]

    def _matrix(self, order: str, request: gr.Request) -> str:
        masteries = self._context.mastery.of(owner_of(request))
        return matrix_html(table_of(masteries, self._context.coverage.pages), order == _WEAK_FIRST)


def _places(point: str, pages: tuple[CoveredPage, ...], chosen: int) -> str:
    """The pages on a point as a list to choose from."""
    buttons = "".join(
        button_html(_place(page), point, str(n), css=f"quiet-button{' main' if n == chosen else ''}")
        for n, page in enumerate(pages)
    )
    return f"<p><b>{escape(points()[point].name)}</b></p><div class='progress-acts'>{buttons}</div>"


def _place(page: CoveredPage) -> str:
    name = page.source.rsplit("/", 1)[-1]
    return f"{name}（笔记）" if page.note else f"{name} 第 {page.page} 页"


def _told(work: Callable[[], _T], otherwise: _T) -> _T:
    """What `work` gives; if it fails the learner is told why, and the page stays as it is."""
    try:
        return work()
    except TutorError as error:
        gr.Warning(escape(str(error)))
        return otherwise
