"""What the events of the tab 资料 do: look, add, preview, read again, delete. The server says who may change what all share."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from errors import TutorError
from rag.library import Library
from ui.citation_panel import PagePanel
from ui.context import PageContext, may_manage, owner_of
from ui.library_list import coverage_html, documents_html, ordered, uploads_html
from ui.page_view import leaf_of_record
from ui.picking import picked
from vector_db.registry import DocumentRecord

__all__ = ["LibraryEvents", "changes"]

_NOT_YOURS = "添加、重试和删除资料由教师或管理员来做。"
_TEXT_CHARS = 20_000


class LibraryEvents:
    """One method an event; `panel` is where pages are shown."""

    def __init__(self, context: PageContext, panel: PagePanel) -> None:
        self._context = context
        self._library, self._uploads = context.library, context.uploads
        self._panel = panel

    def opened(self, request: gr.Request) -> Any:
        """Whether the one before the page may add documents."""
        return gr.update(visible=self._may(request))

    def look(self, last: str, words: str | None, viewed: str, request: gr.Request) -> tuple[Any, ...]:
        """Documents, uploads, what stands for the documents now, points of the one that is viewed."""
        manage = self._may(request)
        table, now = changes(self._library, last, words or "", manage)  # no words before the tab was opened for the first time
        points = self._coverage(viewed) if viewed else gr.skip()
        return table, uploads_html(self._uploads.shown(), manage), now, points

    def upload(self, paths: list[str] | None, subject: str, request: gr.Request) -> tuple[Any, ...]:
        """Message, uploads, the emptied box."""
        if not self._may(request):
            return _NOT_YOURS, gr.skip(), None
        told = self._added(paths or [], subject)
        return told, uploads_html(self._uploads.shown(), True), None

    def act(self, event: gr.EventData, request: gr.Request) -> list[Any]:
        """A click on a row: message, chosen, question before deleting, its words, what is viewed, its points, its page."""
        source, wanted = picked(event)
        unmoved: list[Any] = [gr.skip()] * len(self._panel.outputs)
        if wanted in ("delete", "retry", "again") and not self._may(request):
            return [_NOT_YOURS, *[gr.skip()] * 5, *unmoved]
        if wanted == "delete":
            told = f"<p>删除“{escape(source)}”？它的内容不再用于回答；原文件不受影响。</p>"
            return ["", source, gr.update(visible=True), told, gr.skip(), gr.skip(), *unmoved]
        try:
            if wanted in ("retry", "again"):
                return [self._queued(source, wanted), *[gr.skip()] * 5, *unmoved]
            record = next((r for r in self._library.documents() if r.source == source), None)
        except TutorError as error:
            return [escape(str(error)), *[gr.skip()] * 5, *unmoved]
        if record is None:
            return ["这份资料已经不在了。", *[gr.skip()] * 5, *unmoved]
        page = wanted.partition(":")[2]
        shown = self._previewed(record, int(page) if page.isdecimal() and len(page) < 6 else 1)
        return ["", gr.skip(), gr.update(visible=False), "", record.source, self._coverage(record.source), *shown]

    def remove(self, source: str, request: gr.Request) -> tuple[Any, ...]:
        """Message, the question before deleting, and that the list is to be made anew."""
        told = self._removed(source) if self._may(request) else _NOT_YOURS
        return told, gr.update(visible=False), ""

    def _may(self, request: gr.Request) -> bool:
        try:
            return may_manage(self._context, owner_of(request))
        except TutorError:
            return False

    def _added(self, paths: Sequence[str], subject: str) -> str:
        if not paths:
            return "请先选择文件。"
        try:
            self._uploads.add([Path(path) for path in paths], subject)
        except TutorError as error:
            return escape(str(error))
        return f"已收下 {len(paths)} 份，正在入库。可以离开这一页，入库会继续。"

    def _queued(self, source: str, wanted: str) -> str:
        ok = self._uploads.retry(source) if wanted == "again" else self._uploads.again(source)
        return "已排队，马上重新读取。" if ok else "没有可以重读的原件，请重新上传这份资料。"

    def _previewed(self, record: DocumentRecord, page: int) -> list[Any]:
        """A page of the document as an image; where its format has none, its text."""
        leaf = leaf_of_record(record, self._library, page)
        if leaf:
            return self._panel.of_leaf(leaf)
        try:
            chunks = sorted(
                self._context.tutor.retriever.chunks_of(record.source),
                key=lambda c: (c.metadata["page"], c.metadata.get("position", 0)),
            )
        except TutorError as error:
            return self._panel.of_text(record.source, str(error))
        text = "\n\n".join(chunk.page_content for chunk in chunks)
        return self._panel.of_text(record.source, text if len(text) <= _TEXT_CHARS else f"{text[:_TEXT_CHARS]}……")

    def _coverage(self, source: str) -> str:
        return coverage_html(self._context.coverage.points_of(source), self._context.coverage.status)

    def _removed(self, source: str) -> str:
        if not source:
            return "请先选择要删除的资料。"
        try:
            with self._library.writing():
                record = self._library.delete(source)
        except TutorError as error:
            return escape(str(error))
        return f"已删除：{escape(record.source)}"


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
