"""The page: its tabs, its look, and the line that says what the app is preparing."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.library import Library
from rag.tutor import Tutor
from tutoring.storage import Storage
from ui.ask_tab import build_ask_tab
from ui.citation_view import OPEN_CITATION_JS
from ui.library_tab import build_library_tab
from ui.startup import Startup

__all__ = ["LOOK", "build_page"]

_CACHE_SECONDS = 24 * 3600
_FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
_CSS = """
.excerpt { white-space: pre-wrap; line-height: 1.7; padding: 12px; border: 1px solid #8884; border-radius: 8px; }
.excerpt mark { background: #ffe066; color: inherit; }
footer { display: none !important; }
"""

LOOK: dict[str, Any] = {
    "theme": gr.themes.Soft(font=_FONTS, font_mono=["ui-monospace", "monospace"]),
    "css": _CSS,
    "head": OPEN_CITATION_JS,
}
"""Arguments of `launch`. System fonts only: the page asks no other host for anything."""


def build_page(tutor: Tutor, library: Library, startup: Startup, storage: Storage) -> gr.Blocks:
    """The page with its tabs; `launch(**LOOK)` serves it."""
    page = gr.Blocks(title="Tutor408", analytics_enabled=False, delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS), fill_width=True)
    with page:
        gr.Markdown("# Tutor408　<small>考研 408 与课程资料的答疑老师</small>")
        status = gr.Markdown(startup.status, elem_id="status")
        timer = gr.Timer(1.0)
        with gr.Tab("答疑"):
            build_ask_tab(tutor, library, startup, storage, page)
        with gr.Tab("资料"):
            build_library_tab(library, page)
        timer.tick(lambda: _status(startup), None, [status, timer], show_progress="hidden")
    return page


def _status(startup: Startup) -> tuple[str, Any]:
    """The line of the moment; the timer stops once everything is ready and there is nothing more to say."""
    return startup.status, gr.Timer(active=not startup.done.is_set() or bool(startup.status))
