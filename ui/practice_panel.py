"""The question on the desk, as practice and review show it: options, verdict, explanation, the page of the student's own book, remarks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any, TypeVar

import gradio as gr

from errors import TutorError
from knowledge.questions import shown
from tutoring.practice.book import page_to_read
from tutoring.practice.desk import Asked, Desk
from tutoring.practice.history import History
from tutoring.practice.recording import Rating
from tutoring.practice.remarks import LONGEST_NOTE, Remarks
from tutoring.practice.reviewing import others_on
from ui.citation_panel import PagePanel, build_page_panel
from ui.context import QUIET, PageContext, owner_of
from ui.picking import pick_list, picked
from ui.practice_view import about_html, explanation_markdown, options_html, stem_markdown, verdict_html

__all__ = ["AT_ONCE", "DRILL", "LATEX", "QuestionPanel", "build_question_panel", "told_of"]

AT_ONCE = 16
DRILL: dict[str, Any] = QUIET | {"concurrency_limit": AT_ONCE}
LATEX: list[dict[str, str | bool]] = [
    {"left": "$$", "right": "$$", "display": True},
    {"left": "$", "right": "$", "display": False},
]
_EXPLAIN = "explain"
"""The mode 讲题."""
_HINT = "答完这道题，这里打开你自己的资料里讲它的那一页。"
_NO_PAGE = "你的资料里没有找到讲这道题的页面。在“资料”里加上教材或笔记，以后就能对照着看。"
_PREPARING = "资料还在准备，准备好以后这里会显示相应的那一页。"
_MOVED = "这道题已经在另一个窗口里换掉了，现在显示的是最新的一道。"
T = TypeVar("T")


@dataclass(frozen=True)
class QuestionPanel:
    """The parts of a panel; `values` fills `outputs`."""

    context: PageContext
    desk: Desk
    history: History
    remarks: Remarks
    book: PagePanel
    token: gr.Textbox
    note: gr.Textbox
    on: gr.Button
    outputs: list[Any]

    def values(self, owner: str, asked: Asked | None, told: str = "", label: str = "开始") -> list[Any]:
        """What is to be shown of a question; without one `told` (HTML) stands there, and `label` on the button."""
        if asked is None:
            return ["", told, "", "", "", "", gr.update(value=label), gr.update(visible=False), gr.skip(), "", gr.skip()]
        remark = self.remarks.of(owner, asked.question)
        done = asked.chosen is not None
        others = len(others_on(asked.question, self.history.of(owner).seen)) if done and not asked.right else 0
        return [
            asked.token, about_html(asked), stem_markdown(asked), options_html(asked), verdict_html(asked, self.context.clock(), others),
            explanation_markdown(asked), gr.update(value="下一题" if done else "换一题", variant="primary" if done else "secondary"),
            gr.update(visible=True), _mark_label(remark.marked), remark.note, "",
        ]  # fmt: skip

    def keep_note(self, owner: str, token: str, note: str | None) -> bool:
        """Write down what stands in the box, before another question takes its place; whether it was anything new."""
        question = self.desk.named(owner, token) if token else None
        if question is None or note is None or note == self.remarks.of(owner, question).note:
            return False
        self.remarks.note(owner, question, note)
        return True

    def page(self, owner: str, token: str) -> list[Any]:
        """The page for the question that was answered; nothing if another one lies there by the time it is found."""
        asked = self.desk.open(owner)
        if asked is None or asked.chosen is None or asked.token != token:
            return self.book.saying(_HINT)
        if not self.context.startup.done.is_set():
            return self.book.saying(_PREPARING)
        citation = page_to_read(asked.question, self.context.tutor, self.context.coverage)
        found = self.book.of_citation(citation) if citation else self.book.saying(_NO_PAGE)
        return found if self.desk.named(owner, token) else [gr.skip()] * len(found)


def told_of(do: Callable[[], T], otherwise: T) -> T:
    """The result; or, where the storage fails, a message on the page and what is given for that case."""
    try:
        return do()
    except TutorError as error:
        gr.Warning(escape(str(error)))
        return otherwise


def build_question_panel(context: PageContext, prefix: str, desk: Desk, history: History, page: gr.Blocks) -> QuestionPanel:
    """Lay out a panel and connect what is the same in practice and review; its elements' ids begin with `prefix`."""
    token = gr.Textbox(visible="hidden", elem_id=f"{prefix}-token")
    with gr.Row(elem_classes="q-desk"):
        with gr.Column(elem_classes="q-sheet", elem_id=f"{prefix}-sheet"):
            about = gr.HTML(elem_id=f"{prefix}-about", elem_classes="q-maybe", padding=False, apply_default_css=False)
            stem = gr.Markdown(elem_id=f"{prefix}-stem", elem_classes="q-stem", latex_delimiters=LATEX)
            options = pick_list(elem_id=f"{prefix}-options", elem_classes="q-maybe", padding=False, apply_default_css=False)
            verdict = pick_list(elem_id=f"{prefix}-verdict", elem_classes="q-maybe", padding=False, apply_default_css=False)
            on = gr.Button("开始", variant="primary", elem_id=f"{prefix}-next", elem_classes="q-next")
            why = gr.Markdown(elem_id=f"{prefix}-why", elem_classes="q-why", latex_delimiters=LATEX)
            with gr.Column(visible=False, elem_classes="q-tools") as tools:
                mark, ask, note, saved = _tools(prefix)
                text, send = _report(prefix)
        with gr.Column(elem_classes="q-book page-panel", elem_id=f"{prefix}-beside"):
            gr.HTML("<b>资料里这样讲</b>", padding=False, apply_default_css=False)
            book = build_page_panel(context.library, f"{prefix}-book", f"<p class='hint'>{_HINT}</p>")
    outputs = [token, about, stem, options, verdict, why, on, tools, mark, note, saved]
    panel = QuestionPanel(context, desk, history, Remarks(context.database, context.clock), book, token, note, on, outputs)
    _connect_answers(panel, options, verdict)
    _connect_remarks(panel, mark, saved, text, send)
    _connect_asking(panel, ask, page, prefix)
    return panel


def _tools(prefix: str) -> tuple[gr.Button, gr.Button, gr.Textbox, gr.HTML]:
    with gr.Row(elem_classes="q-row"):
        mark = gr.Button(_mark_label(False), elem_id=f"{prefix}-mark", min_width=110)
        ask = gr.Button("问老师", elem_id=f"{prefix}-ask", min_width=110)
    note = gr.Textbox(
        label="笔记（自动保存）", elem_id=f"{prefix}-note", lines=2, max_lines=8, max_length=LONGEST_NOTE,
        placeholder="写给下一次的自己：错在哪里，怎样记住",
    )  # fmt: skip
    return (
        mark,
        ask,
        note,
        gr.HTML(elem_id=f"{prefix}-saved", elem_classes="q-saved q-maybe", padding=False, apply_default_css=False),
    )


def _report(prefix: str) -> tuple[gr.Textbox, gr.Button]:
    with gr.Accordion("这道题有错？", open=False, elem_id=f"{prefix}-report"):
        text = gr.Textbox(
            label="哪里有错", lines=2, max_length=1000, elem_id=f"{prefix}-report-text", placeholder="例如：B 项也成立，因为……"
        )
        return text, gr.Button("报告错误", elem_id=f"{prefix}-report-send")


def _connect_answers(panel: QuestionPanel, options: gr.HTML, verdict: gr.HTML) -> None:
    same = [gr.skip()] * len(panel.outputs)

    def changed(owner: str, token: str, asked: Asked | None) -> list[Any]:
        if asked and asked.token != token:
            gr.Info(_MOVED)
        if asked is None:
            return same
        values = panel.values(owner, asked)
        if asked.token == token:
            values[panel.outputs.index(panel.note)] = gr.skip()  # what is being typed is newer than what was kept
        return values

    def answer(token: str, note: str, event: gr.EventData, request: gr.Request) -> list[Any]:
        owner, (letter, act) = owner_of(request), picked(event)
        if act != "answer" or not token:
            return same
        told_of(lambda: panel.keep_note(owner, token, note), None)
        return told_of(lambda: changed(owner, token, panel.desk.answer(owner, token, letter)), same)

    def rate(token: str, event: gr.EventData, request: gr.Request) -> list[Any]:
        owner, (rating, act) = owner_of(request), picked(event)
        if act != "rate" or rating not in {str(int(one)) for one in Rating}:
            return same
        return told_of(lambda: changed(owner, token, panel.desk.rate(owner, token, Rating(int(rating)))), same)

    answered = options.click(answer, [panel.token, panel.note], panel.outputs, **DRILL)
    connect_page(panel, answered)
    verdict.click(rate, panel.token, panel.outputs, **DRILL)


def connect_page(panel: QuestionPanel, event: Any) -> None:
    """After an event the page of the book follows; what the event shows does not wait for it."""

    def found(token: str, request: gr.Request) -> list[Any]:
        try:
            return panel.page(owner_of(request), token)
        except TutorError as error:
            return panel.book.saying(str(error))

    event.then(found, panel.token, panel.book.outputs, **DRILL)


def _connect_remarks(panel: QuestionPanel, mark: gr.Button, saved: gr.HTML, text: gr.Textbox, send: gr.Button) -> None:
    def marked(token: str, request: gr.Request) -> Any:
        owner = owner_of(request)

        def turn() -> Any:
            question = panel.desk.named(owner, token)
            if question is None:
                return gr.skip()
            wanted = not panel.remarks.of(owner, question).marked
            panel.remarks.mark(owner, question, wanted)
            return _mark_label(wanted)

        return told_of(turn, gr.skip())

    def noted(token: str, note: str, request: gr.Request) -> Any:
        def write() -> Any:
            kept = panel.keep_note(owner_of(request), token, note)
            return "<small class='q-told'>✓ 笔记已保存</small>" if kept else gr.skip()

        return told_of(write, "<small class='q-told'>✗ 笔记没有保存</small>")

    def reported(token: str, words: str, request: gr.Request) -> str:
        owner = owner_of(request)

        def tell() -> str:
            question = panel.desk.named(owner, token)
            if question:
                panel.remarks.report(owner, question, words)
                gr.Info("已收到，谢谢！老师会核对这道题。")
            return ""

        return told_of(tell, words)

    mark.click(marked, panel.token, mark, **DRILL)
    # `input` is not fired for what an input method puts in; `change` is, also when another question brings its note
    panel.note.change(noted, [panel.token, panel.note], saved, trigger_mode="always_last", **DRILL)
    send.click(reported, [panel.token, text], text, **DRILL)


def _connect_asking(panel: QuestionPanel, ask: gr.Button, page: gr.Blocks, prefix: str) -> None:
    """Carry the question over to the tab 答疑, whose mode becomes 讲题; the letters stay as they are listed here."""
    carried = gr.Textbox(visible="hidden", elem_id=f"{prefix}-carried")
    mode = [block for block in page.blocks.values() if getattr(block, "elem_id", None) == "mode"][:1]

    def words(token: str, request: gr.Request) -> list[Any]:
        asked = told_of(lambda: panel.desk.open(owner_of(request)), None)
        text = shown(asked.question.stem, list(asked.listed.options.values())) if asked and asked.token == token else ""
        return [text, *[_EXPLAIN for _ in mode]]

    put = ask.click(words, panel.token, [carried, *mode], **DRILL)
    put.then(None, carried, None, js="text => { if (text) tutor.askInstead(text); }")


def _mark_label(marked: bool) -> str:
    return "★ 已标记" if marked else "☆ 标记"
