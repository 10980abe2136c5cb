"""The tab 评测: order an exam of the connected model, watch it, open its report, compare two."""

from __future__ import annotations

import gradio as gr
from gradio.context import Context

from ui.context import QUIET, PageContext
from ui.evaluation_events import Evaluations
from ui.evaluation_form import build_form, shown_command
from ui.evaluation_view import CSS

__all__ = ["CSS", "build_evaluation_tab"]

_LOOK_SECONDS = 2.0
_SAVE_JS = """file => {
  if (!file) return;
  const link = document.createElement('a');
  link.href = file.url; link.download = file.orig_name;
  link.click();
}"""
_IF_SEEN_JS = "name => document.querySelector('#evaluation-card')?.offsetParent ? name : null"
"""Nobody looks at a card on another tab: then nothing is asked for."""


def build_evaluation_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    events = Evaluations(context)
    tab = Context.block
    with gr.Accordion("开始一次评测", open=False, elem_id="evaluation-new") as new:
        fields, way = build_form()
        command = gr.Markdown(elem_id="evaluation-command")
        start = gr.Button("开始评测", variant="primary", elem_id="evaluation-start")
    notice = gr.Markdown(elem_id="evaluation-notice")
    chosen = gr.Dropdown([], label="评测", elem_id="evaluation-run", filterable=True)
    card = gr.HTML(elem_id="evaluation-card")
    with gr.Row():
        opened = gr.Button("打开报告", elem_id="evaluation-open", min_width=100)
        taken = gr.Button("下载报告", elem_id="evaluation-download", min_width=100)
        resume = gr.Button("继续", elem_id="evaluation-resume", min_width=80, visible=False)
        stop = gr.Button("停止", variant="stop", elem_id="evaluation-stop", min_width=80, visible=False)
    report = gr.HTML(elem_id="evaluation-report")
    with gr.Accordion("所有评测", open=True, elem_id="evaluation-all"):
        table = gr.HTML(elem_id="evaluation-runs")
    file = gr.DownloadButton(visible="hidden")  # one that is seen would hand out the file of the click before
    ways = _comparison(events, file)
    timer = gr.Timer(_LOOK_SECONDS, active=False)

    shown = [card, resume, stop, timer]
    everything = [chosen, table, *ways, *shown]
    entering = tab.select if isinstance(tab, gr.Tab) else page.load
    entering(events.enter, [chosen, *fields], [new, way, command, notice, *everything], **QUIET)
    for field in fields:
        field.change(lambda *values: shown_command(context, *values), fields, command, **QUIET)
    start.click(events.begin, fields, everything, **QUIET)
    chosen.change(events.look, chosen, shown, **QUIET).then(lambda: "", None, report, **QUIET)
    timer.tick(events.tick, chosen, everything, js=_IF_SEEN_JS, **QUIET)
    resume.click(events.resume, chosen, everything, **QUIET)
    stop.click(events.stop, chosen, everything, **QUIET)
    opened.click(events.report, chosen, report, **QUIET)
    taken.click(events.taken, chosen, file, **QUIET).then(None, file, None, js=_SAVE_JS)


def _comparison(events: Evaluations, file: gr.DownloadButton) -> list[gr.Dropdown]:
    """Two ways of asking side by side; the lists to choose them from."""
    with gr.Accordion("比较两次评测", open=False, elem_id="evaluation-compare"):
        with gr.Row():
            ways = [
                gr.Dropdown([], label="基线", elem_id="evaluation-first", min_width=260),
                gr.Dropdown([], label="对照", elem_id="evaluation-second", min_width=260),
            ]
        with gr.Row():
            compared = gr.Button("比较", elem_id="evaluation-do-compare", min_width=100)
            taken = gr.Button("下载对比", elem_id="evaluation-take-compare", min_width=100)
        difference = gr.HTML(elem_id="evaluation-difference")
    compared.click(events.difference, ways, difference, **QUIET)
    taken.click(events.taken_difference, ways, file, **QUIET).then(None, file, None, js=_SAVE_JS)
    return ways
