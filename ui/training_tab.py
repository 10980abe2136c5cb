"""The tab 训练: the runs of the workshop with their losses, cards and origins. It starts none: it shows the commands that do."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr
from gradio.context import Context

from errors import TutorError
from finetune.runs import find_training, training_runs
from ui import plots
from ui.citation_view import safe_markdown
from ui.context import QUIET, PageContext
from ui.training_view import CSS as _OWN_CSS
from ui.training_view import lineage_html, losses, run_html, run_label, runs_html, starting_html

__all__ = ["CSS", "build_training_tab"]

CSS = plots.CSS + _OWN_CSS
_LOOK_SECONDS = 3.0
_IF_SEEN_JS = "name => document.querySelector('#training-card')?.offsetParent ? name : null"
_COPY_JS = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-copy]');
  if (!button) return;
  const text = button.parentElement.querySelector('code').textContent;
  const done = () => { button.textContent = '已复制'; setTimeout(() => { button.textContent = '复制'; }, 2000); };
  if (navigator.clipboard && window.isSecureContext) { navigator.clipboard.writeText(text).then(done); return; }
  const box = document.createElement('textarea');
  box.value = text; document.body.append(box); box.select(); document.execCommand('copy'); box.remove(); done();
});
"""


def build_training_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    root, tab = context.settings.finetune_dir, Context.block
    chosen = gr.Dropdown([], label="训练", elem_id="training-run", filterable=True)
    state = gr.HTML(elem_id="training-card", js_on_load=_COPY_JS)
    plot = gr.HTML(elem_id="training-losses")
    with gr.Accordion("权重的来历", open=False, elem_id="training-origin"):
        origin = gr.HTML(elem_id="training-lineage")
    with gr.Accordion("训练记录", open=False, elem_id="training-record"):
        card = gr.Markdown(elem_id="training-readme", latex_delimiters=[])
    with gr.Accordion("所有训练", open=True, elem_id="training-all"):
        table = gr.HTML(elem_id="training-runs")
    with gr.Accordion("开始训练的命令", open=False, elem_id="training-commands"):
        gr.HTML(starting_html(), js_on_load=_COPY_JS)
    timer = gr.Timer(_LOOK_SECONDS, active=False)
    shown = [state, plot, origin, card, timer]

    def listed(name: str | None) -> list[Any]:
        runs = training_runs(root)
        names = [run.name for run in runs]
        picked = name if name in names else (names[0] if names else None)
        options = gr.update(choices=[(run_label(run), run.name) for run in runs], value=picked)
        return [options, runs_html(runs), *look(picked)]

    def look(name: str | None) -> list[Any]:
        run = _guarded(lambda: find_training(root, name)) if name else None
        if run is None:
            return ["", "", "", "", gr.Timer(active=False)]
        about = safe_markdown(run.card) or "训练完成后这里是训练记录：底座、数据、配置、损失与示例回答。"
        return [run_html(run), losses(run), lineage_html(run), about, gr.Timer(active=run.state == "running")]

    def tick(name: str | None) -> list[Any]:
        if not name:  # another tab is open
            return [gr.skip()] * (len(shown) + 2)
        told = look(name)
        return [gr.skip(), gr.skip(), *told] if told[-1].active else listed(name)

    entering = tab.select if isinstance(tab, gr.Tab) else page.load
    entering(listed, chosen, [chosen, table, *shown], **QUIET)
    chosen.change(look, chosen, shown, **QUIET)
    timer.tick(tick, chosen, [chosen, table, *shown], js=_IF_SEEN_JS, **QUIET)


def _guarded(do: Callable[[], Any]) -> Any:
    """The result; or a message on the page, and nothing."""
    try:
        return do()
    except TutorError as error:
        gr.Warning(escape(str(error)))
        return None
