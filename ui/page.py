"""The page: its head, its tabs, and the line that says what the app is preparing."""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any

import gradio as gr
from fastapi import FastAPI

from ui import (
    account_bar,
    ask_options,
    ask_tab,
    citation_panel,
    class_tab,
    evaluation_tab,
    exam_tab,
    history,
    library_tab,
    model_form,
    practice_tab,
    progress_tab,
    review_tab,
    training_tab,
)
from ui.context import QUIET, PageContext
from ui.look import look
from ui.startup import Startup

__all__ = ["build_page", "mount_page"]

_CACHE_SECONDS = 24 * 3600
_FEW = str(10**9)
"""Gradio's queue sums up all its past events after so many more. It does so after each one by default, which takes ever longer."""
_PAGES = 400
"""Opened pages whose state Gradio keeps, some 0.75 MB each; it forgets those that were used least recently, and by default none of 10,000."""
_STYLED: tuple[ModuleType, ...] = (
    account_bar, ask_options, ask_tab, citation_panel, history, model_form, library_tab, practice_tab, review_tab, exam_tab, progress_tab, evaluation_tab,
    training_tab, class_tab, account_bar,
)  # fmt: skip
_BRAND = "<div id='brand'><b>Tutor408</b><span>考研 408 与课程资料的答疑老师</span></div>"


def mount_page(api: FastAPI, context: PageContext, host: str, port: int) -> None:
    """Put the page on the application that serves the API; both let through whom the API's `Access` lets through."""
    context.uploads.start()
    gr.mount_gradio_app(
        api, build_page(context), path="/", server_name=host, server_port=port, max_file_size=context.settings.max_file_mb << 20,
        show_error=False, ssr_mode=False, mcp_server=False, pwa=False, enable_monitoring=False, run_history=False, footer_links=[],
        auth_dependency=lambda request: request.scope.get("owner"), **look(getattr(module, "CSS", "") for module in _STYLED),
    )  # fmt: skip


def build_page(context: PageContext) -> gr.Blocks:
    """The page with its tabs."""
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", _FEW)
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")  # it keeps 10,000 of them: memory that grows for hours
    page = gr.Blocks(title="Tutor408", analytics_enabled=False, delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS), fill_width=True)
    page.state_session_capacity = _PAGES
    with page:
        with gr.Row(elem_id="head"):
            gr.HTML(_BRAND)
            status = gr.Markdown(elem_id="status")  # empty: what is said now would be what every later page says first
            model_form.build_model_state(context, page)
            account_bar.build_account_bar(context, page)
        timer = gr.Timer(1.0)
        model_form.build_model_form(context, page)
        with gr.Tabs(elem_id="tabs", overflow_behavior="wrap"):
            _tabs(context, page)
        for look in (page.load, timer.tick):
            look(lambda: _status(context.startup), None, [status, timer], **QUIET)
    return page


def _tabs(context: PageContext, page: gr.Blocks) -> None:
    """One function a tab."""
    with gr.Tab("答疑", elem_id="tab-ask"):
        ask_tab.build_ask_tab(context, page)
    with gr.Tab("资料", elem_id="tab-library"):
        library_tab.build_library_tab(context, page)
    with gr.Tab("练习", elem_id="tab-practice"):
        practice_tab.build_practice_tab(context, page)
    with gr.Tab("错题本", elem_id="tab-review"):
        review_tab.build_review_tab(context, page)
    with gr.Tab("模考", elem_id="tab-exam"):
        exam_tab.build_exam_tab(context, page)
    with gr.Tab("进度", elem_id="tab-progress"):
        progress_tab.build_progress_tab(context, page)
    with gr.Tab("评测", elem_id="tab-evaluation"):
        evaluation_tab.build_evaluation_tab(context, page)
    with gr.Tab("训练", elem_id="tab-training"):
        training_tab.build_training_tab(context, page)
    with gr.Tab("班级", elem_id="tab-class"):
        class_tab.build_class_tab(context, page)


def _status(startup: Startup) -> tuple[str, Any]:
    """The line of the moment; the timer stops once everything is ready and there is nothing more to say."""
    return startup.status, gr.Timer(active=not startup.done.is_set() or bool(startup.status))
