"""苏格拉底式引导: asks before it tells. A ladder of three hints; the key stands on the last one and nowhere before."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from pydantic import BaseModel, ValidationError

from errors import ChatModelError
from knowledge.syllabus import points
from rag.conversation import Session
from rag.events import Answer, Event, Token
from rag.fence import fenced_text
from rag.marks import disarm, find_marks
from rag.prompts_modes import EXPLAIN_RULES, SOCRATIC_AGAIN, SOCRATIC_ROLE, SOCRATIC_TASKS, SOCRATIC_TURN
from rag.tutor import Task, Tutor
from tutoring.exercise import Exercise, exercise_of, named_topic
from tutoring.ladder import RUNGS, Hint, hint, solution
from tutoring.leaks import ChoiceKey, OpenKey, SomeChoice
from tutoring.mode import Mode, said
from tutoring.replies import Reply, asks_for_any, brings_nothing, chosen, is_small_talk, only_asks_why, reply_of

__all__ = ["SocraticForm", "SocraticMode"]

_RIGHT, _PARTLY = 0.6, 0.25
"""Shares of the reference answer's terms in an open answer."""
_REMEMBERED = 40  # bank questions that a topic does not bring again
_COMPOSED = "题库与资料（不用语言模型）"
_ASK_FOR_ONE = (
    "把想弄懂的题目发给我：可以粘贴一道选择题，也可以直接问一个问题，或者只说一个考点（例如“死锁”），我来一步步问你。"
    "\n\n我会先问、再提示，三次提示之后才给出答案。"
)
_UNKNOWN = "题库、大纲和资料里都没有找到与它有关的内容，没法一步步引导。换个说法，或把完整的题目（连同选项）粘贴过来；也可以先添加相关的课程资料。"


_CLOSED = "这道题已经讲完了。要再练一道同一考点的题，回复“下一题”；哪里没懂就问“为什么”；也可以发新的题目或考点。"
_NOT_YET = "那就说说看：你的答案是什么，理由呢？说错也没关系；要提示就说“提示”。"
_ANOTHER = ("下一", "换一", "换个", "再来一", "另一", "来一道", "新题", "新的")
"""Asking for another question without naming one."""


class SocraticForm(BaseModel):
    """How far the student is: the rung of the ladder (0 to `rungs`), the point of the syllabus, and whether it is solved."""

    rung: int
    rungs: int
    point: str
    solved: bool


class _Memory(BaseModel):
    """What is noted between turns: the exercise as it was brought, the rung, letters tried in vain, what was said right.

    `topic` is the id of the point that the student named, `done` the bank questions that it has brought so far.
    """

    text: str
    rung: int = 0
    solved: bool = False
    wrong: list[str] = []
    right: str = ""
    done: list[str] = []
    topic: str = ""


@dataclass(frozen=True)
class SocraticMode(Mode):
    """Guides through one question at a time."""

    form: ClassVar[type[BaseModel] | None] = SocraticForm

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        memory = _read(session.memory)
        exercise = exercise_of(memory.text, session.subject, tutor, memory.done) if memory else None
        if exercise and memory and memory.topic in points():
            exercise = replace(exercise, point=points()[memory.topic])
        if memory is None or exercise is None:
            yield from self._begin(text, session, tutor, [])
            return
        options = exercise.key.options if isinstance(exercise.key, ChoiceKey | SomeChoice) else {}
        reply = reply_of(text, memory.text, options)
        over = memory.solved or memory.rung >= RUNGS
        if over and (is_small_talk(text) or chosen(text, options)):
            yield from said(
                _CLOSED, tutor, exercise.subject, _COMPOSED, data=_data(exercise, memory), memory=dict(session.memory)
            )
            return
        if not over and is_small_talk(text):
            yield from said(
                _NOT_YET, tutor, exercise.subject, _COMPOSED, data=_data(exercise, memory), memory=dict(session.memory)
            )
            return
        again = reply in (Reply.DEMAND, Reply.STUCK) or only_asks_why(text)
        if reply is Reply.NEW or (over and not again):
            topic = exercise.point.name if exercise.point and (_wants_another(text) or asks_for_any(text)) else text
            yield from self._begin(topic, session, tutor, memory.done)
        elif over:
            yield from _answer(exercise, memory, solution(exercise), tutor)
        else:
            yield from _turn(text, reply, exercise, memory, session, tutor)

    def _begin(self, text: str, session: Session, tutor: Tutor, done: Sequence[str]) -> Iterator[Event]:
        empty = _wants_another(text) or asks_for_any(text) or brings_nothing(text)
        exercise = None if empty else exercise_of(text, session.subject, tutor, done)
        if exercise is None:
            words = _ASK_FOR_ONE if empty or len(text) < 4 and not named_topic(text) else _UNKNOWN
            yield from said(words, tutor, label=_COMPOSED, memory=dict(session.memory))
            return
        brought = exercise.question.id if exercise.question and exercise.shown else text
        finished = [*done, exercise.question.id] if exercise.question else list(done)
        topic = exercise.point.id if exercise.point and exercise.shown else ""
        memory = _Memory(text=brought, done=finished[-_REMEMBERED:], topic=topic)
        shown = f"{exercise.shown}\n\n" if exercise.shown else ""
        yield from _hinted(text, "学生刚刚带来这道题。", exercise, memory, session, tutor, lead=shown)


def _turn(text: str, reply: Reply, exercise: Exercise, memory: _Memory, session: Session, tutor: Tutor) -> Iterator[Event]:
    """One step of the student: solved, or one rung down with a word on what he said."""
    state, lead, solved = "", "", False
    key = exercise.key
    if reply is Reply.ANSWER and isinstance(key, OpenKey):
        memory = memory.model_copy(update={"right": f"{memory.right} {text}"})
        solved, lead, state = _judged_open(key, memory.right)
    elif reply is Reply.ANSWER and isinstance(key, ChoiceKey):
        letter = chosen(text, key.options)
        solved = letter == key.key
        lead, state = _judged_choice(exercise, key, letter)
        memory = memory.model_copy(update={"wrong": sorted({*memory.wrong, *filter(None, [letter])})})
    elif reply is Reply.ANSWER:
        lead = "这道题不在题库里，我没有核对过的答案，不能说你对不对；先把理由理清楚。"
        state = "题库里没有这道题，不能判断学生的选择对不对。"
    elif reply is Reply.DEMAND:
        lead = "我知道你着急。再给自己一次机会，看完这一步提示多半就能自己答出来。" if memory.rung < RUNGS - 1 else ""
        state = "学生着急，想直接要答案。"
    else:
        state = "学生没有思路，要提示。"
    if solved:
        done = memory.model_copy(update={"solved": True})
        yield from _answer(exercise, done, solution(exercise), tutor, f"{lead}\n\n")
        return
    down = memory.model_copy(update={"rung": memory.rung + 1})
    if down.rung >= RUNGS:
        yield from _solved_for_him(exercise, down, session, tutor, lead)
    else:
        lead = f"{lead}\n\n" if lead else ""
        yield from _hinted(text, state, exercise, down, session, tutor, f"{lead}**提示 {down.rung}/{RUNGS}**　")


def _judged_open(key: OpenKey, spoken: str) -> tuple[bool, str, str]:
    share, named = key.answered(spoken), "、".join(key.spoken(spoken))
    if key.terms and share >= _RIGHT:
        return True, f"对，关键的几点你都说到了：{named}。", ""
    if share >= _PARTLY:
        missing = len(key.terms) - len(key.spoken(spoken))
        return False, f"说对了一部分（{named}），还有 {missing} 个关键词没有说到。", f"学生说对了：{named}；还不完整。"
    return (
        False,
        "按资料里的关键词核对，还没有对上；也可能只是换了说法，看看下面的提示再说一次。" if key.terms else "",
        "学生的回答没有说到要点。",
    )


def _judged_choice(exercise: Exercise, key: ChoiceKey, letter: str) -> tuple[str, str]:
    if letter == key.key:
        return f"对，就是 {letter}。", ""
    if not letter:
        return "先别急着下结论，想到的思路很有用。请最后给我一个选项字母。", "学生说了想法，没有选出一项。"
    reason = exercise.solution.wrong.get(letter, "") if exercise.solution else ""
    why = f"{reason}" if reason and not key.in_(f"{letter}项{reason}") else "再看看它和题目的条件哪里对不上。"
    return f"{letter} 项不对。{why}", f"学生选了 {letter}，不对。"


def _hinted(
    text: str, state: str, exercise: Exercise, memory: _Memory, session: Session, tutor: Tutor, lead: str = ""
) -> Iterator[Event]:
    """A rung before the last: in the words of the model if they give nothing away, else as it is composed."""
    composed = hint(exercise, memory.rung, memory.wrong)
    spoken, notice = ("", "")
    if tutor.speaker.generative:
        spoken, notice = yield from _spoken(text, state, exercise, memory, composed, tutor)
    shown = replace(composed, text=f"{spoken}\n\n{_place_only(composed)}".strip()) if spoken else composed
    yield from _answer(exercise, memory, shown, tutor, lead, tutor.label if spoken else _COMPOSED, notice)


def _spoken(
    text: str, state: str, exercise: Exercise, memory: _Memory, composed: Hint, tutor: Tutor
) -> Generator[Token, None, tuple[str, str]]:
    """The model's words for a rung, whole and checked, and a notice; '' where it gives the key away or asks nothing twice, or failed.

    The key is in no prompt; what the model knows by itself is caught here, before anybody sees it.
    """
    key = replace(exercise.key, said=memory.right) if isinstance(exercise.key, OpenKey) else exercise.key
    message = SOCRATIC_TURN.format(
        question=fenced_text("question", exercise.shown or exercise.text),
        student=fenced_text("student", text), state=state, material=fenced_text("material", composed.text),
        task=SOCRATIC_TASKS[memory.rung],
    )  # fmt: skip
    try:
        for prompt in (message, SOCRATIC_AGAIN.format(message=message)):
            reply = yield from tutor.speaker.say(SOCRATIC_ROLE, prompt)
            if _asks(reply) and not key.in_(reply):
                return reply, ""
    except ChatModelError as error:
        if tutor.speaker.spare is None:
            raise
        return "", f"{tutor.speaker.label} 没有答完（{error}）这一步由程序给出。"
    return "", ""


def _asks(reply: str) -> bool:
    """Whether a reply is a question in Chinese, as a rung must be; a model that says something else has not done its part."""
    return bool(re.search("[？?]", reply) and re.search("[\u3400-\u9fff]", reply))


def _solved_for_him(exercise: Exercise, memory: _Memory, session: Session, tutor: Tutor, lead: str) -> Iterator[Event]:
    """The last rung. Where nobody but a model can solve the question, it does, from the documents."""
    lead = f"{lead}\n\n**提示 {RUNGS}/{RUNGS}：答案与解析**\n\n".lstrip()
    if not (tutor.speaker.generative and isinstance(exercise.key, SomeChoice)):
        yield from _answer(exercise, memory, solution(exercise), tutor, lead)
        return
    alone = Session(session.subject, session.mode, session.switches)
    for event in tutor.reply(exercise.text, alone, Task(rules=EXPLAIN_RULES)):
        if isinstance(event, Answer):
            notice = "\n\n".join(filter(None, (event.notice, "这道题不在题库里，以上由语言模型作答，请自行核对。")))
            event = replace(event, notice=notice, data=_data(exercise, memory), memory=memory.model_dump(mode="json"))
        yield event


def _answer(
    exercise: Exercise, memory: _Memory, shown: Hint, tutor: Tutor, lead: str = "", label: str = _COMPOSED, notice: str = ""
) -> Iterator[Event]:
    over = memory.solved or memory.rung >= RUNGS
    text = disarm(lead) + shown.text + ("\n\n要再练一道同一考点的题，回复“下一题”。" if over and exercise.question else "")
    marks = (0,) * len(find_marks(text)) if shown.citations else ()
    yield from said(
        text, tutor, exercise.subject, label, citations=shown.citations, marks=marks, notice=notice,
        data=_data(exercise, memory), memory=memory.model_dump(mode="json"),
    )  # fmt: skip


def _data(exercise: Exercise, memory: _Memory) -> dict[str, Any]:
    point = exercise.point.name if exercise.point else ""
    if not (memory.solved or memory.rung >= RUNGS) and (exercise.key.in_(point) or "____" in exercise.key.hidden(point)):
        point = ""
    return SocraticForm(rung=memory.rung, rungs=RUNGS, point=point, solved=memory.solved).model_dump(mode="json")


def _place_only(composed: Hint) -> str:
    return f"（可以读 {composed.citations[0].source.rsplit('/', 1)[-1]}[1]）" if composed.citations else ""


def _wants_another(text: str) -> bool:
    return reply_of(text, "", {}) is Reply.NEW and len(text) <= 12 and any(word in text for word in _ANOTHER)


def _read(memory: Mapping[str, Any]) -> _Memory | None:
    """The notes of the turn before; None if there are none or another mode wrote them."""
    try:
        return _Memory.model_validate(dict(memory)) if memory else None
    except ValidationError:
        return None
