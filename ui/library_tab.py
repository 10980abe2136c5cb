"""The tab 资料: upload, watch what is being read, look into the documents, read again, delete."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from errors import TutorError
from knowledge.subjects import AUTO, SUBJECTS, subject_label
from rag.library import Library
from ui.citation_panel import CLOSE, PagePanel, build_page_panel
from ui.context import PageContext, may_manage, owner_of
from ui.library_list import coverage_html, documents_html, ordered, uploads_html
from ui.page_view import leaf_of_record
from ui.picking import pick_list, picked
from vector_db.registry import DocumentRecord

__all__ = ["CSS", "build_library_tab", "changes"]

_LOOK_SECONDS = 2.0
"""How often an open page looks for what another process (the command, another page) did to the documents."""
_NOT_YOURS = "添加、重试和删除资料由教师或管理员来做。"
_TEXT_CHARS = 20_000
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
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
#upload-row { align-items: flex-end; }
#upload-row > button { flex: 0 0 auto; min-width: 120px; min-height: 44px; }
@media (max-width: 900px) { #library-page { position: fixed; top: 0; max-height: none; } }
"""


def build_library_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it; it looks at the documents when it is opened, and again when they change."""
    library, uploads = context.library, context.uploads
    with gr.Row(elem_id="library"):
        with gr.Column(scale=3, min_width=320):
            with gr.Column(elem_classes="card", elem_id="upload-card", visible=False) as adding:
                files = gr.File(
                    label="添加资料：PDF、Word、PPT、TXT、图片等，可选多份", file_count="multiple", elem_id="upload", height=150
                )  # fmt: skip
                with gr.Row(elem_id="upload-row"):
                    subject = gr.Dropdown(
                        [(subject_label(s), s) for s in (AUTO, *SUBJECTS)], value=AUTO, label="科目", elem_id="upload-subject"
                    )
                    add = gr.Button("入库", variant="primary", elem_id="add")
            message = gr.Markdown(elem_id="library-message")
            queue = pick_list(elem_id="uploads")
            search = gr.Textbox(
                placeholder="按名称找资料", show_label=False, container=False, elem_id="library-search", max_length=80
            )
            with gr.Group(visible=False, elem_id="delete-confirm") as asking:
                asked = gr.HTML(padding=True)
                with gr.Row():
                    delete = gr.Button("删除", variant="stop", size="sm", elem_id="delete", min_width=80)
                    keep = gr.Button("不删", size="sm", min_width=80)
            documents = pick_list(elem_id="documents")
        with gr.Column(scale=2, min_width=320, elem_id="library-page", elem_classes=["page-panel", "card", "drawer"]):
            gr.HTML(CLOSE.format(name="preview-open"))
            panel = build_page_panel(library, "preview", _HINT)
            covered = gr.HTML(elem_id="coverage")
    seen, chosen, viewed = gr.State(""), gr.State(""), gr.State("")
    timer = gr.Timer(_LOOK_SECONDS)

    def opened(request: gr.Request) -> Any:
        return gr.update(visible=_may(context, request))

    def look(last: str, words: str | None, shown: str, request: gr.Request) -> tuple[Any, ...]:
        manage = _may(context, request)
        table, now = changes(library, last, words or "", manage)  # None before the tab was opened for the first time
        points = _coverage(context, shown) if shown else gr.skip()
        return table, uploads_html(uploads.shown(), manage), now, points

    def upload(paths: list[str] | None, where: str, request: gr.Request) -> tuple[Any, ...]:
        if not _may(context, request):
            return _NOT_YOURS, gr.skip(), None
        told = _added(context, paths or [], where)
        return told, uploads_html(uploads.shown(), True), None

    def act(event: gr.EventData, request: gr.Request) -> list[Any]:
        source, wanted = picked(event)
        return _acted(context, panel, source, wanted, _may(context, request))

    def remove(source: str, request: gr.Request) -> tuple[Any, ...]:
        told = _removed(library, source) if _may(context, request) else _NOT_YOURS
        return told, gr.update(visible=False), ""

    watched: dict[str, Any] = {
        "fn": look, "inputs": [seen, search, viewed], "outputs": [documents, queue, seen, covered]
    } | _QUIET  # fmt: skip
    page.load(opened, None, adding, **_QUIET).then(**watched)
    timer.tick(**watched)
    search.change(lambda: "", None, seen, **_QUIET).then(**watched)
    add.click(upload, [files, subject], [message, queue, files], **(_QUIET | {"show_progress": "minimal"}))
    for listed in (documents, queue):
        listed.click(act, None, [message, chosen, asking, asked, viewed, covered, *panel.outputs], **_QUIET)
    delete.click(remove, chosen, [message, asking, seen], **_QUIET).then(**watched)
    keep.click(lambda: gr.update(visible=False), None, asking, **_QUIET)


def changes(library: Library, last: str, words: str = "", manage: bool = True) -> tuple[Any, str]:
    """What to show if the documents are not those of `last`, and the text that stands for them now.

    Nothing on the page moves while nothing changed. A registry that can't be read just now is looked at again the next
    time; the buttons say what is wrong with it.
    """
    try:
        records = library.documents()
    except TutorError:
        return gr.skip(), last
    now = sha256(repr((records, words, manage)).encode("utf-8", "replace")).hexdigest()
    if now == last:
        return gr.skip(), last
    return documents_html(ordered(records, words), manage), now


def _may(context: PageContext, request: gr.Request) -> bool:
    try:
        return may_manage(context, owner_of(request))
    except TutorError:
        return False


def _added(context: PageContext, paths: Sequence[str], subject: str) -> str:
    if not paths:
        return "请先选择文件。"
    try:
        context.uploads.add([Path(path) for path in paths], subject)
    except TutorError as error:
        return escape(str(error))
    return f"已收下 {len(paths)} 份，正在入库。可以离开这一页，入库会继续。"


def _acted(context: PageContext, panel: PagePanel, pick: str, act: str, manage: bool) -> list[Any]:
    """What a click on a row does: message, chosen, question before deleting, its words, what is viewed, its points, its page."""
    unmoved: list[Any] = [gr.skip()] * len(panel.outputs)
    if act in ("delete", "retry", "again") and not manage:
        return [_NOT_YOURS, *[gr.skip()] * 5, *unmoved]
    if act == "delete":
        told = f"<p>删除“{escape(pick)}”？它的内容不再用于回答；原文件不受影响。</p>"
        return ["", pick, gr.update(visible=True), told, gr.skip(), gr.skip(), *unmoved]
    try:
        if act in ("retry", "again"):
            ok = context.uploads.retry(pick) if act == "again" else context.uploads.again(pick)
            told = "已排队，马上重新读取。" if ok else "没有可以重读的原件，请重新上传这份资料。"
            return [told, *[gr.skip()] * 5, *unmoved]
        record = next((r for r in context.library.documents() if r.source == pick), None)
    except TutorError as error:
        return [escape(str(error)), *[gr.skip()] * 5, *unmoved]
    if record is None:
        return ["这份资料已经不在了。", *[gr.skip()] * 5, *unmoved]
    page = act.partition(":")[2]
    shown = _previewed(context, panel, record, int(page) if page.isdecimal() and len(page) < 6 else 1)
    return ["", gr.skip(), gr.update(visible=False), "", record.source, _coverage(context, record.source), *shown]


def _previewed(context: PageContext, panel: PagePanel, record: DocumentRecord, page: int) -> list[Any]:
    """A page of the document as an image; where its format has none, its text."""
    leaf = leaf_of_record(record, context.library, page)
    if leaf:
        return panel.of_leaf(leaf)
    try:
        chunks = sorted(
            context.tutor.retriever.chunks_of(record.source), key=lambda c: (c.metadata["page"], c.metadata.get("position", 0))
        )
    except TutorError as error:
        return panel.of_text(record.source, str(error))
    text = "\n\n".join(chunk.page_content for chunk in chunks)
    return panel.of_text(record.source, text if len(text) <= _TEXT_CHARS else f"{text[:_TEXT_CHARS]}……")


def _coverage(context: PageContext, source: str) -> str:
    return coverage_html(context.coverage.points_of(source), context.coverage.status)


def _removed(library: Library, source: str) -> str:
    if not source:
        return "请先选择要删除的资料。"
    try:
        with library.writing():
            record = library.delete(source)
    except TutorError as error:
        return escape(str(error))
    return f"已删除：{escape(record.source)}"
