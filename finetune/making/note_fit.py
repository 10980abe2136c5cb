"""Whether words of a note answer what was asked: a number where one is asked for, several things where several are."""

from __future__ import annotations

import re

from finetune.making.note_questions import asks_for_all

__all__ = ["fits", "is_plural", "sets_apart", "stands_alone"]

_ELSEWHERE = re.compile(r"结构体[A-Z]|本[节讲章]|上[例述图表]|本例|例中|该例|题目二|(?:上|下)面的")
"""Words for what stands beside the sentence in the note: a student who gets the sentence alone can't know it."""
_TWICE = r"(属于|看|用|取|负责|表示|采用|存放|由|为|是指?|指向|写成|适合|划分|建立|有|在).*[，；].*\1"
_PLURAL = re.compile(rf"{_TWICE}|[、；\n+]|和|与|而|或|及|都|均|分别|分为|并(?![行发联查])")
_APART = re.compile(r"(属于|看|用|取|负责|表示|采用|存放|由|为|是指|指向|写成|适合|划分|建立).*[，；].*\1|而(?!且)")

_LISTED = re.compile(r"[、；\n+]|和|或|及|分别|分为")
_KINDS = re.compile(r"哪[些几]|几种")

_QUANTITY = re.compile(r"多少|几(?=[位次个块根倍字节拍趟层跳轮段级行秒年B])|[等得是于]几|多[大长久高]？?$")
_QUANTITY_BY_RULE = re.compile(r"^(?!.*[等得]于?几).*(?:怎么|怎样|如何|公式|咋)")
_VALUE = re.compile(r"[0-9A-Za-z=×÷]|[零两三四五六七八九十半]|一(?![般样致定直些])|没有|无[穷限]")
_OWN_NUMBER = re.compile(r"(?<![A-Za-z0-9.])\d+(?:\.\d+)?(?![0-9]*(?:BASE|\.))")
_SUM = re.compile(r"怎么[算求]|公式")
_SUMMED = re.compile(r"[=÷×/+≤≥]|等于|除|乘|加|减|求|计算|取|之[和比]|统计|依次|[0-9]")
_ASKS = re.compile(r"怎么|咋|如何|为什么|为啥|哪|什么|啥|多少|几|呢$|谁")
_NAME = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z][A-Z0-9]+|\d{3})(?![A-Za-z0-9])")
_HOW = re.compile(r"怎么(?!回事|说|样|定义|理解|称呼|表示|数|算|叫)|咋(?!回事)|怎样|如何|流程|步骤|几步")
_WHY = re.compile(r"为什么(?!？?$)|为啥|凭什么")
_CAUSE = re.compile(r"因|由于|为了|以便|从而|使|所以|目的|避免|防止|保证|减少|提高|用来|解决")
_DEFINES = re.compile(r"^[^。]*是指[^。]*。$")


def fits(question: str, answer: str) -> bool:
    """Whether an answer is of the kind that the question asks for; what is told of a definition explains no way and no reason."""
    if not stands_alone(answer) or (_HOW.search(question) or _uncaused(question, answer)) and _DEFINES.match(answer):
        return False
    if asks_for_all(question) and not (_LISTED if _KINDS.search(question) else _PLURAL).search(answer):
        return False
    if _SUM.search(question) and not _SUMMED.search(answer) or not _answers_each_part(question, answer):
        return False
    return not _QUANTITY.search(question) or bool(_VALUE.search(answer)) and not _of_other_numbers(question, answer)


def is_plural(answer: str) -> bool:
    """Whether it names more than one thing."""
    return bool(_PLURAL.search(answer))


def sets_apart(answer: str) -> bool:
    """Whether it says one thing of one and another of another."""
    return bool(_APART.search(answer))


def stands_alone(text: str) -> bool:
    """Whether it is understood without the example or the figure that stands beside it in the note."""
    return not _ELSEWHERE.search(text)


def _answers_each_part(question: str, answer: str) -> bool:
    """Whether an answer to two questions at once has room for both, names what each names, and a reason for a why."""
    parts = [part for part in re.split("[，？、]", question) if _ASKS.search(part)]
    if len(parts) < 2:
        return True
    names = {name for part in parts for name in _NAME.findall(part)}
    return (
        len(re.findall("[，；。\n]", answer)) > 1
        and all(name in answer for name in names)
        and (not re.search("为什么|为啥", question) or bool(_CAUSE.search(answer)))
    )


def _uncaused(question: str, answer: str) -> bool:
    return bool(_WHY.search(question)) and not _CAUSE.search(answer)


def _of_other_numbers(question: str, answer: str) -> bool:
    """Whether a question wants its own numbers reckoned, and the answer is the rule alone."""
    own = set(_OWN_NUMBER.findall(question)) - {"408"}
    return bool(own) and not _QUANTITY_BY_RULE.search(question) and not own & set(re.findall(r"\d+(?:\.\d+)?", answer))
