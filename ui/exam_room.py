"""The components of the tab 模考: the lobby, the desk, the break, the report; one of them is seen at a time."""

from __future__ import annotations

from typing import Any

import gradio as gr

from knowledge.subjects import SUBJECTS
from tutoring.mock_exam.drawing import SHORT_QUESTIONS
from tutoring.mock_exam.paper import SHORT_MINUTES
from ui.citation_panel import build_page_panel
from ui.context import PageContext
from ui.exam_desk import Desk
from ui.picking import pick_list

__all__ = ["ExamRoom"]

_ABOUT = (
    "<div class='exam'><h3>408 模考</h3><p>40 道单项选择题和 7 道综合应用题，150 分，180 分钟，科目与分值同真卷。先出你没做过的题。"
    "中途可以暂停；刷新、关掉网页、程序重启都不丢答案。交卷后给出成绩、失分考点、该看的页和这一周的安排。</p></div>"
)
_PAGE_HINT = "<p class='hint'>点“看《…》”，这里打开你的资料里讲这个考点的那一页。</p>"
_TICK_SECONDS = 5.0


class ExamRoom:
    """Lays out the tab; `outputs` are all components that an event may change."""

    def __init__(self, context: PageContext) -> None:
        self.message = gr.HTML(elem_id="exam-message", elem_classes="exam-may-be-empty", padding=False)
        # outside of what is shown and hidden: a column that is shown again would show these too
        self.shown = gr.Textbox(visible="hidden", elem_id="exam-shown")
        self.report = gr.Textbox(visible="hidden", elem_id="exam-report-id")
        self.file = gr.DownloadButton(visible="hidden")  # one that is seen would hand out the file of the click before
        with gr.Column(elem_id="exam-lobby") as self.lobby:
            self._lay_lobby()
        with gr.Column(visible=False, elem_id="exam-desk") as self.sitting:
            self.desk = Desk(context.clock, self.shown)
        with gr.Column(visible=False, elem_id="exam-break") as self.pausing:
            self._lay_break()
        with gr.Column(visible=False, elem_id="exam-report") as self.reading:
            self._lay_report(context)
        self.over = gr.Button(visible="hidden", elem_id="exam-over")
        self.timer = gr.Timer(_TICK_SECONDS, active=False)
        self.views = {"lobby": self.lobby, "desk": self.sitting, "break": self.pausing, "report": self.reading}
        self.outputs: list[Any] = [
            self.message, *self.views.values(), *self.desk.outputs, self.history, self.break_told, self.finish_yes,
            self.abandon_yes, self.report, self.points, self.progress, self.losses, self.problems, self.choices, self.timer,
        ]  # fmt: skip

    def seen(self, view: str) -> dict[Any, Any]:
        """The view that is seen, and no other."""
        return {column: gr.update(visible=name == view) for name, column in self.views.items()}

    def _lay_lobby(self) -> None:
        gr.HTML(_ABOUT, padding=False)
        with gr.Row(elem_classes="exam-buttons"):
            self.full = gr.Button("开始整卷模考（180 分钟）", variant="primary", elem_id="exam-start", min_width=220)
        with gr.Accordion(f"单科小测（{SHORT_QUESTIONS} 道选择题）", open=False):
            subjects = [(s.name, s.id) for s in SUBJECTS.values() if s.points]
            minutes = [(f"{n} 分钟", n) for n in SHORT_MINUTES]
            with gr.Row():
                self.subject = gr.Dropdown(subjects, value="ds", label="科目", elem_id="exam-subject", min_width=160)
                self.minutes = gr.Radio(minutes, value=SHORT_MINUTES[0], label="时间", elem_id="exam-minutes", min_width=160)
            self.short = gr.Button("开始小测", elem_id="exam-start-short")
        gr.HTML("<div class='exam'><h3>历次模考</h3></div>", padding=False)
        self.history = pick_list(elem_id="exam-history", padding=False)

    def _lay_break(self) -> None:
        self.break_told = gr.HTML(elem_id="exam-break-told", padding=False)
        with gr.Row(elem_classes="exam-buttons"):
            self.resume = gr.Button("继续", variant="primary", elem_id="exam-resume", min_width=110)
            self.finish = gr.Button("交卷", elem_id="exam-finish", min_width=110)
            self.abandon = gr.Button("放弃", elem_id="exam-abandon", min_width=110)
        self.finish_yes = gr.Button("确定交卷", variant="stop", visible=False, elem_id="exam-finish-yes")
        self.abandon_yes = gr.Button("确定放弃，这次不计成绩", variant="stop", visible=False, elem_id="exam-abandon-yes")

    def _lay_report(self, context: PageContext) -> None:
        with gr.Row(elem_classes="exam-buttons"):
            self.back = gr.Button("‹ 返回", elem_id="exam-back", min_width=110)
            self.export = gr.Button("导出 Markdown", elem_id="exam-export", min_width=110)
        self.progress = gr.HTML(elem_id="exam-progress", elem_classes="exam-may-be-empty", padding=False)
        with gr.Row():
            with gr.Column(scale=3, min_width=320):
                self.points = gr.HTML(elem_id="exam-report-points", padding=False)
                self.losses = pick_list(elem_id="exam-losses", padding=False)
            with gr.Column(scale=2, min_width=280, elem_classes="page-panel"):
                self.panel = build_page_panel(context.library, "exam-page", _PAGE_HINT)
        self.problems = pick_list(elem_id="exam-problems", padding=False)
        self.choices = gr.HTML(elem_id="exam-choices", padding=False)
