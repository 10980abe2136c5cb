"""The tab 答疑: a streaming conversation in any mode, beside the page that a citation opens."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

import gradio as gr

from errors import TutorError, UsageError
from knowledge.subjects import AUTO, SUBJECTS, subject_label
from rag.conversation import QA, Session, Switches
from rag.library import Library
from rag.tutor import Tutor
from tutoring.modes import MODES
from tutoring.storage import Storage
from ui.citation_view import open_citation
from ui.conversation import Conversation, Message
from ui.history import build_history
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
_AT_ONCE = 8
_RETRIEVAL: dict[str, bool | None] = {"由模式决定": None, "开": True, "关": False}
_LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]


def build_ask_tab(tutor: Tutor, library: Library, startup: Startup, storage: Storage, page: gr.Blocks) -> None:
    """Lay out the tab and connect it."""
    conversation = gr.State(lambda: Conversation())
    with gr.Row():
        with gr.Column(scale=3):
            chatbot = gr.Chatbot(
                elem_id="chat", label="答疑", height="54vh", latex_delimiters=_LATEX, buttons=["copy"], editable="user",
                examples=[{"text": example} for example in EXAMPLES], feedback_options=None,
                placeholder="### 问一个 408 问题\n回答里的每个编号都能打开它所在的那一页。",
            )  # fmt: skip
            about = gr.Markdown(MODES[QA].about, elem_id="about")
            with gr.Row(equal_height=True):
                question = gr.Textbox(
                    elem_id="question", placeholder="输入问题，回车发送（Shift+回车换行）", show_label=False, lines=1, max_lines=8,
                    scale=6, min_width=260,
                )  # fmt: skip
                send = gr.Button("发送", variant="primary", elem_id="send", scale=1, min_width=70)
                stop = gr.Button("停止", elem_id="stop", scale=1, min_width=70)
                clear = gr.Button("清空", elem_id="clear", scale=1, min_width=70)
            mode, *others = _options(tutor)
            gr.Markdown(f"当前模型：{tutor.label}", elem_id="model")
            below = gr.Column()
        with gr.Column(scale=2):
            panel = _citation_panel()
    opened = gr.Textbox(elem_id="open-citation", visible="hidden")
    chosen = [mode, *others]

    def answer(state: Conversation, text: str, *how: Any) -> Iterator[Any]:
        box: Any = ""  # emptied once: what is typed while the answer comes stays
        while not startup.done.wait(_POLL_SECONDS):
            yield box, state.waiting(text, f"{startup.status}（准备好后自动回答）"), state
            box = gr.skip()
        _choose(state, *how)
        for _ in state.ask(tutor, text):
            yield box, state.messages, state
            box = gr.skip()
        _keep(state, storage)
        yield box, state.messages, state

    def again(state: Conversation, event: gr.RetryData, *how: Any) -> Iterator[Any]:
        yield from _again(tutor, storage, state, event.index, None, how)

    def edited(state: Conversation, event: gr.EditData, *how: Any) -> Iterator[Any]:
        yield from _again(tutor, storage, state, event.index, str(event.value), how)

    def show(key: str, state: Conversation) -> tuple[Any, Any, Any]:
        return _show(key.partition("@")[0], state, library)

    outputs = [question, chatbot, conversation]
    inputs = [conversation, question, *chosen]
    how: dict[str, Any] = {"concurrency_limit": _AT_ONCE, "show_progress": "hidden"}
    runs: list[Any] = [trigger(answer, inputs, outputs, **how) for trigger in (question.submit, send.click)]
    runs.append(chatbot.example_select(_chosen_example, None, question).then(answer, inputs, outputs, **how))
    runs.append(chatbot.retry(again, [conversation, *chosen], outputs[1:], **how))
    runs.append(chatbot.edit(edited, [conversation, *chosen], outputs[1:], **how))
    stop.click(None, cancels=runs)
    for wiped in (clear.click, chatbot.clear):
        wiped(lambda: ("", [], Conversation()), None, outputs, cancels=runs)
    with below:
        build_history(storage, conversation, chatbot, chosen, _shown_choice, page, runs)
    mode.change(lambda chosen: MODES[chosen].about, mode, about, show_progress="hidden")
    opened.change(show, [opened, conversation], panel, show_progress="hidden")


def _options(tutor: Tutor) -> list[gr.Dropdown | gr.Checkbox]:
    """Mode, subject, retrieval, calculator and web, in the order that `_choose` takes them."""
    modes = [(m.name, m.id) for m in MODES.values()]
    web = "联网" if tutor.web else "联网（未配置）"
    with gr.Row():
        return [
            gr.Dropdown(modes, value=QA, label="模式", elem_id="mode", min_width=130),
            gr.Dropdown(_subject_choices(), value=AUTO, label="科目", elem_id="subject", min_width=130),
            gr.Dropdown([*_RETRIEVAL], value="由模式决定", label="检索", elem_id="retrieval", min_width=110),
            gr.Checkbox(True, label="计算器", elem_id="calculator", min_width=90),
            gr.Checkbox(False, label=web, elem_id="web", min_width=90, interactive=tutor.web is not None),
        ]


def _citation_panel() -> list[gr.Markdown | gr.Image | gr.HTML]:
    """Caption, page image and text of the citation that is open."""
    return [
        gr.Markdown("点击回答里的编号，这里显示原文所在的页面。", elem_id="citation-caption"),
        gr.Image(elem_id="citation-page", show_label=False, visible=False, type="pil", format="png", buttons=["fullscreen"]),
        gr.HTML(elem_id="citation-text", visible=False),
    ]


def _subject_choices() -> list[tuple[str, str]]:
    return [(subject_label(s), s) for s in (AUTO, *SUBJECTS)]


def _chosen_example(event: gr.SelectData) -> str:
    return str(event.value["text"])


def _choose(state: Conversation, mode: str, subject: str, retrieval: str, calculator: bool, web: bool) -> None:
    """What the page has chosen for the next question."""
    session = state.session
    session.subject, session.mode, session.switches = subject, mode, Switches(_RETRIEVAL[retrieval], calculator, web)


def _shown_choice(session: Session) -> tuple[Any, ...]:
    """What the page shows as chosen, in the order of `_choose`, for a conversation that goes on."""
    switches = session.switches
    retrieval = next(name for name, wanted in _RETRIEVAL.items() if wanted == switches.retrieval)
    return session.mode, session.subject, retrieval, switches.calculator, switches.web


def _keep(state: Conversation, storage: Storage) -> None:
    """Write the answer down. If that fails the student is told, and goes on."""
    try:
        state.keep(storage)
    except TutorError as error:
        gr.Warning(escape(str(error)))


def _again(
    tutor: Tutor, storage: Storage, state: Conversation, index: Any, text: str | None, how: Any
) -> Iterator[tuple[list[Message], Conversation]]:
    """Answer the question of message `index` again."""
    _choose(state, *how)
    number = sum(message["role"] == "user" for message in state.messages[: int(index) + 1]) - 1
    try:
        for _ in state.ask_again(tutor, number, text):
            yield state.messages, state
        _keep(state, storage)
        yield state.messages, state
    except UsageError as error:
        gr.Info(escape(str(error)))
        yield state.messages, state


def _show(key: str, state: Conversation, library: Library) -> tuple[Any, Any, Any]:
    """Open the citation that a key names; a key of another conversation opens nothing."""
    citation = state.citation(key)
    if citation is None:
        return "这个编号属于已经清空的对话，请重新提问。", gr.update(visible=False), gr.update(visible=False)
    caption, image, text = open_citation(citation, library)
    return caption, gr.update(value=image, visible=image is not None), gr.update(value=text, visible=bool(text))
