"""情感支持: listens, says back what it heard, asks one open question, and offers one small thing to do."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import BaseModel

from errors import ChatModelError
from rag.conversation import Session, history
from rag.events import Event, Token
from rag.fence import fenced_text
from rag.prompts_modes import SUPPORT_ROLE
from rag.sentences import sentences
from rag.tutor import Tutor
from tutoring.comfort import ANYTHING, Worry, worries_in
from tutoring.crisis import REMINDER, crisis_before, crisis_in, crisis_words
from tutoring.mode import Mode, said
from vector_db.segmentation import dictionary, words

__all__ = ["SupportForm", "SupportMode", "without_diagnosis"]

_ILLNESS = r"(?:抑郁|焦虑症|躁郁|双相|精神分裂|精神病|人格障碍|强迫症|创伤后|应激障碍|神经症|神经衰弱|失眠症|进食障碍|厌食症|暴食症|恐惧症|恐慌症|惊恐障碍|多动症|adhd|ptsd|depress\w*|bipolar|心理疾病|精神疾病|心理障碍|情绪障碍|睡眠障碍)"
_DIAGNOSIS = re.compile(
    rf"(?:你|您)[^。！？\n]{{0,16}}(?:患|得了?|有|是|属于|符合|确诊|诊断|像|陷入)[^。！？\n]{{0,14}}{_ILLNESS}|(?:确诊|诊断|初步判断|典型的?|症状)[^。！？\n]{{0,14}}{_ILLNESS}"
    rf"|{_ILLNESS}[^。！？\n]{{0,10}}(?:症状|表现|患者|倾向|确诊|诊断)|\byou (?:have|are|suffer)[^.!?\n]{{0,24}}{_ILLNESS}|(?:服用|吃点?|开点?)[^。！？\n]{{0,6}}(?:药|百忧解|安定|褪黑素|舍曲林)",
    re.IGNORECASE,
)
"""Sentences that say what illness somebody has, or what to take for it: not for a program to say."""
_CLAUSE = re.compile(r"[^，。！？!?；;,\n…~～]+")
_MIRROR = str.maketrans({"我": "你"})
_LONGEST_ECHO = 36
_TURNS = 6  # that the model is shown
_GREETING = re.compile(r"\s*(?:你好|您好|嗨|哈喽|hi|hello|在吗|有人吗|早上好|晚上好)[\s啊呀～~！!。？?]*", re.IGNORECASE)
_THANKS = re.compile(r"\W*(?:好的?|嗯+|非常|太)?\W*(?:谢谢|感谢|多谢|thanks|thank you)(?:你|您|了|啦|老师)*\W*", re.IGNORECASE)
_ASKS = re.compile(r"讲讲|讲一讲|讲解|解释|什么|怎么|怎样|如何|为什么|区别|多少|是啥|哪[个些]|[？?]")
_COMPOSED = "预先写好的话（不用语言模型）"


class SupportForm(BaseModel):
    """What was answered: the worries that were heard, the open question, the small step, and whether help lines were given."""

    worries: list[str]
    question: str
    step: str
    crisis: bool


@dataclass(frozen=True)
class SupportMode(Mode):
    """Supportive listening. In a crisis the help lines come first, and the words after them are not left to a chat model."""

    form: ClassVar[type[BaseModel] | None] = SupportForm
    cares: ClassVar[bool] = True

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        told = _told(session.memory)
        worry = next(iter(worries_in(text)), ANYTHING)
        question, step = _turn(worry.questions, told, worry), _turn(worry.steps, told, worry)
        if crisis_in(text):
            answer, label, notice = crisis_words(text), _COMPOSED, ""
            question, step = "现在你身边有没有人可以陪着你？", "给一个能到你身边的人打电话，或现在就拨 12356。"
        else:
            own = f"{_opening(text, worry, told)}\n\n{question}\n\n**一件小事**：{step}"
            if light := _light(text, worry):
                own, question, step = light, "", ""
            answer, label, notice = yield from _spoken(text, session, tutor, own)
            if crisis_before(session):
                answer = f"{REMINDER}\n\n{answer}"
        data = SupportForm(worries=[w.name for w in worries_in(text)], question=question, step=step, crisis=crisis_in(text))
        memory = {"told": told | {worry.id: told.get(worry.id, 0) + 1}}
        yield from said(answer, tutor, label=label, notice=notice, data=data.model_dump(mode="json"), memory=memory)


def without_diagnosis(text: str) -> str:
    """A reply without the sentences that diagnose or prescribe."""
    kept, end = "", 0
    for start, stop in sentences(text):
        if not _DIAGNOSIS.search(text[start:stop]):
            kept += text[end:stop]
        end = stop
    return kept.strip()


def _spoken(text: str, session: Session, tutor: Tutor, own: str) -> Generator[Token, None, tuple[str, str, str]]:
    """The answer, who gave it, and a notice: a chat model's words, checked; `own` where there is no model or nothing is left."""
    if not tutor.speaker.generative:
        return own, _COMPOSED, ""
    messages = [SystemMessage(SUPPORT_ROLE), *history(session.turns[-_TURNS:]), HumanMessage(fenced_text("student", text))]
    try:
        reply = without_diagnosis((yield from tutor.speaker.whole(messages)))
    except ChatModelError as error:
        if tutor.speaker.spare is None:
            raise
        return own, _COMPOSED, f"{tutor.speaker.label} 没有答完（{error}）以上是事先写好的话。"
    return (reply, tutor.label, "") if reply else (own, _COMPOSED, "")


def _light(text: str, worry: Worry) -> str:
    """What is said to thanks, and to a question of study; '' to all else."""
    if _THANKS.fullmatch(text):
        return "不客气，愿意说出来的是你自己。想说的时候随时再来，我在。"
    if worry is ANYTHING and _ASKS.search(text) and any(word in dictionary() for word in words(text)):
        return "这像是一个学习上的问题。这里是听你说心事的地方，不查资料；换到“答疑”或“讲题”再问一次，会从资料里找答案。"
    return ""


def _opening(text: str, worry: Worry, told: Mapping[str, int]) -> str:
    if _GREETING.fullmatch(text):
        return "你好，我在。这里可以慢慢说，不评判，也不赶时间。"
    return _echo(text, worry) + _turn(worry.reflections, told, worry)


def _echo(text: str, worry: Worry) -> str:
    """The student's own clause that told what it is, said back to him; '' if it is too long, asks, speaks to the listener, or is English."""
    clauses = [clause.strip() for clause in _CLAUSE.findall(text) if worry.words.search(clause)]
    clause = next((c for c in clauses if len(c) <= _LONGEST_ECHO), "")
    if (
        len(clause) < 3
        or worry is ANYTHING
        or re.search(r"[你您]|怎么办|是不是|要不要|什么|吗$|^(?:怎么|如何|为什么)|^[ -~]+$", clause)
    ):
        return ""
    return f"你说，{clause.translate(_MIRROR)}。"


def _turn(choices: tuple[str, ...], told: Mapping[str, int], worry: Worry) -> str:
    return choices[told.get(worry.id, 0) % len(choices)]


def _told(memory: Mapping[str, Any]) -> dict[str, int]:
    """How often each worry has been answered in this conversation."""
    told = memory.get("told", {})
    return {str(k): v for k, v in told.items() if isinstance(v, int)} if isinstance(told, dict) else {}
