"""Follow-up questions made to stand alone, by rules: the subject matter of an earlier question before them, or exchanged."""

from __future__ import annotations

import re
from functools import cache

from knowledge.subjects import SUBJECTS, terms_of
from rag.stems import CLAUSE_END, core_of, split_options
from vector_db.segmentation import GENERIC_WORDS, STOP_WORDS, normalize, words

__all__ = ["next_context", "standalone"]

_OPENING = re.compile(r"^(?:那么?|然后|还有|如果是?|要是|换成|假如是?|对于)+[，,\s]*")
_ELLIPSIS = re.compile(r"^(?P<topic>[^，。？?；\n]{1,14}?)的?呢[？?。!！]*$")
_INTERROGATIVE = re.compile(r"什么|怎|哪|多少|几|吗|谁|啥|咋|如何|为何|的|是否|不")
_PRONOUN = re.compile(
    r"它们?|(?<![尤极])其(?![他它中余实次])|这(?!门|本书|份|篇)|那[个种些样里]|(?<!应)该(?!不该)|(?<![因如彼在])此(?!外)"
    r"|两者|二者|前者|后者|上述|刚才|\b(?:it|its|they|their)\b"
)
_NUMBERED = re.compile(r"^第?[一二两三四五六七八九十几\d]{1,2}[个种条步项次类点层]?$")
_ASPECTS = GENERIC_WORDS | set(
    "复杂度 时间复杂度 空间复杂度 稳定性 稳定 效率 性能 公式 代码 伪代码 例题 格式 字段 开销 场景 应用 应用场景 功能 性质 结果 思想 原理 "
    "影响 关系 联系 要求 结构 算法 协议 机制 技术 题 题目 时间 空间 平均 最坏 最好 大小 长度 组成 部分 阶段 状态 规则".split()
)
"""What is asked of a thing and is none itself: a question with no other word is about the thing of the question before."""
_FILLERS = set(
    "那么 还有 举 举个 举例 举例子 举例说明 例子 例如 例 个例 详细 点 一点 具体 展开 讲 讲讲 讲解 再 再讲 再说 再来 一遍 一次 一种 继续 然后 接着 说 说说 看 "
    "懂 听懂 没 没懂 不懂 明白 看懂 来 来个 给 给个 换 换个 另外 另 其他 其它 别的 其余 后面 前面 上面 上述 刚才 它们 前者 后者 两者 二者 这样 那样 这种 那种 这里 这些 那些 那个 "
    "这个 这么 做 写 求 画 推导 证明 实现 办 行 得 着 过 到底 究竟 呀 嘛 哦 啦 还 又 更 很 最 只 才 吧 啥意思 什么样 怎么样 怎么回事 怎么做 怎么算 具体来说 能否 可不可以 "
    "两个 两种 有没有 真的 必须 一定 一般 通常 意味着 为什么呢 原因呢 说明 谢谢 it its they their about does do".split()
)
_NOUNS = frozenset("栈堆树图串帧页段块锁码位字包核链环队表边键线网门")
"""Characters that are a topic of their own; other single ones (算, 跑) are not."""


def next_context(question: str, context: str) -> str:
    """What the questions after this one are about: the latest that stands alone, or `TCP…` for `那TCP呢` after `UDP…`."""
    stem, options = split_options(question)
    if not _topics(stem) or _refers_back(stem):
        return context
    if _ellipsis(stem):
        return standalone(stem, context)
    return core_of(stem) if options else stem


def standalone(question: str, context: str) -> str:
    """The question, with the subject matter of `context` before it when it has none of its own."""
    topic = _ellipsis(question)
    if not context or (_topics(question) and not topic and not _refers_back(question)):
        return question
    if topic and _topics(question) and topic.lower() not in context.lower():
        return _replaced(context, topic)
    of_context = _topics(context) or _content(context)
    known = normalize(question)
    return " ".join([*(word for word in of_context if word not in known), question])


def _ellipsis(question: str) -> str:
    """`TCP` of `那TCP呢`; empty for a question that says what it asks of its topic."""
    match = _ELLIPSIS.match(_OPENING.sub("", question.strip()))
    return match["topic"] if match and not _INTERROGATIVE.search(match["topic"]) else ""


def _replaced(context: str, topic: str) -> str:
    """The question before, asked of another thing: `那TCP呢` after `UDP的首部多少字节` is `TCP的首部多少字节`.

    UDP goes, for chunks on UDP would fill the ranking. The word that goes is the one most like the new one: with the longest
    common ending (流量控制, 拥塞控制), else a Latin one for a Latin one, else the first term.
    """
    topics = _topics(context) or _content(context)
    candidates = [word for word in topics if word in _terms()] or topics
    new = normalize(topic)
    old = max(candidates, key=lambda word: (_common_ending(word, new), word.isascii() == new.isascii()), default="")
    spaced = r"\s*".join(map(re.escape, old))  # words() closes `B 树` up
    text, count = re.subn(spaced, lambda _: topic, context, flags=re.IGNORECASE) if old else (context, 0)
    return text if count else " ".join([topic, *(word for word in topics if word != old)])


def _common_ending(a: str, b: str) -> int:
    pairs = zip(reversed(a), reversed(b), strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))


def _refers_back(question: str) -> bool:
    """Whether a pronoun stands before anything that it could mean: a topic, or a clause (`…还没跑完，谁把它挪走`)."""
    match = _PRONOUN.search(question.lower())
    before = question[: match.start()] if match else ""
    return bool(match) and not _topics(before) and not (len(before) >= 8 and CLAUSE_END.search(before))


def _topics(text: str) -> list[str]:
    """The words that say what a question is about. An aspect is one when its meaning is asked: `时间复杂度是什么`."""
    if defined := re.match(r"(?:什么(?:是|叫))(.+?)[？?]?$|(.+?)(?:是什么(?:意思)?|的定义|的概念)[？?]?$", text.strip()):
        subject = (defined[1] or defined[2]).strip()
        if normalize(subject) in _terms():
            return [normalize(subject)]
    return [word for word in _content(text) if word not in _ASPECTS]


def _content(text: str) -> list[str]:
    distinct = [w for w in dict.fromkeys(words(text)) if w not in STOP_WORDS and w not in GENERIC_WORDS and w not in _FILLERS]
    return [w for w in distinct if not _NUMBERED.match(w) and (len(w) > 1 or w.isascii() or w in _NOUNS or w in _terms())]


@cache
def _terms() -> frozenset[str]:
    return frozenset(normalize(term) for subject in SUBJECTS for group in terms_of(subject) for term in group)
