"""Questions that stand alone: how students asked, put so that they are understood without the page beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from vector_db.segmentation import normalize, words

__all__ = ["about", "asks_for_all", "asks_for_one", "asks_how", "compares", "completed", "shares_words", "varied"]

_OPTIONS = re.compile(
    r"下列|以下|下述|下面|[A-D]\. |（A|四个选项|(?:正确|错误)的是（|(?:叙述|说法)[^。]*(?:正确|错误)|不(?:可能|属于|包括)[^，]{0,6}是(?:____|什么|）?。?$)"
)
"""It can't be answered without its options."""
_CUT = re.compile(r"(?:则系统|前者|后者|本身|其|以便|从而|主要是为了解决[^，]*的)$")
"""How the stem of a choice question breaks off where its options go on, so that no word can be put there."""
_BLANK = re.compile(r"_{2,}|（\s*）")
_NAMED = re.compile(
    r"(?:称为|称作|叫做|叫作|称之为|是|为|叫|即|在于|属于|采用|(?<!未)使用|利用|产生|引起|导致|取决于|依靠|依据|需要|具有|包括|指|由|不是|得到|表示|表明|说明|受限于|限于|防止|满足|等于|选用|交给|(?:应|一般|通常)取|利用了|体现了|反映了|取自|存放在|用于保存|换取|等价于|计入|(?:除[^。]*外，)还有)$"
)
_OPEN = re.compile(r"(?:应|应当|应该|会|将|必须|则|必然会|需)$")
_HOW_MANY = re.compile(r"(?<![参函系])(?:数|数目|长度|时间|容量|大小|复杂度|下标|高度|深度)(?:是|为|等于)$|(?:至少|至多|最多)有$")
_HOW = re.compile(r"怎么[做算化求写走推转画建构判]|怎样[做算化求]|如何")
_SEQUENCE = re.compile(
    r"步骤|流程|哪几步|[两三四五六七八九]步|一步步|一级一级|一层一层|先后|依次|顺序(?!存|表|栈|查|文|访)|序列？?$|经过哪|全过程|过程(?:是|？|$)|[干做]了[啥什]|手算|套路|大题"
)
_ONE_CASE = re.compile(r"怎么办|咋办|如何处理|公式|第一步|那一步|这一步")
_COMPARED = (
    r"区别(?!于)|区分|分不清？?$|不同(?=[？，]|$|之处|点)|有[何什啥]么?不[同一]|(?<!数)不一样|对比|(?<!新)比较(?:表|？|$)"
    r"|差在哪|差别|分别|各[是有自存管占放记代]"
)
_COMPARES = re.compile(_COMPARED)
_ALL = re.compile(
    rf"{_COMPARED}|谁[^，]*谁|哪些|哪几|(?<![这那好])几[种类]|各.{{0,2}}[什啥几]|都[^为]{{0,3}}[什啥]|[哪那][两三四五六七八九][个条种类件样项点]"
    r"|(?:和|与|跟)[^，？]*(?:[什啥]么?意思|是[干啥]嘛?的?)？?$"
)
_ONE = re.compile(
    r"____|(?:称为|称作|称之为|叫做?|属于|采用|应选)(?:什么|啥)"
    r"|(?:技术|存储器|寄存器|处理器|数据结构|类型|概念|端口|依据|条件|方式|模型|算法|协议|编码|部件|字段|阶段|特征|特点|优点|缺点|好处|做法|操作|软件)是什么？?$|的是什么？?$|(?<!分别)叫[啥什]么?"
)
"""An examination's question after one thing, which names others by the way."""

_TOPICS = (
    "关于“{title}”：{question}",
    "我在学“{title}”，想问：{question}",
    "学“{title}”时有个疑问：{question}",
    "请教一个“{title}”的问题：{question}",
)
_COMMON = frozenset(
    "算法 比较 选择 操作 基本 方法 结构 计算 过程 应用 分析 系统 数据 存储 实现 性质 特点 层次 分类 概念 管理 问题 插入 删除 合并 转换 步骤 条件 方式 技术 原理 定义 表示 格式 规则 机制 类型 组成 功能".split()
)
"""Words of titles that name no topic by themselves."""
_BARE = frozenset("数据 系统 结构 方法 方式 什么 哪些 几种 两种 三种 常用 主要 如下".split())
"""Words of a lead-in that don't tell which list a question is about."""


def completed(question: str) -> str:
    """A question with an end to it, '' if it wants options that are not shown: `……称为____` → `……称为什么？`."""
    question = question.strip()
    body = _BLANK.sub("____", question.rstrip("。？?．. "))
    if _OPTIONS.search(question) or _CUT.search(body):
        return ""
    without = body.removesuffix("____")
    if "____" in without:
        return f"填空：{body}。"
    if _HOW_MANY.search(without):
        return f"{without}多少？"
    if _NAMED.search(without):
        return f"{without}什么？"
    if _OPEN.search(without):
        return f"{without}怎样？"
    return f"填空：{body}。" if without != body else f"{body}？"


def about(title: str, question: str) -> str:
    """The question with its topic in front, where it names nothing of it."""
    if _names(title, question):
        return question
    if question.startswith("填空："):
        return f"填空（{title}）：{question.removeprefix('填空：')}"
    return varied(_TOPICS, question).format(title=title, question=question)


def varied(templates: Sequence[str], told: str) -> str:
    """One of some ways to say a thing, always the same one for the same words."""
    return templates[int(hashlib.sha256(told.encode()).hexdigest(), 16) % len(templates)]


def asks_how(question: str) -> bool:
    """Whether it asks for a way to do something from its first step to its last; not for what is to be done in one case."""
    if _ONE_CASE.search(question) and not re.search("步骤|流程", question):
        return False
    return bool(_SEQUENCE.search(question) or _HOW.search(question))


def asks_for_all(question: str) -> bool:
    """Whether it asks for all of a list, or to compare what is in it."""
    if question.rstrip("？?").endswith("吗") and not re.search("哪[些几]|区别|不同", question):
        return False
    return bool(_ALL.search(question)) and not asks_for_one(question)


def asks_for_one(question: str) -> bool:
    """Whether it describes one thing and asks for that."""
    return bool(_ONE.search(question)) and not re.search("哪[些几]|步骤|分别", question)


def compares(question: str) -> bool:
    """Whether it sets things against each other."""
    return bool(_COMPARES.search(question))


def shares_words(question: str, lead: str) -> bool:
    """Whether a question names what a lead-in announces."""
    asked = normalize(question)
    return any(len(word) > 1 and word not in _BARE and word in asked for word in words(lead))


def _names(title: str, question: str) -> bool:
    asked = normalize(question)
    return any(len(word) > 1 and word not in _COMMON and word in asked for word in words(title))
