"""The tab 资料: upload, watch what is being read, look into the documents, read again, delete."""

from __future__ import annotations

from typing import Any

import gradio as gr

from knowledge.subjects import AUTO, SUBJECTS, subject_label
from ui.citation_panel import CLOSE, build_page_panel
from ui.context import QUIET, PageContext
from ui.library_events import LibraryEvents
from ui.picking import pick_list

__all__ = ["CSS", "build_library_tab"]

_NAME = "资料"
_LOOK_SECONDS = 2.0
"""How often the open tab looks for what another process (the command, another page) did to the documents."""
_HINT = "<p class='hint'>点“预览”，这里一页一页地看资料，下面列出它涉及的考点。</p>"

CSS = """
#library { align-items: flex-start; }
#library-page { position: sticky; top: 8px; max-height: calc(100dvh - 16px); overflow-y: auto; flex-wrap: nowrap !important; }
#documents .acts { display: flex; gap: 6px; }
#documents ul, #uploads ul, #coverage ul { list-style: none; margin: 0; padding: 0; }
#documents li, #uploads li { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; justify-content: space-between;
  padding: 8px 12px; margin: 0 0 6px; border: 1px solid var(--t-line); border-radius: 10px; background: var(--t-card); }
#documents .words, #uploads .words { flex: 1 1 220px; min-width: 0; line-height: 1.6; }
#documents small { display: block; color: var(--t-quiet); }
#documents p, #uploads p { margin: 2px 0; color: var(--t-warn); font-size: .92em; }
#documents .state, #uploads .state { font-size: .86em; padding: 1px 8px; border-radius: 9px; background: var(--t-soft); color: var(--t-quiet); }
#documents .indexed, #uploads .done { color: var(--t-good); }
#documents .failed, #uploads .failed { color: var(--t-bad); }
#documents .act, #uploads .act { min-height: 40px; padding: 0 12px; color: var(--t-accent); border: 1px solid var(--t-line); border-radius: 8px; }
#documents .act.bad { color: var(--t-bad); }
#documents .page { min-width: 40px; min-height: 32px; margin: 2px; border: 1px solid var(--t-line); border-radius: 6px; color: var(--t-accent); }
#uploads progress { display: block; width: 100%; height: 8px; margin-top: 4px; accent-color: var(--t-accent); }
#coverage li { margin: 6px 0; line-height: 2; }
#coverage li b { display: block; font-size: .92em; color: var(--t-quiet); font-weight: 500; }
#coverage span { display: inline-block; margin: 0 6px 4px 0; padding: 0 10px; border-radius: 9px; background: var(--t-soft); }
#coverage span small { margin-left: 6px; color: var(--t-quiet); }
#library-message { min-height: 28px; }
#uploads:not(:has(li)) { display: none; }
#documents .html-container, #uploads .html-container { padding: 0 !important; }
#upload > .wrap, #upload button.center { padding-top: 30px; }
#upload-row { align-items: flex-end; }
#upload-row > button { flex: 0 0 auto; min-width: 120px; min-height: 44px; }
@media (max-width: 900px) { #library-page { position: fixed; top: 0; max-height: none; } }
"""


def build_library_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it; it looks at the documents when it is opened, and again when they change."""
    with gr.Row(elem_id="library") as tab:
        with gr.Column(scale=3, min_width=320):
            adding, files, subject, add = _build_adding()
            message = gr.Markdown(elem_id="library-message")
            queue = pick_list(elem_id="uploads")
            search = gr.Textbox(
                label="按名称找资料",
                placeholder="按名称找资料",
                show_label=False,
                container=False,
                elem_id="library-search",
                max_length=80,
            )
            with gr.Group(visible=False, elem_id="delete-confirm") as asking:
                asked = gr.HTML(padding=True)
                with gr.Row():
                    delete = gr.Button("删除", variant="stop", size="sm", elem_id="delete", min_width=80)
                    keep = gr.Button("不删", size="sm", min_width=80)
            documents = pick_list(elem_id="documents")
        with gr.Column(scale=2, min_width=320, elem_id="library-page", elem_classes=["page-panel", "card", "drawer"]):
            gr.HTML(CLOSE.format(name="preview-open"))
            panel = build_page_panel(context.library, "preview", _HINT)
            covered = gr.HTML(elem_id="coverage")
    seen, chosen, viewed = gr.State(""), gr.State(""), gr.State("")
    events = LibraryEvents(context, panel)
    watched: dict[str, Any] = {
        "fn": events.look, "inputs": [seen, search, viewed], "outputs": [documents, queue, seen, covered]
    } | QUIET  # fmt: skip
    page.load(events.opened, None, adding, **QUIET)
    _watch(tab, watched)
    search.change(lambda: "", None, seen, **QUIET).then(**watched)
    add.click(
        events.upload,
        [files, subject],
        [message, queue, files],
        **(QUIET | {"show_progress": "minimal", "show_progress_on": message}),
    )
    for listed in (documents, queue):
        listed.click(events.act, None, [message, chosen, asking, asked, viewed, covered, *panel.outputs], **QUIET)
    delete.click(events.remove, chosen, [message, asking, seen], **QUIET).then(**watched)
    keep.click(lambda: gr.update(visible=False), None, asking, **QUIET)


def _build_adding() -> tuple[gr.Column, gr.File, gr.Dropdown, gr.Button]:
    """The card with which documents are added; shown to those who may."""
    with gr.Column(elem_classes="card", elem_id="upload-card", visible=False) as adding:
        files = gr.File(
            label="添加资料：PDF、Word、PPT、TXT、图片等，可选多份", file_count="multiple", elem_id="upload", height=150
        )
        with gr.Row(elem_id="upload-row"):
            subject = gr.Dropdown(
                [(subject_label(s), s) for s in (AUTO, *SUBJECTS)], value=AUTO, label="科目", elem_id="upload-subject"
            )
            add = gr.Button("入库", variant="primary", elem_id="add")
    return adding, files, subject, add


def _watch(tab: gr.Row, watched: dict[str, Any]) -> None:
    """Look at the documents when the tab is opened, and every moment as long as it is: another tab asks the server nothing."""
    timer = gr.Timer(_LOOK_SECONDS, active=False)
    timer.tick(**watched)
    leaf = tab.parent
    if isinstance(leaf, gr.Tab) and isinstance(leaf.parent, gr.Tabs):
        leaf.select(**watched)
        leaf.parent.select(_is_open, None, timer, **QUIET)


def _is_open(event: gr.SelectData) -> gr.Timer:
    return gr.Timer(active=event.value == _NAME)
