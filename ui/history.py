"""The conversations of before, as a list beside the chat: search, open, rename, delete, take away as Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from html import escape
from typing import Any
from uuid import uuid4

import gradio as gr

from errors import TutorError
from tutoring.export import session_markdown
from tutoring.mode_names import MODE_NAMES
from tutoring.records import SessionSummary
from tutoring.storage import Storage
from ui.context import QUIET, owner_of
from ui.conversation import Conversation
from ui.downloads import download
from ui.picking import button_html, pick_list, picked

__all__ = ["CSS", "History", "build_history", "list_html"]

_SEARCH_CHARS = 80

_SAVE_JS = """file => {
  if (!file) return;
  const link = document.createElement('a');
  link.href = file.url; link.download = file.orig_name;
  link.click();
}"""

CSS = """
#history-list { flex: 1 1 0; min-height: 120px; overflow-y: auto; }
#history-list ul { list-style: none; margin: 0; padding: 0; }
#history-list li { display: flex; align-items: stretch; border-radius: 8px; margin: 0 0 2px; }
#history-list li:hover, #history-list li:focus-within, #history-list li.now { background: var(--t-accent-soft); }
#history-list button { background: none; border: 0; color: var(--t-text); font: inherit; cursor: pointer; }
#history-list .open { font-size: 14px; flex: 1 1 0; min-width: 0; min-height: 44px; padding: 6px 8px; text-align: left; overflow: hidden;
  text-overflow: ellipsis; white-space: nowrap; }
#history-list .when { display: block; padding: 0 8px 6px; font-size: 12px; color: var(--t-quiet); }
#history-list .act { flex: none; width: 40px; min-height: 40px; opacity: .75; }
#history-list li .words { flex: 1 1 0; min-width: 0; display: flex; flex-direction: column; }
#history-list p { color: var(--t-quiet); padding: 8px; }
"""


def list_html(summaries: Iterable[SessionSummary], now: str = "") -> str:
    """The list: title, time, and the buttons for renaming and deleting; `now` is the id of the open one."""
    rows = "".join(_row(summary, summary.id == now) for summary in summaries)
    return f"<ul>{rows}</ul>" if rows else "<p>还没有对话。提一个问题，它会自动留在这里。</p>"


def _row(summary: SessionSummary, now: bool) -> str:
    title = summary.title or "未命名"
    words = f"<span class='words'>{button_html(title, summary.id, 'open', css='open')}<span class='when'>{_when(summary)}</span></span>"
    acts = button_html("✎", summary.id, "rename", f"改名：{title}", "act") + button_html(
        "✕", summary.id, "delete", f"删除：{title}", "act"
    )
    return f"<li{' class=now' if now else ''}>{words}{acts}</li>"


def _when(summary: SessionSummary) -> str:
    return f"{summary.updated_at.astimezone():%m-%d %H:%M} · {summary.turns} 轮"


class History:
    """The events of the list, each for the owner of its request; and the parts that the chat needs.

    Args:
        filled: what the chat shows of a conversation, as many values as `shown` parts.
    """

    def __init__(self, storage: Storage, filled: Callable[[Conversation], Sequence[Any]], shown: int) -> None:
        self.search = gr.Textbox(
            label="搜索对话标题",
            placeholder="搜索对话标题",
            show_label=False,
            container=False,
            elem_id="history-search",
            max_length=_SEARCH_CHARS,
        )
        self.list = pick_list(elem_id="history-list")
        self._storage, self._filled, self._unmoved = storage, filled, [gr.skip()] * shown

    def listed(self, words: str | None, state: Conversation, request: gr.Request) -> str:
        """The list as it is now. `words` are None before the page has shown the box."""
        wanted = (words or "").strip()[:_SEARCH_CHARS]
        found = _guarded(lambda: self._storage.sessions(owner_of(request), containing=wanted), [])
        return list_html(found, state.key) if found or not wanted else "<p>没有标题里有这些字的对话。</p>"

    def pick(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """What a click on the list asks for: the chosen one, the boxes for renaming and deleting, what is to be opened."""
        key, act = picked(event)
        about = _guarded(lambda: self._storage.summary(owner_of(request), key), None)
        if about is None:
            gr.Info("这个对话已经删除了。")
            return (gr.skip(),) * 6
        told = f"<p>删除“{escape(about.title)}”？删除后找不回来。</p>"
        opens = f"{key}@{uuid4().hex}" if act == "open" else gr.skip()  # a change each time
        return key, gr.update(visible=act == "rename"), about.title, gr.update(visible=act == "delete"), told, opens

    def open(self, opens: str, state: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """A conversation of before, in the chat; the one that is there stays if it can't be read."""
        key = opens.partition("@")[0]
        kept: Conversation = _guarded(lambda: Conversation.kept(self._storage, owner_of(request), key), state)
        return kept, *(self._filled(kept) if kept is not state else self._unmoved)

    def rename(self, key: str, title: str, request: gr.Request) -> Any:
        """Another title; the box goes."""
        if not title.strip():
            gr.Warning("标题不能是空的。")
            return gr.skip()
        _guarded(lambda: self._storage.rename(owner_of(request), key, title), False)
        return gr.update(visible=False)

    def remove(self, key: str, state: Conversation, request: gr.Request) -> tuple[Any, ...]:
        """Delete one; the chat is emptied if it is the one in it: the next question would write all of it down again."""
        gone = _guarded(lambda: self._storage.delete(owner_of(request), key), False)
        if not (gone and key == state.key):
            return gr.update(visible=False), gr.skip(), *self._unmoved
        fresh = Conversation()
        return gr.update(visible=False), fresh, *self._filled(fresh)

    def written(self, state: Conversation, request: gr.Request) -> str | None:
        """The file of the open conversation, to be taken away."""
        path: str | None = _guarded(lambda: _written(self._storage, owner_of(request), state), None)
        return path


def build_history(
    storage: Storage,
    conversation: gr.State,
    chat: Sequence[Any],
    filled: Callable[[Conversation], Sequence[Any]],
    cancels: list[Any],
) -> History:
    """Lay out the list and connect it to the chat.

    Args:
        chat: all that shows a conversation.
        filled: its values, for a conversation that is opened.
        cancels: events that end when another conversation is opened.
    """
    history = History(storage, filled, len(chat))
    chosen = gr.State("")
    with gr.Group(visible=False, elem_id="history-rename") as naming:
        name = gr.Textbox(label="新的标题", elem_id="history-name", max_length=_SEARCH_CHARS)
        with gr.Row():
            save = gr.Button("保存", variant="primary", size="sm", elem_id="history-save", min_width=70)
            leave = gr.Button("取消", size="sm", min_width=70)
    with gr.Group(visible=False, elem_id="history-confirm") as asking:
        asked = gr.HTML(padding=True)
        with gr.Row():
            delete = gr.Button("删除", variant="stop", size="sm", elem_id="history-delete", min_width=70)
            keep = gr.Button("不删", size="sm", min_width=70)
    export = gr.Button("导出当前对话", size="sm", elem_id="history-export")
    file = gr.DownloadButton(visible="hidden")  # one that is seen would hand out the file of the click before
    opening = gr.Textbox(visible="hidden", elem_id="history-opening")

    again: dict[str, Any] = {"fn": history.listed, "inputs": [history.search, conversation], "outputs": history.list} | QUIET
    history.search.change(**again, trigger_mode="always_last")  # `input` is not fired by an input method
    history.list.click(history.pick, None, [chosen, naming, name, asking, asked, opening], **QUIET)
    opening.change(history.open, [opening, conversation], [conversation, *chat], cancels=cancels, **QUIET).then(**again)
    for trigger in (save.click, name.submit):
        trigger(history.rename, [chosen, name], naming, **QUIET).then(**again)
    delete.click(history.remove, [chosen, conversation], [asking, conversation, *chat], cancels=cancels, **QUIET).then(**again)
    for button, box in ((leave, naming), (keep, asking)):
        button.click(lambda: gr.update(visible=False), None, box, **QUIET)
    export.click(history.written, conversation, file, **QUIET).then(None, file, None, js=_SAVE_JS)
    return history


def _guarded(do: Any, otherwise: Any) -> Any:
    """The result; or, where the storage fails, a message on the page and what is given for that case."""
    try:
        return do()
    except TutorError as error:
        gr.Warning(escape(str(error)))
        return otherwise


def _written(storage: Storage, owner: str, state: Conversation) -> str | None:
    """The file of the conversation."""
    about = storage.summary(owner, state.key) if state.key else None
    if about is None:
        gr.Info("还没有对话可以导出。")
        return None
    return download(about.title, ".md", session_markdown(about, state.session.turns, MODE_NAMES.__getitem__))
