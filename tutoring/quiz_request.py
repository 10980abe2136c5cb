"""What a student wants to be asked: topic, number, difficulty and source, read from a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["MOST_QUESTIONS", "QuizRequest", "number_in", "read_request", "subject_named", "wants_questions"]

MOST_QUESTIONS = 10
_LONGEST = 200
"""Characters of a request that are read; a longer text is none."""
_DEFAULT_COUNT, _DEFAULT_DIFFICULTY = 3, 3
_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九十")} | {"两": 2, "几": 3, "半": 1}
_NUMBER = r"(\d{1,4}|[一二两三四五六七八九十几]{1,3})"
_COUNT = re.compile(
    rf"(?:再|多|先|随机|随便)?\s*(?:出|来|做|给我|考我|练)?\s*{_NUMBER}\s*(?:道|个题|题(?!目)|个(?=选择题|填空题|问题|题目)|条)"
)
_LEVEL = re.compile(r"难度\s*(?:为|是|系数|[：:])?\s*([1-5一二三四五])\s*(?:级|星)?")
_LEVELS = (
    (re.compile(r"(?:最难|很难|非常难|特别难|超难|压轴)的?"), 5),
    (re.compile(r"(?:不要?太难|别太难|不难)的?"), 2),
    (re.compile(r"(?:最简单|入门|最容易)的?"), 1),
    (re.compile(r"(?:简单|容易|基础|简易)(?:一?[点些])?的?"), 2),
    (re.compile(r"(?:中等|适中)(?:难度)?的?"), 3),
    (
        re.compile(
            r"(?:有|有些|有点|要|稍|较|比较|更|加大?|再)?难(?:一?[点些]|度)?(?:大|高)?(?:一?[点些])?的?(?=$|[，,。！!？?\s题道])"
        ),
        4,
    ),
)
_HARDER, _EASIER = re.compile(r"(?:更|再)难|难一?点"), re.compile(r"(?:更|再)(?:简单|容易)|(?:简单|容易)一?点")
_PAGES = re.compile(
    r"(?:请|帮我)?(?:从|用|根据|依据|按照?|就|基于)?\s*(?:(?:我|我们|自己|本人)的?\s*(?:上传|添加)?的?|上传的|添加的|这些|本课程的?)\s*(?:讲义|资料|课件|文档|笔记|教材|书|文件|PDF)(?:里面?|中|上|内容?)?"
    r"|(?:从|用|根据|依据|按照?|基于)\s*(?:讲义|资料|课件|文档|笔记|教材|书|文件|PDF)(?:里面?|中|上|内容?)?",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:从|用|根据|依据|按照?|基于)\s*[《“\"]?(?P<name>[^，。：:]{1,40}?)[》”\"]?\s*(?:里面?|中|上|这份(?:资料|讲义))?\s*(?=(?:再|给我|帮我)?(?:出|考))"
)
_AGAIN = re.compile(r"再\s*(?:来|出|给|做|考|练)|继续(?:出|做|练|来)|下一[道题]|换一[道题组批]|再.{0,4}[道题]")
_ASKING = re.compile(
    r"出.{0,8}题|[一二两三四五六七八九十几\d]\s*道|考考?我|测试?我|练习|刷题|测验|小测|quiz|填空|选择", re.IGNORECASE
)
_FURNITURE = re.compile(
    r"请|麻烦|帮我|帮忙|给我|我想|我要|想要?|关于|有关|针对|围绕|方面|知识点|考点|相关|的?(?:单项|多项)?选择题|的?填空题|的?练习题?|的?小?测验|的?题目?(?!图)|出题|考考?我|测试?我|刷题|quiz"
    r"|^\s*(?:再|先|随便|随机)?\s*(?:出|来|做|练|考)(?!栈|队|度|边|站)(?:一下|一些|点|几)?|难度|一下|吧|呗|呢|谢谢",
    re.IGNORECASE,
)
_EDGES = ' \t\n　，,。.：:；;！!？?、的“”"《》-'
_SUBJECTS = {
    "数据结构": "ds", "ds": "ds", "计算机组成原理": "co", "组成原理": "co", "计组": "co", "机组": "co", "co": "co", "操作系统": "os",
    "os": "os", "计算机网络": "cn", "计网": "cn", "网络": "cn", "cn": "cn",
}  # fmt: skip


@dataclass(frozen=True)
class QuizRequest:
    """A wish for questions.

    Attributes:
        topic: '' for whatever subject.
        count: 1 to `MOST_QUESTIONS`; `wanted` is what was asked for.
        difficulty: 1 to 5.
        pages: whether the questions are to come from the student's own pages.
        again: whether more of the same was asked for.
    """

    topic: str = ""
    count: int = _DEFAULT_COUNT
    difficulty: int = _DEFAULT_DIFFICULTY
    pages: bool = False
    again: bool = False
    wanted: int = _DEFAULT_COUNT

    def to_json(self) -> dict[str, Any]:
        """For a mode's memory."""
        return asdict(self)


def read_request(text: str, last: Mapping[str, Any] | None = None) -> QuizRequest:
    """The request of a text; what it leaves out is as in the `last` one, if it asks for more of the same."""
    text = text[:_LONGEST]
    before = QuizRequest(**last) if last else None
    again = bool(_AGAIN.search(text)) and before is not None
    wanted = number_in(text) or (1 if again else _DEFAULT_COUNT)
    pages, rest = _source(text)
    topic = _topic(rest)
    same = before is not None and not pages and (again or not topic)
    level = _level(text, before.difficulty if before and same else None)
    if before and same:
        topic, pages = topic or before.topic, not topic and before.pages
    return QuizRequest(topic, min(max(wanted, 1), MOST_QUESTIONS), level, pages, again, wanted)


def wants_questions(text: str) -> bool:
    """Whether a text asks for questions rather than answers one."""
    return bool(_ASKING.search(text[:_LONGEST]) or _AGAIN.search(text[:_LONGEST]))


def number_in(text: str) -> int:
    """How many questions a text asks for; 0 if it does not say."""
    match = _COUNT.search(text[:_LONGEST])
    return _number(match[1]) if match else 0


def subject_named(topic: str) -> str | None:
    """The subject whose whole is the topic, if it is one."""
    return _SUBJECTS.get(topic.strip().lower())


def _number(digits: str) -> int:
    if digits.isdigit():
        return int(digits)
    tens, _, ones = digits.partition("十")
    if "十" in digits:
        return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
    return _DIGITS.get(digits[0], 0)


def _level(text: str, before: int | None) -> int:
    if match := _LEVEL.search(text):
        return _number(match[1])
    if before is not None and _EASIER.search(text):
        return max(before - 1, 1)
    if before is not None and _HARDER.search(text):
        return min(before + 1, 5)
    return next((level for words, level in _LEVELS if words.search(text)), before or _DEFAULT_DIFFICULTY)


def _source(text: str) -> tuple[bool, str]:
    """Whether pages are wanted, and the text without the words that say so; the name of a document stays as the topic."""
    if _PAGES.search(text):
        return True, _PAGES.sub(" ", text, count=1)
    if match := _NAMED.search(text):
        rest = text[: match.start()] + " " + text[match.end() :]
        return True, rest if _topic(rest) else match["name"]
    return False, text


def _topic(text: str) -> str:
    for words in (_AGAIN, _COUNT, _LEVEL, *(words for words, _ in _LEVELS)):
        text = words.sub(" ", text)
    text = _FURNITURE.sub(" ", text)
    text = _FURNITURE.sub(" ", text.strip(_EDGES))
    topic = " ".join(text.split()).strip(_EDGES)
    return "" if topic.lower() in ("408", "随便", "随机", "都行", "任意", "综合") else topic
