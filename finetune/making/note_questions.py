"""Questions that stand alone: how students asked, put so that they are understood without the page beside them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from vector_db.segmentation import normalize, words

__all__ = ["about", "asks_for_all", "asks_how", "completed", "varied"]

_OPTIONS = re.compile(r"下列|以下|下述|下面|[A-D]\. |（A|四个选项")
"""It can't be answered without its options."""
_BLANK = re.compile(r"_{2,}|（\s*）")
_NAMED = re.compile(
    r"(?:称为|称作|叫做|叫作|称之为|是|为|叫|即|在于|属于|采用|使用|利用|产生|引起|导致|取决于|依靠|依据|需要|具有|包括|指|由|不是|得到|表示|表明|说明|受限于|限于|防止|满足|等于|选用)$"
)
_OPEN = re.compile(r"(?:应|应当|应该|会|将|必须|则|必然会|需)$")
_HOW_MANY = re.compile(r"(?<![参函系])(?:数|数目|长度|时间|容量|大小|复杂度|下标|高度|深度)(?:是|为|等于)$")
_HOW = re.compile(r"步骤|过程|流程|哪几步|怎么[做办算化求写走推]|怎样[做算化求]|如何|手算|套路")
_ALL = re.compile(r"哪些|哪几|几种|几类|几条|区别|区分|有[何什啥]么?不同|不同(?:之处|点)|的不同|对比|差在哪|差别|分别|各[是有自]")

_TOPICS = ("关于“{title}”：{question}", "{title}：{question}", "我在学“{title}”，想问：{question}", "（{title}）{question}")
_COMMON = frozenset(
    "算法 比较 选择 操作 基本 方法 结构 计算 过程 应用 分析 系统 数据 存储 实现 性质 特点 层次 分类 概念 管理 问题 插入 删除 合并 转换 步骤 条件 方式 技术 原理 定义 表示 格式 规则 机制 类型 组成 功能".split()
)
"""Words of titles that name no topic by themselves."""


def completed(question: str) -> str:
    """A question with an end to it, '' if it wants options that are not shown: `……称为____` → `……称为什么？`."""
    question = question.strip()
    if _OPTIONS.search(question):
        return ""
    body = _BLANK.sub("____", question.rstrip("。？?．. "))
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
    return question if _names(title, question) else varied(_TOPICS, question).format(title=title, question=question)


def varied(templates: Sequence[str], told: str) -> str:
    """One of some ways to say a thing, always the same one for the same words."""
    return templates[int(hashlib.sha256(told.encode()).hexdigest(), 16) % len(templates)]


def asks_how(question: str) -> bool:
    """Whether it asks for a way to do something, as a whole."""
    return bool(_HOW.search(question))


def asks_for_all(question: str) -> bool:
    """Whether it asks for all of a list, or to compare what is in a table."""
    return bool(_ALL.search(question))


def _names(title: str, question: str) -> bool:
    asked = normalize(question)
    return any(len(word) > 1 and word not in _COMMON and word in asked for word in words(title))
