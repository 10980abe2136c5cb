"""The desk at which an exam is sat: clock, answer sheet and question. Every answer is in the database before the page says 已保存.

The hidden box `shown` says what this window shows: exam, number, and the version with which it was read. It travels with
every event, so that an answer belongs to the question that stood on the screen, however fast the learner goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import gradio as gr

from errors import UsageError
from knowledge.questions import LETTERS
from tutoring.clock import Clock
from tutoring.mock_exam.exam import Exam
from tutoring.mock_exam.exams import Exams
from ui.exam_sheet import clock_html, message_html, options_of, palette_html, parts_of, question_html, unused_html
from ui.picking import pick_list

__all__ = ["PARTS", "Desk", "Place", "flushed", "place_of"]

PARTS = 6
"""Text areas; more than any problem of the bank has parts."""
Updates = dict[Any, Any]


@dataclass(frozen=True)
class Place:
    """What a window shows: a number of an exam, as it was at a version."""

    exam: str
    number: int
    version: int

    def __str__(self) -> str:
        return f"{self.exam}/{self.number}/{self.version}"


def place_of(shown: str) -> Place:
    """What the hidden box says.

    Raises:
        UsageError: it holds something else.
    """
    exam, _, rest = shown.partition("/")
    number, _, version = rest.partition("/")
    if not (exam and number.isascii() and number.isdecimal() and version.isascii() and version.isdecimal() and len(rest) < 30):
        raise UsageError("页面与服务器对不上了。请刷新页面，答案都在。")
    return Place(exam, int(number), int(version))


class Desk:
    """The components, and what they show of an exam."""

    def __init__(self, clock: Clock, shown: gr.Textbox) -> None:
        self._clock = clock
        self.shown = shown
        with gr.Row(elem_id="exam-top"):
            self.clock = gr.HTML(elem_id="exam-clock", padding=False, min_width=200)
            self.pause = gr.Button("暂停", elem_id="exam-pause", scale=0, min_width=84)
            self.hand_in = gr.Button("交卷", elem_id="exam-hand-in", scale=0, min_width=84)
        with gr.Column(visible=False, elem_id="exam-confirm") as self.confirm:
            self.sure = gr.HTML(padding=False)
            with gr.Row(elem_classes="exam-buttons"):
                self.yes = gr.Button("确定交卷", variant="primary", elem_id="exam-yes", min_width=110)
                self.no = gr.Button("继续答题", elem_id="exam-no", min_width=110)
        self.message = gr.HTML(elem_id="exam-desk-message", elem_classes="exam-may-be-empty", padding=False)
        with gr.Row():
            with gr.Column(scale=3, min_width=300):
                self._lay_question()
            with gr.Column(scale=2, min_width=260):
                self.palette = pick_list(elem_id="exam-palette", padding=False)
        self.fields = [self.shown, self.choice, *self.boxes]
        self.outputs = [
            self.clock, self.confirm, self.sure, self.message, self.palette, self.question, self.choice, *self.boxes, self.clear,
            self.saved, self.unused, self.shown, self.later,
        ]  # fmt: skip

    def _lay_question(self) -> None:
        self.question = gr.HTML(elem_id="exam-question", padding=False)
        # all letters from the start: a page that outlives a restart of the app sends one before it is told its options again
        self.choice = gr.Radio([*LETTERS], show_label=False, container=False, elem_id="exam-choice")
        self.boxes = [
            gr.Textbox(lines=4, max_lines=16, visible=False, elem_id=f"exam-part-{n}", container=True)
            for n in range(1, PARTS + 1)
        ]
        self.saved = gr.HTML(elem_id="exam-saved", padding=False)
        self.unused = gr.HTML(elem_classes="exam-may-be-empty", padding=False)
        with gr.Row(elem_classes="exam-buttons"):
            self.previous = gr.Button("‹ 上一题", elem_id="exam-previous", min_width=90)
            self.later = gr.Button("★ 回头再看", elem_id="exam-later", min_width=90)
            self.clear = gr.Button("清除选择", elem_id="exam-clear", min_width=90)
            self.next = gr.Button("下一题 ›", elem_id="exam-next", variant="primary", min_width=90)
        gr.HTML(
            padding=False,
            value="<div class='exam'><small>键盘：A–D 或 1–4 选择，← → 换题，M 标记。文字边写边保存。</small></div>",
        )

    def question_of(self, exam: Exam, number: int, message: str = "") -> Updates:
        """A number of the exam, as it stands now, and all around it."""
        parts = parts_of(exam, number)
        boxes: list[Any] = [
            gr.update(label=parts[n][0], value=parts[n][1], visible=True)
            if n < len(parts)
            else gr.update(value="", visible=False)
            for n in range(PARTS)
        ]
        options = options_of(exam, number)
        return {
            self.question: question_html(exam, number),
            self.choice: gr.update(choices=options, value=exam.chosen(number) or None, visible=bool(options)),
            **dict(zip(self.boxes, boxes, strict=True)),
            self.clear: gr.update(visible=bool(options)),
            self.unused: unused_html(exam, number),
            self.later: "☆ 取消标记" if number in exam.sheet.marked else "★ 回头再看",
            self.shown: str(Place(exam.id, number, exam.version)),
            self.saved: "",
            **self.around(exam, number, message),
        }

    def around(self, exam: Exam, number: int, message: str = "") -> Updates:
        """Clock, palette and message, while a number is shown."""
        return {
            self.clock: clock_html(exam, self._clock()),
            self.palette: palette_html(exam, number),
            self.message: message_html(message, "warn"),
        }

    def kept(self, exam: Exam, number: int) -> Updates:
        """What is said once an answer is in the database."""
        at: datetime = self._clock().astimezone()
        saved = f"<div class='exam'><small>已保存 {at:%H:%M:%S}</small></div>"
        return {self.palette: palette_html(exam, number), self.saved: saved}

    def asked(self, exam: Exam, number: int) -> Updates:
        """The question whether it is really to be handed in."""
        empty = exam.unanswered
        listed = "、".join(str(number) for number in empty[:12]) + ("…" if len(empty) > 12 else "")
        told = f"还有 {len(empty)} 题没有作答（第 {listed} 题）。" if empty else "所有题都作答了。"
        return {
            self.confirm: gr.update(visible=True),
            self.sure: message_html(f"{told}交卷以后不能再改。确定交卷吗？", "warn"),
            **self.around(exam, number),
        }


def flushed(
    exams: Exams, owner: str, window: str, place: Place, choice: str | None, texts: Sequence[str | None]
) -> tuple[Exam, bool]:
    """The exam with what stands on the screen written down; and whether another window has changed this question meanwhile.

    Nothing is cleared by this: an empty box may be one that is not filled yet.
    """
    exam, changed = exams.look(owner, place.exam), False
    fields = exam.paper.fields(place.number)
    values = [choice] if exam.paper.question(place.number) else list(texts)
    for field, value in zip(fields, values, strict=False):
        if not value or not exam.unfinished or value == exam.sheet.value(field):
            changed |= exam.sheet.changed_elsewhere(field, window, place.version)
        elif exam.sheet.changed_elsewhere(field, window, place.version):
            changed = True
            if "." in field and value not in exam.sheet.value(field):  # words that are about to be replaced on the screen
                exam = exams.answer(owner, place.exam, field, value, window, place.version)
        else:
            exam = exams.answer(owner, place.exam, field, value, window, place.version)
    return exam, changed
