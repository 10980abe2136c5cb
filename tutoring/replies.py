"""What a student says under guidance: an answer, a call for help, impatience, or something new. Parsed, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import Enum

from knowledge.quotes import squeezed
from rag.stems import split_options
from tutoring.bank import find_question
from vector_db.segmentation import dictionary, words

__all__ = ["Reply", "asks_for_any", "brings_nothing", "chosen", "is_small_talk", "only_asks_why", "reply_of"]

_NEW = re.compile(r"^(?:下一[题个道]|换一?[题个道]|再来一[题个道]|新(?:的)?(?:一)?(?:题|问题)|另一[题个道]|来一道|next)")
_DEMAND = re.compile(
    r"直接(?:说|告诉|给|讲|公布)|告诉我(?:答案|选|正确|结果)|(?:给|要|看|公布|揭晓|说出?)(?:我|一下|正确|最终|最后)*(?:的)?答案|答案(?:是|到底)?(?:什么|多少|哪个|呢)|(?:到底|究竟|应该|该)(?:是|选)(?:什么|哪)|选(?:什么|哪[个项一])|别(?:再)?(?:问|绕|卖关子|废话)|快(?:点)?(?:说|告诉|给)|不想(?:想|猜|做)了?|没(?:时间|耐心)|求答案|懒得想|just tell|the answer|show answer",
    re.IGNORECASE,
)
_STUCK = re.compile(
    r"不会|不知道|不懂|不明白|不清楚|没思路|没头绪|想不(?:出|到|起)|忘了|忘记|提示|hint|help|帮帮|卡住|再(?:讲|说|来|给)|继续|下一步|然后呢|不确定|猜不|放弃|太难|^(?:排除法|这一?道?题|那|我|该|应该|接下来|下一步|第一步|又)*怎么(?:做|算|想|下手|开始|选)|\?{2,}|^[?？。…嗯啊哦唔]+$|idk|don'?t know|no idea|give up",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"(?:什么是|是什么|为什么|怎么|怎样|如何|有哪些|哪[几些]|区别)[^。]*[？?]?$")
_CHECKING = re.compile(r"是不是|对吗|对不对|吧[？?]?$|难道|应该是|我(?:觉得|认为|猜|选|想)")
_LETTER = re.compile(r"(?<![A-Za-z0-9])([A-Ga-g])(?![A-Za-z0-9+])")
_DENIED = re.compile(
    r"(?:(?<!是)不是|不选|不该选|排除|划掉|去掉|除了)\s*[A-Ga-g、，,和\s]+|[A-Ga-g]\s*项?(?:肯定|一定|应该)?(?:不对|错|不是|不行|排除)"
)
_SMALL_TALK = re.compile(
    r"\W*(?:(?:好的?|嗯+|哦+|噢|ok|okay|行|收到|谢谢|多谢|感谢|thanks?|(?:我|都|终于|原来)?(?:懂|明白|知道|会|清楚)|原来如此|学会|你好|您好|嗨|哈喽|hi|hello|在吗|老师|再见|拜拜|厉害)(?:了|啦|你|您|啊|呀|吧|的|老师)*\W*)+",
    re.IGNORECASE,
)
_WHY = re.compile(
    r"\W*(?:这|那|这个|答案|到底|还是|我)*(?:为什么|为啥|怎么来|怎么得|怎么回事|没懂|不懂|没看懂|看不懂|不明白|没明白|再讲|再说|解析|哪里错)[^A-Za-z]{0,4}\W*"
)
_ANY = re.compile(
    r"\W*(?:请|帮我|给我?|来|出|发|换|再|随便|想要?|我)*(?:几|一|两|三)?[道个]?(?:选择|练习|新)?题目?(?:做|练|吧|呗|给我|看看)*\W*"
)
_ONE_LETTER = re.compile(r"\W*(?:我?选|我?觉得是?|答案是?|是不是|是)?\s*[A-Ga-g]\s*(?:项|吗|吧|对吗)?\W*")
_MOST_ANSWER = 30
"""Characters around a single letter: in a longer text it may be the name of a process."""


class Reply(Enum):
    """What a message is."""

    NEW = "new"
    DEMAND = "demand"
    STUCK = "stuck"
    ANSWER = "answer"


def reply_of(text: str, current: str, options: Mapping[str, str]) -> Reply:
    """What a message is while a question is being worked on.

    Args:
        current: the question as it was brought, or its id.
        options: of the question; {} of an open one.
    """
    found, asked = find_question(text), find_question(current)
    if _NEW.match(text.strip()) or split_options(text)[1] or (found and found != asked):
        return Reply.NEW
    if options and chosen(text, options):
        return Reply.ANSWER
    if _DEMAND.search(text):
        return Reply.DEMAND
    if _STUCK.search(text) and len(text) <= 2 * _MOST_ANSWER:
        return Reply.STUCK
    if _QUESTION.search(text.strip()) and not _CHECKING.search(text) and len(text) >= 6:
        return Reply.NEW
    return Reply.ANSWER


def is_small_talk(text: str) -> bool:
    """Whether a message is nothing but a greeting, thanks, or that all is clear."""
    return bool(_SMALL_TALK.fullmatch(text))


def brings_nothing(text: str) -> bool:
    """Whether a message holds neither a question nor a topic: small talk, a call for help, or a letter."""
    calls = (
        len(text) <= 12 and bool(_STUCK.search(text) or _DEMAND.search(text)) and not any(w in dictionary() for w in words(text))
    )
    return calls or is_small_talk(text) or only_asks_why(text) or bool(_ONE_LETTER.fullmatch(text))


def only_asks_why(text: str) -> bool:
    """Whether a message asks about what was just said, and names nothing of its own."""
    return bool(_WHY.fullmatch(text))


def asks_for_any(text: str) -> bool:
    """Whether a message asks for a question and does not say on what."""
    return bool(_ANY.fullmatch(text))


def chosen(text: str, options: Mapping[str, str]) -> str:
    """The letter of the one option that a student decides for, by its letter or its words; '' if he names none or several."""
    plain = unicodedata.normalize("NFKC", text)
    said = squeezed(plain)
    by_words = [
        letter
        for letter, option in options.items()
        if squeezed(option) and squeezed(option) == said.strip("。.，,选我觉得是认为应该答案:：")
    ]
    if len(by_words) == 1:
        return by_words[0]
    if len(plain) > _MOST_ANSWER and not re.match(r"\s*(?:选|答案|我选|我觉得)?\s*[A-Ga-g]\b", plain):
        decided = re.findall(
            r"(?:所以|因此|故|应该|我|就|答案|还是)?(?:选择?|答案是?)[:：]?\s*([A-Ga-g])(?![A-Za-z0-9])", _DENIED.sub(" ", plain)
        )
        letters: set[str] = {letter.upper() for letter in decided}
    else:
        letters = {letter.upper() for letter in _LETTER.findall(_DENIED.sub(" ", plain))}
    letters &= set(options)
    if len(letters) == 1:
        return min(letters)
    held = [letter for letter, option in options.items() if len(squeezed(option)) >= 2 and squeezed(option) in said]
    longest = [a for a in held if not any(a != b and squeezed(options[a]) in squeezed(options[b]) for b in held)]
    return longest[0] if len(longest) == 1 and not letters else ""
