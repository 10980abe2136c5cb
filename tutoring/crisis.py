"""Words of a student who may be in danger, and what is said first then: where help is to be had at once.

Decided by words alone, before any chat model is asked and whatever it would say. Missing one is worse than a false alarm; so the
words count wherever they stand, but for turns of speech and terms that only look like them (死锁, 杀死进程, 跳楼价).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

from rag.conversation import Session
from rag.events import Answer, Event
from rag.tutor import Tutor
from tutoring.crisis_words import DESPAIR, DESPAIR_ENGLISH, HARMLESS, HARMLESS_ENGLISH
from tutoring.mode import said

__all__ = ["HELP_LINES", "REMINDER", "crisis_before", "crisis_in", "crisis_words", "with_help"]

HELP_LINES = """**先把最要紧的告诉你：你不用一个人扛，现在就可以找到人帮你。**

- 全国统一心理援助热线 **12356**
- 青少年服务热线 **12355**
- 已经受伤、服药，或身边有马上的危险：急救 **120**，报警 **110**
- 现在就联系一个能到你身边的人：家人、朋友、室友、辅导员，或学校心理中心；请他陪着你，先不要独处，离开高处和危险的东西。"""
"""Public numbers of the mainland: 12356 is the national line for psychological help since 2025, 12355 that of the Youth League."""

_CARE = "谢谢你把这些说出来，这很不容易。题目和考试都可以先放一放。现在你是安全的吗？身边有没有人可以陪着你？"

_CARE_FOR_ANOTHER = (
    "如果有危险的是你身边的人：先陪着他，不要让他独处，把能伤人的东西拿远；可以直接问他是不是想到了死，问出来不会害了他；"
    "不要答应替他保密，马上告诉辅导员和他的家人。你自己的安全和感受也一样重要，这些电话你也可以打。"
)
_ANOTHER = re.compile(
    r"(?<![让把给])(?:室友|舍友|同学|朋友|闺蜜|兄弟|学[长姐弟妹]|师[兄姐弟妹]|男友|女友|对象|弟弟|妹妹|哥哥|姐姐|爸|妈|父亲|母亲|家人|有人|别人|网友|他|她)"
    r"[^我。！？\n]{0,12}(?:死|自杀|轻生|不想活|自残|自伤|割腕|跳楼|跳下|了结|遗书|活着)"
)

REMINDER = "如果那些念头又来了：随时可以打 12356（心理援助）或 12355，紧急时打 120、110，也请告诉身边的一个人。"
"""In the turns after."""

_SIMPLIFIED = str.maketrans(
    "殺體傷別結脫無義遺書離開這個樓腕藥燒過還沒來對誰請爛", "杀体伤别结脱无义遗书离开这个楼腕药烧过还没来对谁请烂"
)
_BETWEEN = re.compile(r"[^0-9a-z\u3400-\u9fff，。！？；,!?;\n]+")
"""What stands between characters: blanks, dots and invisible characters inside 自 杀 or 自·杀."""
_DESPAIR, _HARMLESS = re.compile("|".join(DESPAIR)), re.compile("|".join(HARMLESS))
_ENGLISH, _HARMLESS_ENGLISH = re.compile("|".join(DESPAIR_ENGLISH)), re.compile("|".join(HARMLESS_ENGLISH))


def crisis_in(text: str) -> bool:
    """Whether a message speaks of suicide, self-harm or hurting others, in plain words, in euphemisms or spelled apart."""
    plain = unicodedata.normalize("NFKC", text).lower().translate(_SIMPLIFIED)
    if _ENGLISH.search(_HARMLESS_ENGLISH.sub(" ", " ".join(plain.split()))):
        return True
    return bool(_DESPAIR.search(_HARMLESS.sub("，", _BETWEEN.sub("", plain))))


def crisis_before(session: Session) -> bool:
    """Whether an earlier message of the conversation did, in whatever mode."""
    return any(crisis_in(turn.question) for turn in session.turns)


def crisis_words(text: str) -> str:
    """What is said to a message in crisis: the help lines first, and what to do for another one if it speaks of another."""
    another = f"\n\n{_CARE_FOR_ANOTHER}" if _ANOTHER.search(text) else ""
    return f"{HELP_LINES}{another}\n\n{_CARE}"


def with_help(text: str, session: Session, tutor: Tutor, events: Iterator[Event]) -> Iterator[Event]:
    """What a mode answers (`events`), but to a message in crisis the help lines in its place, and a reminder in all later turns.

    Nobody in danger wants to be told that his answer is no letter; so the mode is not asked at all, and finds what it has
    noted as it was at the next turn.
    """
    if crisis_in(text):
        yield from said(crisis_words(text), tutor, label="", memory=session.memory)
        return
    reminder = REMINDER if crisis_before(session) else ""
    for event in events:
        if reminder and isinstance(event, Answer):
            event = replace(event, notice="\n\n".join(filter(None, (event.notice, reminder))))
        yield event
