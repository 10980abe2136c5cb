"""After the exam: the report while it is marked and when it is done, settling open marks, pages, the export, the list of exams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from errors import TutorError, UsageError
from tutoring.attempts import Attempts
from tutoring.mastery import Mastery
from tutoring.mock_exam.advice import advice_of
from tutoring.mock_exam.exam import ABANDONED, MARKING, Exam
from tutoring.mock_exam.exams import Exams
from tutoring.mock_exam.export import report_markdown
from tutoring.mock_exam.losses import lost_questions
from tutoring.mock_exam.marker import Marker
from tutoring.mock_exam.pages import citation_on, page_on
from tutoring.mock_exam.report import Report, before_of, report_of
from ui.context import PageContext, owner_of
from ui.downloads import download
from ui.exam_answers import choices_html, problems_html
from ui.exam_desk import Updates
from ui.exam_history import history_html
from ui.exam_report import losses_html, marking_html, points_html
from ui.exam_room import ExamRoom
from ui.exam_sheet import message_html
from ui.picking import picked

__all__ = ["Reading"]


class Reading:
    """Shows what is over, and holds what the events work with."""

    def __init__(self, context: PageContext, room: ExamRoom) -> None:
        self.room = room
        self.now = context.clock
        self.attempts = Attempts(context.database, context.clock)
        self.exams = Exams(context.database, context.clock)
        self.marker = Marker(
            self.exams,
            lambda: context.tutor.speaker,
            lambda point, questions: page_on(point, questions, context.tutor, context.coverage),
        )
        self._context = context
        self._mastery = context.mastery

    def lobby(self, owner: str, asked: str = "") -> Updates:
        """Where a paper is chosen, above the list of exams."""
        room = self.room
        return room.seen("lobby") | {
            room.history: history_html(self.exams.all(owner), asked, self.exams.unreadable(owner)), room.desk.shown: "", room.report: "",
            room.timer: gr.Timer(active=False),
        }  # fmt: skip

    def report(self, owner: str, identifier: str, message: str = "") -> Updates:
        """The report of an exam."""
        exam = self.exams.look(owner, identifier)
        if exam.unfinished or exam.state == ABANDONED:
            raise UsageError("这场模考没有成绩单：还没有交卷，或者已经放弃。")
        room = self.room
        return room.seen("report") | self._marked(owner, exam) | {
            room.message: message_html(message), room.report: exam.id, room.desk.shown: "", room.choices: choices_html(exam),
            room.timer: gr.Timer(active=exam.state == MARKING),
        }  # fmt: skip

    def followed(self, owner: str, identifier: str) -> Updates:
        """The report while the marking goes on."""
        exam = self.exams.look(owner, identifier)
        if exam.state == MARKING:
            self.marker.ensure(owner, identifier)
            done = len(exam.marking.problems) == len(exam.paper.problems)
            return self._marked(owner, exam) if done else {self.room.progress: marking_html(exam)}
        return self._marked(owner, exam) | {self.room.timer: gr.Timer(active=False)}

    def back(self, request: gr.Request) -> Updates:
        """From the report to the list."""
        try:
            return self.lobby(owner_of(request)) | {self.room.message: ""}
        except TutorError as error:
            return self._failed(error)

    def pick_exam(self, request: gr.Request, event: gr.EventData) -> Updates:
        """A button of the list."""
        owner, (identifier, act) = owner_of(request), picked(event)
        try:
            if act == "open":
                return self.report(owner, identifier)
            if act == "delete":
                self.exams.delete(owner, identifier)
            return self.lobby(owner, identifier if act == "ask" else "") | {self.room.message: ""}
        except TutorError as error:
            return self._failed(error)

    def pick_report(self, request: gr.Request, event: gr.EventData, identifier: str) -> Updates:
        """A button of the report: open a page, settle a mark."""
        owner, (chosen, act) = owner_of(request), picked(event)
        try:
            if act == "settle":
                return self._settle(owner, identifier, chosen)
            return self._page(owner, identifier, chosen) if act == "page" else {}
        except TutorError as error:
            return self._failed(error)

    def write(self, request: gr.Request, identifier: str) -> Updates:
        """The report as a file."""
        owner = owner_of(request)
        try:
            report = self._report(owner, self.exams.look(owner, identifier))
        except TutorError as error:
            return self._failed(error) | {self.room.file: None}
        return {
            self.room.file: download(report.exam.title, ".md", report_markdown(report, advice_of(report, self._known(owner))))
        }

    def _settle(self, owner: str, identifier: str, chosen: str) -> Updates:
        number, index, points = _settled(chosen)
        exam = self.exams.mark(owner, identifier, lambda marking: marking.with_settled(number, index, points))
        return self._marked(owner, exam, number) | {self.room.message: ""}

    def _page(self, owner: str, identifier: str, point: str) -> Updates:
        exam = self.exams.look(owner, identifier)
        if not exam.marking.pages.get(point):
            raise UsageError("没有记下这个考点的页。请刷新页面后再试。")
        lost = lost_questions(exam).get(point, [])
        citation = citation_on(point, lost, self._context.tutor, self._context.coverage)
        return dict(zip(self.room.panel.outputs, self.room.panel.of_citation(citation), strict=True))

    def _marked(self, owner: str, exam: Exam, opened: int = 0) -> Updates:
        """All that the marks change."""
        report, known = self._report(owner, exam), self._known(owner)
        return {
            self.room.points: points_html(report),
            self.room.progress: marking_html(exam),
            self.room.losses: losses_html(report, advice_of(report, known), known),
            self.room.problems: problems_html(exam, opened),
        }

    def _report(self, owner: str, exam: Exam) -> Report:
        return report_of(exam, before_of(exam, self.exams.all(owner)))

    def _known(self, owner: str) -> Mapping[str, Mastery]:
        return self._mastery.of(owner)

    def _failed(self, error: TutorError) -> dict[Any, Any]:
        return {self.room.message: message_html(str(error), "bad")}


def _settled(chosen: str) -> tuple[int, int, int | None]:
    """Number, criterion and marks as a button tells them; None takes the learner's marks back.

    Raises:
        UsageError: it is something else.
    """
    parts = chosen.split(":")
    if (
        len(parts) != 3
        or not all(part.isascii() and part.isdecimal() and len(part) < 5 for part in parts if part)
        or not all(parts[:2])
    ):
        raise UsageError("没有这个评分点。请刷新页面后再试。")
    return int(parts[0]), int(parts[1]), int(parts[2]) if parts[2] else None
