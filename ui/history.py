"""The conversations of before, below the chat: open one, delete it, take it away as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import gradio as gr

from errors import TutorError
from rag.conversation import Session
from tutoring.export import session_markdown
from tutoring.mode_names import MODE_NAMES
from tutoring.storage import LOCAL, Storage
from ui.conversation import Conversation

__all__ = ["build_history"]

_SHOWN_CHARS = 30
_UNNAMED = re.compile(r"[^\w\u4e00-\u9fff-]+")

_SAVE_JS = """file => {
  if (!file) return;
  const link = document.createElement('a');
  link.href = file.url; link.download = file.orig_name;
  link.click();
}"""


def build_history(
    storage: Storage,
    conversation: gr.State,
    chatbot: gr.Chatbot,
    choices: Sequence[Any],
    choice_of: Callable[[Session], Sequence[Any]],
    page: gr.Blocks,
    cancels: list[Any],
) -> None:
    """Lay out the list and connect it to the chat.

    Args:
        choices: components with what is chosen for the next question.
        choice_of: their values, for a conversation that goes on.
        cancels: events that end when another conversation is opened.
    """
    with gr.Accordion("历史对话", open=False, elem_id="history") as box:
        chosen = gr.Dropdown([], label="对话", elem_id="history-choice", filterable=True)
        with gr.Row():
            opened = gr.Button("打开", elem_id="history-open", min_width=80)
            deleted = gr.Button("删除", elem_id="history-delete", min_width=80)
            exported = gr.Button("导出当前对话", elem_id="history-export", min_width=120)
        file = gr.DownloadButton(visible="hidden")  # one that is seen would hand out the file of the click before

    def listed() -> Any:
        return _guarded(lambda: gr.update(choices=_choices(storage)), gr.update())

    def show(key: str | None, state: Conversation) -> tuple[Any, ...]:
        kept: Conversation = _guarded(lambda: Conversation.kept(storage, key or ""), state) if key else state
        return kept, kept.messages, *(choice_of(kept.session) if kept is not state else [gr.skip()] * len(choices))

    def remove(key: str | None, state: Conversation) -> tuple[Any, ...]:
        gone = key and _guarded(lambda: storage.delete(LOCAL, key), False)
        left = _guarded(lambda: gr.update(choices=_choices(storage), value=None), gr.update())
        if not (gone and key == state.key):
            return left, gr.skip(), gr.skip()
        return left, Conversation(), []  # the next question would write all of it down again

    for shown in (page.load, box.expand):
        shown(listed, None, chosen, show_progress="hidden")
    opened.click(show, [chosen, conversation], [conversation, chatbot, *choices], cancels=cancels, show_progress="hidden")
    deleted.click(remove, [chosen, conversation], [chosen, conversation, chatbot], show_progress="hidden")
    written = exported.click(
        lambda state: _guarded(lambda: _written(storage, state), None), conversation, file, show_progress="hidden"
    )
    written.then(None, file, None, js=_SAVE_JS)


def _choices(storage: Storage) -> list[tuple[str, str]]:
    """What the list shows of each conversation, and its id."""
    return [(f"{s.updated_at.astimezone():%m-%d %H:%M}　{s.title[:_SHOWN_CHARS]}", s.id) for s in storage.sessions(LOCAL)]


def _guarded(do: Any, otherwise: Any) -> Any:
    """The result; or, where the storage fails, a message on the page and what is given for that case."""
    try:
        return do()
    except TutorError as error:
        gr.Warning(escape(str(error)))
        return otherwise


def _written(storage: Storage, state: Conversation) -> str | None:
    """The file of the conversation, in a folder of its own."""
    about = storage.summary(LOCAL, state.key) if state.key else None
    if about is None:
        gr.Info("还没有对话可以导出。")
        return None
    path = Path(mkdtemp()) / f"{_UNNAMED.sub('', about.title)[:_SHOWN_CHARS] or '对话'}.md"
    path.write_text(session_markdown(about, state.session.turns, MODE_NAMES.__getitem__), encoding="utf-8")
    return str(path)
