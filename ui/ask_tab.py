"""The tab 答疑: a streaming conversation beside the page that a citation opens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from errors import TutorError
from knowledge.subjects import AUTO, SUBJECTS, subject_label
from rag.citations import Citation
from rag.library import Library
from rag.conversation import Session
from rag.events import Answer, Found, Token
from rag.tutor import Tutor
from ui.citation_view import answer_markdown, open_citation, safe_markdown
from ui.startup import Startup

__all__ = ["build_ask_tab"]

EXAMPLES = (
    "死锁产生的四个必要条件是什么？",
    "TCP 为什么要三次握手？",
    "Cache 有哪几种映射方式？",
    "B 树和 B+ 树有什么区别？",
    "国家级一流本科课程有哪几类？",
)
_POLL_SECONDS = 0.5
_ECHO_CHARS = 1000
"""Of a question that is far too long, enough to recognise it."""

Message = dict[str, str]


@dataclass
class Conversation:
    """What one browser tab has said so far, and every citation shown in it, by turn."""

    session: Session = field(default_factory=Session)
    shown: list[tuple[Citation, ...]] = field(default_factory=list)


def build_ask_tab(tutor: Tutor, library: Library, startup: Startup) -> None:
    """Lay out the tab and connect it."""
    conversation = gr.State(lambda: Conversation())
    with gr.Row():
        with gr.Column(scale=3):
            chatbot = gr.Chatbot(
                elem_id="chat", label="答疑", height="62vh", latex_delimiters=_LATEX, buttons=["copy"],
                examples=[{"text": example} for example in EXAMPLES], feedback_options=None,
                placeholder="### 问一个 408 问题\n回答里的每个编号都能打开它所在的那一页。",
            )  # fmt: skip
            with gr.Row():
                question = gr.Textbox(
                    elem_id="question", placeholder="输入问题，回车发送（Shift+回车换行）", show_label=False, lines=1, max_lines=6, scale=5
                )  # fmt: skip
                subject = gr.Dropdown(_subject_choices(), value=AUTO, label="科目", elem_id="subject", scale=1, min_width=130)
            with gr.Row():
                send = gr.Button("发送", variant="primary", elem_id="send")
                stop = gr.Button("停止", elem_id="stop")
                clear = gr.Button("清空", elem_id="clear")
            gr.Markdown(f"当前模型：{tutor.label}", elem_id="model")
        with gr.Column(scale=2):
            caption = gr.Markdown("点击回答里的编号，这里显示原文所在的页面。", elem_id="citation-caption")
            image = gr.Image(
                elem_id="citation-page", show_label=False, visible=False, type="pil", format="png", buttons=["fullscreen"]
            )
            excerpt = gr.HTML(elem_id="citation-text", visible=False)
    opened = gr.Textbox(elem_id="open-citation", visible="hidden")

    def answer(text: str, chosen: str, state: Conversation, history: list[Message]) -> Iterator[Any]:
        yield from _answer(tutor, startup, text, chosen, state, history)

    def show(key: str, state: Conversation) -> tuple[Any, Any, Any]:
        return _show(key, state, library)

    outputs = [question, chatbot, conversation]
    inputs = [question, subject, conversation, chatbot]
    runs: list[Any] = [
        trigger(answer, inputs, outputs, concurrency_limit=8, show_progress="hidden") for trigger in (question.submit, send.click)
    ]
    runs.append(chatbot.example_select(_chosen_example, None, question).then(answer, inputs, outputs, concurrency_limit=8))
    stop.click(None, cancels=runs)
    for wiped in (clear.click, chatbot.clear):
        wiped(lambda: ("", [], Conversation()), None, outputs, cancels=runs)
    opened.change(show, [opened, conversation], [caption, image, excerpt], show_progress="hidden")


_LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def _subject_choices() -> list[tuple[str, str]]:
    return [(subject_label(s), s) for s in (AUTO, *SUBJECTS)]


def _chosen_example(event: gr.SelectData) -> str:
    return str(event.value["text"])


def _answer(
    tutor: Tutor, startup: Startup, text: str, subject: str, state: Conversation, history: list[Message]
) -> Iterator[tuple[str, list[Message], Conversation]]:
    """Yield (text box, messages, state) as the answer grows; an error becomes a message, and the page goes on."""
    shown = [*history, {"role": "user", "content": safe_markdown(text.strip()[:_ECHO_CHARS]) or "（空）"}]

    def grown(content: str) -> tuple[str, list[Message], Conversation]:
        return "", [*shown, {"role": "assistant", "content": content}], state

    while not startup.done.wait(_POLL_SECONDS):
        yield grown(f"{startup.status}（准备好后自动回答）")
    state.session.subject = subject
    partial = ""
    try:
        for event in tutor.stream(text, state.session):
            if isinstance(event, Found):
                yield grown("找到资料，正在回答……")
            elif isinstance(event, Token):
                partial += event.text
                yield grown(safe_markdown(partial))
            elif isinstance(event, Answer):
                state.shown.append(event.citations or event.nearest)
                yield grown(answer_markdown(event, len(state.shown) - 1))
    except TutorError as error:
        yield grown(f"**没能回答**：{safe_markdown(str(error))}")


def _show(key: str, state: Conversation, library: Library) -> tuple[Any, Any, Any]:
    """Open the citation that a key `TURN-INDEX@TIME` names; a key of another conversation opens nothing."""
    turn, _, index = key.partition("@")[0].partition("-")
    try:
        citation = state.shown[int(turn)][int(index)]
    except (ValueError, IndexError):
        return "这个编号属于已经清空的对话，请重新提问。", gr.update(visible=False), gr.update(visible=False)
    caption, image, text = open_citation(citation, library)
    return caption, gr.update(value=image, visible=image is not None), gr.update(value=text, visible=bool(text))
