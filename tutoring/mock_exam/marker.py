"""Marking behind the page: problem by problem, each kept as soon as it is marked, so that a restart goes on where it was.

The program marks what can be computed; a connected language model, if there is one, marks the rest, and each of its verdicts is
checked (tutoring/examining.py). What stays open is left to the learner.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from errors import ChatModelError, TutorError
from knowledge.problems import Problem
from knowledge.questions import Question
from rag.speaker import Speaker
from tutoring.examining import ModelMarks, checked_marks, examined
from tutoring.marking import Mark, computed_marks
from tutoring.mock_exam.exam import MARKING
from tutoring.mock_exam.exams import Exams
from tutoring.mock_exam.losses import lost_questions
from tutoring.mock_exam.marks import CriterionMark, Marking, Page

__all__ = ["MOST_PAGES", "Marker", "Pages", "marked"]

Pages = Callable[[str, Sequence[Question]], Page | None]
"""Where the learner's documents treat a knowledge point, on which these questions were lost; None if they don't."""
_LOG = logging.getLogger(__name__)
_NO_MODEL = "没有接入语言模型：综合题由程序按数值、公式、术语和否定词核对，拿不准的请对照参考答案自评。"
_FAILED = "模型没有评成（{error}），第 {number} 题由程序核对，拿不准的请对照参考答案自评。"
MOST_PAGES = 12
"""Points that lost most, for which the pages are looked up: as many as a report shows at first."""


class Marker:
    """Marks exams that are handed in, each in a thread of its own, one at a time for each exam."""

    def __init__(self, exams: Exams, speaker: Callable[[], Speaker], pages: Pages) -> None:
        """`speaker`: who answers at the moment; a model may be connected while the page is open."""
        self._exams = exams
        self._speaker = speaker
        self._pages = pages
        self._running: dict[str, threading.Thread] = {}
        self._guard = threading.Lock()

    def ensure(self, owner: str, identifier: str) -> None:
        """Have an exam marked, unless that is under way."""
        with self._guard:
            thread = self._running.get(identifier)
            if thread and thread.is_alive():
                return
            self._running = {key: one for key, one in self._running.items() if one.is_alive()}
            thread = threading.Thread(target=self._run, args=(owner, identifier), name="marking", daemon=True)
            self._running[identifier] = thread
            thread.start()

    def wait(self, identifier: str, seconds: float) -> None:
        """Until an exam's marking has ended, or so long."""
        thread = self._running.get(identifier)
        if thread:
            thread.join(seconds)

    def _run(self, owner: str, identifier: str) -> None:
        try:
            self.mark(owner, identifier)
        except TutorError as error:  # deleted meanwhile, or the database is away: the next look begins again
            _LOG.warning("模考评分中断：%s", error)

    def mark(self, owner: str, identifier: str) -> None:
        """Mark what is not marked yet, then look for the pages, then end it.

        Raises:
            StorageError: the database can't be used.
            UsageError: the exam is gone, or not handed in.
        """
        exam = self._exams.look(owner, identifier)
        if exam.state != MARKING:
            return
        for number, problem in exam.paper.numbered_problems():
            if number not in exam.marking.problems:
                marks, notice = marked(problem, exam.words(number), self._speaker(), number)
                exam = self._exams.mark(
                    owner, identifier, partial(Marking.with_problem, number=number, marks=marks, notice=notice)
                )
        for point, questions in list(lost_questions(exam).items())[:MOST_PAGES]:
            if point not in exam.marking.pages:
                exam = self._exams.mark(
                    owner, identifier, partial(Marking.with_page, point=point, page=self._found(point, questions))
                )
        self._exams.mark(owner, identifier, lambda marking: marking, done=True)

    def _found(self, point: str, questions: Sequence[Question]) -> Page | None:
        try:
            return self._pages(point, questions)
        except TutorError as error:  # the knowledge base is away: the report does without
            _LOG.info("没有找到考点 %s 的页：%s", point, error)
            return None


def marked(problem: Problem, words: Sequence[str], speaker: Speaker, number: int) -> tuple[list[CriterionMark], str]:
    """The marks of a problem, and what is to be said of who gave them."""
    computed = computed_marks(problem, words)
    program = [CriterionMark.of(mark, "program") for mark in computed]
    if not any(part.strip() for part in words):
        return program, ""
    if not speaker.generative:
        return program, _NO_MODEL
    answer = "\n".join(f"({n}) {part}" for n, part in enumerate(words, 1) if part.strip())
    try:
        given, notice = _asked(problem, answer, speaker)
    except ChatModelError as error:
        return program, _FAILED.format(error=error, number=number)
    if given is None:
        return program, notice
    return [_chosen(own, mark) for own, mark in zip(computed, checked_marks(computed, given, answer), strict=True)], ""


def _chosen(own: Mark, checked: Mark) -> CriterionMark:
    """The program's mark where it is sure and the model doesn't disagree; else the model's."""
    same = own.low == own.high and (checked.low, checked.high) == (own.low, own.high)
    return CriterionMark.of(own if same else checked, "program" if same else "model")


def _asked(problem: Problem, answer: str, speaker: Speaker) -> tuple[ModelMarks | None, str]:
    asking = examined(problem, answer, speaker)
    try:
        while True:
            next(asking)
    except StopIteration as end:
        return end.value.value, end.value.notice
