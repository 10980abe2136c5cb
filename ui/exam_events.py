"""What the events of the tab 模考 do. Each looks up what it works on by its owner, writes it, and shows what the database says then."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr

from errors import TutorError, UsageError
from knowledge.generators import families
from knowledge.questions import LETTERS
from knowledge.subjects import SUBJECTS
from tutoring.bank import every_problem, every_question
from tutoring.mock_exam.drawing import Bank, full_paper, short_paper
from tutoring.mock_exam.exam import ABANDONED, RUNNING, Exam
from tutoring.mock_exam.paper import SHORT_MINUTES, ExamPaper
from tutoring.mock_exam.timing import clock_face
from ui.context import owner_of
from ui.exam_desk import Place, Updates, flushed, place_of
from ui.exam_reading import Reading
from ui.exam_sheet import message_html
from ui.picking import picked

__all__ = ["ExamEvents", "told"]

_ELSEWHERE = "另一个窗口刚改过这道题，现在显示的是新的内容。"
_NOT_TAKEN = "另一个窗口刚改过这道题，那边的答案留着。你刚才的输入没有覆盖它，保留在题目下面；要用你的，请再写一次。"
_STILL_ONE = "这一场还没有结束，先接着考它。要换一套新的，请先交卷，或者暂停后放弃它。"
_GIVEN_UP = "这一场已经在另一个窗口里放弃，不计成绩。"
_TIME_OVER = "时间到，已经自动交卷。"


def told(handler: Callable[..., Updates]) -> Callable[..., Updates]:
    """The handler; where it fails the learner reads why, and nothing else changes."""

    @wraps(handler)
    def guarded(self: ExamEvents, *inputs: Any) -> Updates:
        try:
            return handler(self, *inputs)
        except TutorError as error:
            return self.failed(str(error))

    return guarded


class ExamEvents:
    """One method an event. The last inputs of those of the desk are its `fields`: what is shown, the letter, the words on each part."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.room = reading.room
        self._exams = reading.exams
        self._marker = reading.marker
        self._random = random.SystemRandom()

    def failed(self, message: str) -> Updates:
        """The message of an error, where it can be seen."""
        words = message_html(message, "bad")
        return {self.room.message: words, self.room.desk.saved: words}

    @told
    def load(self, request: gr.Request) -> Updates:
        """A page was opened: what is unfinished goes on, what is not marked is marked."""
        owner = owner_of(request)
        exam = self._exams.unfinished(owner)
        waiting = self._exams.pending(owner)
        for identifier in waiting:
            self._marker.ensure(owner, identifier)
        if exam is None and waiting:
            return self.reading.report(owner, waiting[0], "上一场模考已经交卷，这是它的成绩单。")
        return self.whole(owner, exam)

    @told
    def start_full(self, request: gr.Request) -> Updates:
        """A whole paper."""
        return self._begin(owner_of(request), "整卷模考", lambda bank: full_paper(bank, self._random))

    @told
    def start_short(self, request: gr.Request, subject: str, minutes: int) -> Updates:
        """A short one."""
        if subject not in SUBJECTS or not SUBJECTS[subject].points or minutes not in SHORT_MINUTES:
            raise UsageError("请选择科目和时间。")
        name = f"{SUBJECTS[subject].name}小测"
        return self._begin(owner_of(request), name, lambda bank: short_paper(bank, subject, minutes, self._random))

    @told
    def resume(self, request: gr.Request, shown: str) -> Updates:
        """The time goes on."""
        owner = owner_of(request)
        return self.whole(owner, self._exams.resume(owner, place_of(shown).exam))

    @told
    def ask_paused(self, request: gr.Request, shown: str) -> Updates:
        """Hand in from the break: ask first."""
        exam = self._exams.look(owner_of(request), place_of(shown).exam)
        return {
            self.room.finish_yes: gr.update(visible=True, value=f"确定交卷（还有 {len(exam.unanswered)} 题没有作答）"),
            self.room.abandon_yes: gr.update(visible=False),
        }

    @told
    def ask_abandon(self, request: gr.Request) -> Updates:
        """Give up: ask first."""
        return {self.room.abandon_yes: gr.update(visible=True), self.room.finish_yes: gr.update(visible=False)}

    @told
    def abandon(self, request: gr.Request, shown: str) -> Updates:
        """Give up."""
        owner = owner_of(request)
        self._exams.abandon(owner, place_of(shown).exam)
        return self.whole(owner, None, "这一场已经放弃，不计成绩。")

    @told
    def hand_in_paused(self, request: gr.Request, shown: str) -> Updates:
        """Hand in from the break."""
        return self._hand_in(owner_of(request), place_of(shown).exam)

    @told
    def hand_in(self, request: gr.Request, shown: str, choice: str | None, *texts: Any) -> Updates:
        """Hand in from the desk, with what stands on the screen."""
        owner, place = owner_of(request), place_of(shown)
        flushed(self._exams, owner, _window(request), place, choice, texts)
        return self._hand_in(owner, place.exam)

    @told
    def ask_hand_in(self, request: gr.Request, shown: str, choice: str | None, *texts: Any) -> Updates:
        """Ask whether it is really to be handed in, with what is not answered."""
        owner, place = owner_of(request), place_of(shown)
        exam, _ = flushed(self._exams, owner, _window(request), place, choice, texts)
        return self.room.desk.asked(exam, place.number) if exam.state == RUNNING else self.whole(owner, exam)

    @told
    def not_yet(self, request: gr.Request) -> Updates:
        """Go on."""
        return {self.room.desk.confirm: gr.update(visible=False)}

    @told
    def pause(self, request: gr.Request, shown: str, choice: str | None, *texts: Any) -> Updates:
        """The time stops and the questions are hidden."""
        owner, place = owner_of(request), place_of(shown)
        flushed(self._exams, owner, _window(request), place, choice, texts)
        return self.whole(owner, self._exams.pause(owner, place.exam))

    @told
    def choose(self, request: gr.Request, shown: str, letter: str | None) -> Updates:
        """A letter was chosen."""
        return self._answer(request, shown, "", letter or "")

    @told
    def clear(self, request: gr.Request, shown: str) -> Updates:
        """A letter is taken back."""
        return self._answer(request, shown, "", "") | {self.room.desk.choice: gr.update(value=None)}

    def typed(self, part: int) -> Callable[..., Updates]:
        """Words on a part of a problem."""

        def keep(request: gr.Request, shown: str, words: str | None) -> Updates:
            return self._typed(request, shown, part, words)

        return keep

    def step(self, by: int) -> Callable[..., Updates]:
        """To a number before or behind."""

        def turn(request: gr.Request, shown: str, choice: str | None, *texts: Any) -> Updates:
            return self._turn(request, by, shown, choice, *texts)

        return turn

    @told
    def _typed(self, request: gr.Request, shown: str, part: int, words: str | None) -> Updates:
        return self._answer(request, shown, f".{part}", words or "")

    @told
    def _turn(self, request: gr.Request, by: int, shown: str, choice: str | None, *texts: Any) -> Updates:
        return self._go(request, shown, choice, texts, place_of(shown).number + by)

    @told
    def jump(self, request: gr.Request, event: gr.EventData, shown: str, choice: str | None, *texts: Any) -> Updates:
        """To a number of the palette."""
        number, _ = picked(event)
        to = int(number) if number.isascii() and number.isdecimal() and len(number) < 4 else place_of(shown).number
        return self._go(request, shown, choice, texts, to)

    @told
    def later(self, request: gr.Request, shown: str, choice: str | None, *texts: Any) -> Updates:
        """Mark for later, or no longer."""
        owner, place = owner_of(request), place_of(shown)
        flushed(self._exams, owner, _window(request), place, choice, texts)
        exam = self._exams.toggle(owner, place.exam, place.number)
        return self.room.desk.question_of(exam, place.number)

    @told
    def tick(self, request: gr.Request, shown: str, choice: str | None, *others: Any) -> Updates:
        """Every few seconds: the time is written down, what another window or the clock has changed is shown."""
        owner, (*texts, report) = owner_of(request), others
        if report:
            return self.reading.followed(owner, report)
        if not shown:
            return {self.room.timer: gr.Timer(active=False)}
        place = place_of(shown)
        exam, changed = flushed(self._exams, owner, _window(request), place, choice, texts)
        if exam.state == ABANDONED:
            return self.whole(owner, self._exams.unfinished(owner), _GIVEN_UP)
        if not exam.unfinished:
            self._marker.ensure(owner, exam.id)
            return self.reading.report(owner, exam.id, _TIME_OVER if exam.timing.over_at(self.reading.now()) else "")
        if exam.state != RUNNING:
            asking = (self.room.finish_yes, self.room.abandon_yes)  # may just be waiting for their answer
            return {part: update for part, update in self.whole(owner, exam).items() if part not in asking}
        exam = self._exams.beat(owner, place.exam)
        if changed:
            return self.room.desk.question_of(exam, place.number, _ELSEWHERE)
        around = self.room.desk.around(exam, place.number)
        around.pop(self.room.desk.message)
        if exam.is_answered(place.number):  # what stands on the screen has just been written down, or was
            around |= self.room.desk.kept(exam, place.number)
        return self.room.seen("desk") | around

    def whole(self, owner: str, exam: Exam | None, message: str = "") -> Updates:
        """The view that belongs to what the learner has: the desk, the break, or the lobby."""
        room = self.room
        first = {
            room.message: message_html(message), room.report: "", room.desk.confirm: gr.update(visible=False),
            room.finish_yes: gr.update(visible=False), room.abandon_yes: gr.update(visible=False),
        }  # fmt: skip
        if exam is None or not exam.unfinished:
            return first | self.reading.lobby(owner)
        if exam.state == RUNNING:
            shown = room.desk.question_of(exam, exam.sheet.current)
            return first | room.seen("desk") | shown | {room.timer: gr.Timer(active=True)}
        return first | room.seen("break") | self._break(exam)

    def _break(self, exam: Exam) -> Updates:
        """Nothing of the question is sent to the browser while the time stands still."""
        done = len(exam.paper.numbers) - len(exam.unanswered)
        words = exam.sheet.told or "已暂停，时间停住，题目隐藏。"
        left = clock_face(exam.timing.left_at(self.reading.now()))
        return {
            self.room.break_told: message_html(f"{words}（{exam.title}：已答 {done} / {len(exam.paper.numbers)}，还剩 {left}）"),
            self.room.desk.question: "", self.room.desk.choice: gr.update(choices=[*LETTERS], value=None), self.room.desk.unused: "",
            **{box: gr.update(value="", visible=False) for box in self.room.desk.boxes},
            self.room.desk.shown: str(Place(exam.id, exam.sheet.current, exam.version)), self.room.timer: gr.Timer(active=True),
        }  # fmt: skip

    def _begin(self, owner: str, name: str, draw: Callable[[Bank], ExamPaper]) -> Updates:
        if exam := self._exams.unfinished(owner):  # another window has begun it
            return self.whole(owner, exam, _STILL_ONE)
        numbers = (exam.title.removeprefix(f"{name} ") for exam in self._exams.all(owner))
        number = 1 + max((int(one) for one in numbers if one.isdecimal()), default=0)
        return self.whole(owner, self._exams.start(owner, f"{name} {number}", draw(self._bank(owner))))

    def _bank(self, owner: str) -> Bank:
        seen = {attempt.question for attempt in self.reading.attempts.of(owner)}
        seen |= {problem.id for exam in self._exams.all(owner) for problem in exam.paper.problems}
        return Bank(every_question(), every_problem(), list(families().values()), seen)

    def _hand_in(self, owner: str, identifier: str) -> Updates:
        self._exams.hand_in(owner, identifier)
        self._marker.ensure(owner, identifier)
        return self.reading.report(owner, identifier)

    def _answer(self, request: gr.Request, shown: str, part: str, value: str) -> Updates:
        owner, place = owner_of(request), place_of(shown)
        field = f"{place.number}{part}"
        exam = self._exams.answer(owner, place.exam, field, value, _window(request), place.version)
        if exam.sheet.value(field) != value:
            return self.room.desk.question_of(exam, place.number, _NOT_TAKEN)
        return self.room.desk.kept(exam, place.number) | {self.room.message: ""}

    def _go(self, request: gr.Request, shown: str, choice: str | None, texts: Any, to: int) -> Updates:
        owner, place = owner_of(request), place_of(shown)
        flushed(self._exams, owner, _window(request), place, choice, texts)
        exam = self._exams.turn_to(owner, place.exam, to)
        if exam.state != RUNNING:
            return self.whole(owner, exam)
        return self.room.desk.question_of(exam, exam.sheet.current) | {self.room.message: ""}


def _window(request: gr.Request) -> str:
    """Which window of a browser sends this: a reload makes a new one."""
    return str(request.session_hash or "")
