"""Chinese text to index tokens: NFKC, jieba (jieba-rs) in search mode with the terms of the 408 subjects in its dictionary."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from knowledge.subjects import SUBJECTS, terms_of

if TYPE_CHECKING:
    from rjieba import Jieba

__all__ = [
    "GENERIC_SHARE",
    "GENERIC_WORDS",
    "STOP_WORDS",
    "dictionary",
    "joined",
    "named_in",
    "normalize",
    "other_names",
    "segment",
    "segment_query",
    "synonyms_in",
    "words",
]

STOP_WORDS = frozenset(
    "的 了 和 与 及 或 在 是 有 为 中 对 等 以 于 从 由 到 把 被 将 并 而 也 都 就 则 其 之 所 这 那 该 此 个 一个 哪 哪个 哪些 什么 怎么 怎样 如何 "
    "为什么 是什么 什么时候 时候 请 请问 请说 说明 简述 解释 介绍 一下 吗 呢 吧 啊 下列 下面 以下 关于 正确 错误 不 叙述 说法 属于 可以 能 会 时 它 他 她 我 你 我们 你们 他们 "
    "咋 啥 有啥 回事 意思 干什么 干嘛 怎么办 为何 为啥 用 还是 下 情况 会不会 能不能 要不要 是不是 吗 么 要 需要 应 应该 哪几 哪几种 哪几个 哪几类 是否 多大 有没有 a an the of and or is are to in on for what how why with by 若 某 设 则 如果 哪一 哪一个 几个 几种 多少".split()
)
"""Words that carry no content in a query. Source: the function words that are most frequent in exam stems."""

GENERIC_WORDS = frozenset(
    "区别 不同 特点 特征 作用 过程 步骤 方法 方式 原因 优点 缺点 优缺点 条件 原则 内容 概念 定义 含义 分类 种类 比较 流程 进行 产生 主要 计算 工作 解决 处理 差别 差异 对比 目的 好处 使用".split()
)
_EVERYDAY = frozenset(
    "东西 电脑 手机 一共 意思 啥意思 大家 别人 人家 坏处 大题 题里 题目 问题 例子 答案 老师 同学 书上 课上 考试 真题 怎么回事 毛病 式子 样子 道理 办法 事情 时候 地方 "
    "差不多 就行了 两件事 前提条件 vs help me please it this that do does can".split()
)
"""Nouns of everyday speech that name nothing that a document would have to speak of. From the students' questions that notes answer."""
GENERIC_SHARE = 0.3
"""Words that say what kind of answer is wanted, and their weight beside words that say of what."""

_WORD = re.compile(r"[0-9a-z\u3400-\u9fff\u0370-\u03ff+#.]")
_GAP = re.compile(r"\s(?:(?<=[a-z0-9+#]\s)\s*(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff]\s)\s*(?=[a-z0-9]))")
_JOINT = re.compile(r"[_.-](?:(?<=[a-z0-9][_-])(?=[a-z0-9])|(?<=\.)(?=[a-z])|(?<=[a-z]\.)|(?<=(\.))(\d+)(?=[a-z]))")
"""Where a run of Latin letters and digits is parted, for jieba-rs keeps `time_wait`, `i-1` and `cs.cn` whole.

Both look behind only once they are at a blank or a sign: half the time, for a pattern is tried where its first character stands."""
_MARKS = (*zip("，：；（）！？～＜＞＋²³\u3000", ",:;()!?~<>+23 ", strict=True), ("…", "..."))
"""NFKC's form of the commonest marks. A text that holds no others needs no more than a look, a fortieth of the time (measured)."""
_LATIN = re.compile(r"[a-z0-9+#]{2,}")
_NAMING = frozenset({"n", "nr", "nrt", "ns", "nt", "nz", "vn", "l", "j", "eng", ""})
"""Tags of nouns and Latin words; terms that were added to the dictionary have none."""
_lock = threading.Lock()


def normalize(text: str) -> str:
    """NFKC and lower case: full-width forms and Kangxi radicals (⽤ → 用) become the characters that people type."""
    for mark, typed in _MARKS:
        text = text.replace(mark, typed)
    return unicodedata.normalize("NFKC", text).lower()


def segment(text: str) -> list[str]:
    """Index tokens of a text in order, the words inside a long word before it.

    A blank between a Latin and a Chinese character is typography (`B 树`, `TCP 协议`) and does not part a term.
    `_`, `-` and `.` part Latin words (`time_wait` is time, wait) but not the digits of a number or address (0.5, 10.0.0.1).
    """
    return [token for word in _tokenizer().cut_for_search(joined(text)) for token in _tokens_of(word)]


def words(text: str) -> list[str]:
    """Words of a text in order, each once at its full length: `量子计算机` is 量子, 计算机, not also 计算 and 算机."""
    return [word for word in _tokenizer().cut(joined(text)) if _tokens_of(word)]


def segment_query(text: str) -> list[str]:
    """Distinct content tokens of a query, without stop words; all tokens when nothing else is left."""
    return list(_content_of(text))


@lru_cache(maxsize=64)
def _content_of(text: str) -> tuple[str, ...]:
    """Kept: one search asks for the same tokens several times."""
    tokens = tuple(dict.fromkeys(segment(text)))
    return tuple(token for token in tokens if token not in STOP_WORDS) or tokens


def named_in(text: str) -> list[str]:
    """The things that a question names, each once: nouns, terms and Latin words of two characters or more, by jieba's tags."""
    named = (word for word, tag in _tokenizer().tag(joined(text)) if tag in _NAMING and len(word) > 1 and not word.isdigit())
    return [word for word in dict.fromkeys(named) if word not in STOP_WORDS | GENERIC_WORDS | _EVERYDAY]


def joined(text: str) -> str:
    """The text as it is cut: normalized, with blanks where Latin words end and none inside a term."""
    whole = _GAP.sub("", normalize(text))
    return _JOINT.sub(r"\1\2 ", whole) if any(sign in whole for sign in "_-.") else whole


@lru_cache(maxsize=1 << 16)
def _tokens_of(word: str) -> tuple[str, ...]:
    """What a word gives the index: the Latin words inside a term (mac in mac地址) and itself; () of punctuation and blanks."""
    if word == "." or not _WORD.search(word):
        return ()
    return (word,) if word.isascii() else (*_LATIN.findall(word), word)


@cache
def dictionary() -> frozenset[str]:
    """The terms of the subjects, of two characters or more, as tokens; without those that hold a blank."""
    return frozenset(term for term in _terms() if len(term) > 1)


@cache
def _other_names() -> dict[str, tuple[str, ...]]:
    """The other names of each term, as `joined` writes them."""
    groups = [[joined(name) for name in group] for subject in SUBJECTS for group in terms_of(subject) if len(group) > 1]
    found = dict[str, list[str]]()
    for group in groups:
        for name in group:
            found.setdefault(name, []).extend(other for other in group if other != name)
    return {name: tuple(dict.fromkeys(others)) for name, others in found.items()}


def other_names(term: str) -> tuple[str, ...]:
    """Other names of a term (fcfs of 先来先服务, go back n of 后退n帧) as they stand in a `joined` text; () of another word."""
    return _other_names().get(term, ())


def synonyms_in(text: str) -> list[str]:
    """Other names, of one token, of the terms that a text holds; of the longest terms, not of those inside them."""
    own = set(segment(text))
    names = dict.fromkeys(name for word in words(text) for name in other_names(word))
    return [name for name in names if name not in own and words(name) == [name]]


@cache
def _build_tokenizer() -> Jieba:
    from rjieba import Jieba  # late: its dictionary takes 0.15 s to load, and most commands never cut a word

    tokenizer = Jieba()
    for term in _terms():
        if not (term.isascii() and term.isalnum()):  # Latin words stay whole without; `ea` would cut `means` into m, ea, ns
            tokenizer.add_word(term, None, None)  # with None as its frequency, the least that keeps the term whole
    return tokenizer


def _terms() -> Iterator[str]:
    """The terms that can be tokens: those without a blank."""
    terms = (normalize(term) for subject in SUBJECTS for synonyms in terms_of(subject) for term in synonyms)
    return (term for term in terms if " " not in term)


def _tokenizer() -> Jieba:
    with _lock:
        return _build_tokenizer()
