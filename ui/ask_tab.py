"""The tab 答疑: a streaming conversation in any mode, between the list of those before and the page that a citation opens."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.conversation import QA
from tutoring.modes import MODES
from ui.ask_events import AskEvents
from ui.ask_options import build_options
from ui.citation_panel import CLOSE, build_page_panel
from ui.context import QUIET, PageContext
from ui.conversation import Conversation
from ui.history import build_history
from ui.picking import pick_list

__all__ = ["CSS", "build_ask_tab"]

EXAMPLES = (
    "死锁产生的四个必要条件是什么？",
    "TCP 为什么要三次握手？",
    "Cache 有哪几种映射方式？",
    "B 树和 B+ 树有什么区别？",
    "国家级一流本科课程有哪几类？",
)
_AT_ONCE = 8
_LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
_BEGUN_JS = "(...a) => { tutor.begun(typeof a[1] === 'string' ? a[1] : ''); return a; }"
_TOGGLES = (
    "<div class='ask-bar'><button type='button' class='quiet-button' data-toggle='history-open'>☰ 历史</button>"
    "<button type='button' class='quiet-button' data-toggle='citation-open'>原文</button>"
    "<button type='button' class='quiet-button' data-toggle='options-open'>模式与科目</button></div>"
)

CSS = """
#ask { display: grid !important; grid-template-columns: 236px minmax(0, 1fr) minmax(0, 37%); gap: 14px; align-items: stretch;
  height: calc(100dvh - 142px); min-height: 540px; }
#ask > * { min-width: 0 !important; min-height: 0; height: 100%; flex-wrap: nowrap !important; overflow-x: hidden; }
#ask-history, #ask-page { background: var(--t-card); border: 1px solid var(--t-line); border-radius: 12px; padding: 12px; overflow-y: auto; }
#talk { gap: 8px !important; }
#chat { flex: 1 1 0 !important; min-height: 160px; height: auto !important; }
#follow-ups { min-height: 52px; }
#follow-ups div.row { display: flex; gap: 8px; overflow-x: auto; scrollbar-width: none; }
#follow-ups .chip { flex: none; white-space: nowrap; min-height: 40px; padding: 6px 14px; border: 1px solid var(--t-line); border-radius: 20px;
  background: var(--t-card); color: var(--t-accent); }
#follow-ups .chip:hover { background: var(--t-accent-soft); }
#ask-input { flex-wrap: nowrap !important; align-items: flex-end; gap: 8px !important; }
#ask-input > button { flex: 0 0 auto; min-width: 72px !important; min-height: 44px; }
#stop { display: none; }
body.answering #stop { display: inline-flex; }
body.answering #send { display: none; }
#chat a[href*='#cite-'] { display: inline-block; padding: 0 8px; margin: 0 2px; border-radius: 10px; font-size: .86em; line-height: 1.65;
  background: var(--t-accent-soft); color: var(--t-accent); text-decoration: none; overflow-wrap: anywhere; }
#chat a[href*='#cite-']:hover { text-decoration: underline; }
#chat li a[href*='#cite-'] { padding: 4px 8px; }
#chat .verified { color: var(--t-good); font-size: .9em; cursor: help; }
#chat sub { vertical-align: baseline; color: var(--t-quiet); }
#chat pre, #chat table { max-width: 100%; overflow-x: auto; }
#chat .message-wrap { background: var(--t-card); }
#chat .top-panel { display: none; }  /* Gradio's button to empty the chat: a new conversation is begun beside it */
#chat .scroll-down-button-container { z-index: 1; }  /* under the drawers */
#about { min-height: 28px; }
#about p { color: var(--t-quiet); font-size: .92em; margin: 0; }
.ask-bar { display: none; }
@media (max-width: 900px) {
  #ask { display: flex !important; height: auto; min-height: 0; }
  .ask-bar { display: flex; gap: 8px; }
  #ask-options { display: none !important; }
  body.options-open #ask-options { display: grid !important; }
  #talk { width: 100%; height: calc(100dvh - 142px) !important; min-height: 480px; }
  #chat a[href*='#cite-'], #chat li a[href*='#cite-'] { padding: 10px 12px; line-height: 1.5; }
  #ask .icon-button, #library .icon-button { min-width: 40px; }
  #question textarea { min-height: 61px; }  /* two lines of its placeholder */
}
@media (min-width: 901px) and (max-width: 1180px) {
  #ask { grid-template-columns: 190px minmax(0, 1fr) minmax(0, 36%); }
}
"""


def build_ask_tab(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    events = AskEvents(context)
    conversation = gr.State(Conversation())
    with gr.Row(elem_id="ask"):
        aside = gr.Column(elem_id="ask-history", scale=0, elem_classes="drawer left")
        with gr.Column(elem_id="talk"):
            gr.HTML(_TOGGLES)
            chatbot = gr.Chatbot(
                elem_id="chat", show_label=False, latex_delimiters=_LATEX, buttons=["copy"], editable="user", layout="bubble",
                examples=[{"text": example} for example in EXAMPLES], feedback_options=None, height="100%", autoscroll=False,
                placeholder="### 问一个 408 问题\n回答里的每个编号都能打开它所在的那一页。",
            )  # fmt: skip
            chips = pick_list(elem_id="follow-ups")
            with gr.Row(elem_id="ask-input"):
                question = gr.Textbox(
                    elem_id="question", label="问题", placeholder="输入问题，回车发送（Shift+回车换行，Esc 停止）", show_label=False, lines=1,
                    max_lines=8, min_width=0, max_length=context.settings.max_question_chars + 1, container=False,
                )  # fmt: skip
                send = gr.Button("发送", variant="primary", elem_id="send")
                stop = gr.Button("停止", elem_id="stop")
            mode, *others = build_options(context.tutor)
            about = gr.Markdown(MODES[QA].about, elem_id="about")
        with gr.Column(elem_id="ask-page", elem_classes=["page-panel", "drawer"]):
            gr.HTML(CLOSE.format(name="citation-open"))
            panel = build_page_panel(context.library, "citation")
    opened = gr.Textbox(elem_id="open-citation", visible="hidden")
    key = gr.Textbox(elem_id="conversation-key", visible="hidden")
    chosen = [mode, *others]
    inputs, outputs = [key, question, conversation, *chosen], [question, chatbot, conversation, key]
    answering: dict[str, Any] = QUIET | {"concurrency_limit": _AT_ONCE, "js": _BEGUN_JS, "show_progress_on": chatbot}
    runs: list[Any] = [
        question.submit(events.answer, inputs, outputs, **(answering | {"api_visibility": "public", "api_name": "ask"}))
    ]
    runs.append(send.click(events.answer, inputs, outputs, **answering))
    runs.append(
        chatbot.example_select(events.chosen_example, None, question, **QUIET).then(events.answer, inputs, outputs, **answering)
    )
    runs.append(chips.click(events.chosen_chip, None, question, **QUIET).then(events.answer, inputs, outputs, **answering))
    runs.append(chatbot.retry(events.again, [conversation, *chosen], outputs[1:], **answering))
    runs.append(chatbot.edit(events.edited, [conversation, *chosen], outputs[1:], **answering))
    stop.click(None, cancels=runs, js="() => tutor.ended(false)")
    chat = [chatbot, key, *chosen, about]
    with aside:
        gr.HTML(CLOSE.format(name="history-open"))
        new = gr.Button("＋ 新对话", elem_id="history-new")
        past = build_history(events.storage, conversation, chat, events.shown, runs)
    listed: dict[str, Any] = {"fn": past.listed, "inputs": [past.search, conversation], "outputs": past.list} | QUIET
    empty = [conversation, chatbot, key, chips]
    new.click(events.fresh, None, empty, cancels=runs, js="() => tutor.ended(true)", **QUIET).then(**listed)
    for run in runs:
        run.then(None, None, None, js="() => tutor.ended(true)")
        run.then(**listed)
        run.then(events.chips, conversation, chips, **QUIET)
    page.load(events.latest, None, [conversation, *chat], **QUIET).then(**listed)
    key.change(events.chips, conversation, chips, **QUIET)  # also of one that is opened again
    mode.change(lambda name: MODES[name].about, mode, about, **QUIET)
    opened.change(
        lambda place, state: panel.of_citation(state.citation(place.partition("@")[0])), [opened, conversation], panel.outputs, **QUIET
    )  # fmt: skip
