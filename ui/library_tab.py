"""The tab 资料: the documents with their state; adding and deleting."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from errors import TutorError
from knowledge.subjects import AUTO, SUBJECTS, subject_label
from rag.library import ADDED, FAILED, UNCHANGED, UPDATED, Incoming, Library, Outcome
from vector_db.registry import INDEXED, DocumentRecord

__all__ = ["build_library_tab", "changes", "rows"]

_HEADERS = ["资料", "科目", "状态", "页数", "片段", "说明"]
_WIDTHS: list[str | int] = ["30%", "12%", "8%", "6%", "6%", "38%"]
_STATES = {"indexed": "已入库", "pending": "未完成", "failed": "失败"}
_OUTCOMES = {ADDED: "已入库", UPDATED: "已更新", UNCHANGED: "没有变化", FAILED: "失败"}
_MAX_NAME = 120
_LOOK_SECONDS = 2.0
"""How often an open page looks for what another process (the command, another tab) did to the documents."""


def build_library_tab(library: Library, page: gr.Blocks) -> None:
    """Lay out the tab and connect it; the table is filled when the page is opened, and again when the documents change."""
    with gr.Row():
        files = gr.File(
            label="添加资料（PDF、Word、PPT、Markdown、TXT、HTML、EPUB、图片）", file_count="multiple", elem_id="upload", scale=3
        )
        with gr.Column(scale=1):
            subject = gr.Dropdown(
                [(subject_label(s), s) for s in (AUTO, *SUBJECTS)], value=AUTO, label="科目", elem_id="upload-subject"
            )
            add = gr.Button("入库", variant="primary", elem_id="add")
    message = gr.Markdown(elem_id="library-message")
    table = gr.Dataframe(
        headers=_HEADERS, column_widths=_WIDTHS, interactive=False, wrap=True, elem_id="documents", label="知识库里的资料"
    )
    with gr.Row():
        chosen = gr.Dropdown([], label="选择要删除的资料", elem_id="delete-source", scale=3)
        delete = gr.Button("删除", variant="stop", elem_id="delete", scale=1)
        refresh = gr.Button("刷新", elem_id="refresh", scale=1)

    seen = gr.State("")
    timer = gr.Timer(_LOOK_SECONDS)

    def shown() -> tuple[Any, Any]:
        return _shown(library)

    def look(last: str, source: str | None) -> tuple[Any, Any, str]:
        return changes(library, last, source)

    def upload(paths: list[str] | None, where: str, progress: gr.Progress = gr.Progress()) -> Iterator[Any]:  # noqa: B008 - how Gradio injects it
        yield from _upload(library, paths or [], where, progress)

    def remove(source: str | None) -> tuple[Any, Any, Any]:
        return (_remove(library, source), *_shown(library))

    add.click(upload, [files, subject], [message, table, chosen, files], show_progress_on=files)
    delete.click(remove, chosen, [message, table, chosen])
    refresh.click(shown, None, [table, chosen])
    page.load(shown, None, [table, chosen])
    timer.tick(look, [seen, chosen], [table, chosen, seen], show_progress="hidden")


def changes(library: Library, last: str, source: str | None) -> tuple[Any, Any, str]:
    """What to show if the documents are not those of `last`, and the text that stands for them now.

    Nothing on the page moves while nothing changed, and the document chosen for deletion stays chosen while it is there.
    A registry that can't be read just now is looked at again the next time; the buttons say what is wrong with it.
    """
    try:
        records = library.documents()
    except TutorError:
        return gr.skip(), gr.skip(), last
    now = sha256(repr(records).encode("utf-8", "replace")).hexdigest()
    if now == last:
        return gr.skip(), gr.skip(), last
    sources = [r.source for r in records]
    return rows(records), gr.update(choices=sources, value=source if source in sources else None), now


def rows(records: list[DocumentRecord]) -> list[list[Any]]:
    """The table's rows: name, subject, state, pages, chunks, and what a student should know of it.

    What needs attention stands first, then the latest.
    """
    latest = sorted(records, key=lambda r: r.updated_at, reverse=True)
    records = sorted(latest, key=lambda r: r.state == INDEXED)
    return [
        [r.source, subject_label(r.subject) if r.subject else "—", _STATES[r.state], r.pages, r.chunks, _note(r)] for r in records
    ]


def _note(record: DocumentRecord) -> str:
    if record.error:
        return record.error
    unread = "、".join(map(str, record.unread_pages[:20]))
    why = "、".join(dict.fromkeys(record.reasons.values()))
    doubtful = "、".join(map(str, record.doubtful_pages[:20]))
    notes = [
        f"第 {unread} 页未读：{why or '没有文字'}" if unread else "",
        f"{record.pictures} 张图片未读" if record.pictures else "",
        f"OCR 识别 {len(record.ocr_pages)} 页" if record.ocr_pages else "",
        f"第 {doubtful} 页识别可信度低，请对照原页" if doubtful else "",
    ]
    return "；".join(filter(None, notes))


def _shown(library: Library) -> tuple[Any, Any]:
    records = library.documents()
    return rows(records), gr.update(choices=[r.source for r in records], value=None)


def _upload(library: Library, paths: list[str], subject: str, progress: gr.Progress) -> Iterator[tuple[Any, ...]]:
    """Yield (message, table, choices, files) after each file, with progress by pages that are really read."""
    if not paths:
        yield "请先选择文件。", *_shown(library), gr.skip()
        return
    lines: list[str] = []
    try:
        with library.writing(), library.workers() as workers:
            library.reconcile()
            for step in library.add_all([_incoming(Path(path), subject) for path in paths], workers):
                progress((step.pages, step.total_pages), desc=f"正在读入 {Path(step.path).name[:40]}　{step.told()}", unit="页")
                if step.outcome:
                    lines.append(_line(step.outcome))
                    yield "\n".join(lines), *_shown(library), gr.skip()
    except TutorError as error:
        lines.append(f"- {error}")
    yield "\n".join(lines), *_shown(library), None


def _incoming(path: Path, subject: str) -> Incoming:
    """An upload is known by the name that the student gave it; its bytes are kept under their sha256."""
    name = path.name if len(path.name) <= _MAX_NAME else f"{path.stem[: _MAX_NAME - 10]}…{path.suffix}"
    return Incoming(path, name, subject, f"upload:{name}")


def _line(outcome: Outcome) -> str:
    name = outcome.record.source if outcome.record else Path(outcome.path).name
    return f"- **{_OUTCOMES[outcome.state]}**　{escape(name)}　{outcome.error}"


def _remove(library: Library, source: str | None) -> str:
    if not source:
        return "请先选择要删除的资料。"
    try:
        with library.writing():
            record = library.delete(source)
    except TutorError as error:
        return f"{error}"
    return f"已删除：{record.source}"
