"""Words around a claim that deny it, suppose it or call it another's."""

from __future__ import annotations

import re

__all__ = ["CLAUSE", "SENTENCE", "is_aside", "is_denied", "is_denied_behind"]

CLAUSE, SENTENCE = re.compile(r"[。!?;,:\n]|\.(?= |$)"), re.compile(r"[。!?;\n]|\.(?= |$)")
_NEAR = 24
"""Characters before a claim, and behind it, that are looked at for a denial."""
_DENIED = re.compile(
    r"(?:不|别|勿|非|未|没有?|莫|无法|\bnot\b|n't\b|\bnever\b)(?:能|应该?|可以?|要|会|宜|是|再|一定|必|直接|建议|单纯){0,3} ?$|[设令当] ?$",
    re.I,
)
_QUOTED = re.compile(
    r"(?<!错)误(?!差)|错误的?$|错选|有人|同学|考生|容易|易于?|不少|很多人|看似|乍|初看|一看|如果|若|假如|假设|假定|倘若|要是|万一|即使|除非|否则|为什么|为何|能否|是否"
    r"|格式|排除|\b(?:if|not|wrong|incorrect|false|suppose|assuming|unless|whether|why|at first|might think|may think)\b|n't\b",
    re.I,
)
"""In the same clause these tell that the claim is supposed, or another's: 很多同学会误选 A, 如果答案是 A."""
_HOWEVER = re.compile(r"所以|因此|故|但|而(?:本|题)|综上|\b(?:but|however|so|therefore|hence)\b", re.I)
_SUPPOSED = re.compile(r"如果|若|假如|假设|假定|倘若|要是|\bif\b|\bhad\b", re.I)
_THEN = re.compile(r"(?:则|那么|那|就|the|then)", re.I)
_BEHIND = re.compile(
    r"[\s»)\]\"'”」』】]{0,3}(?:选项|项|option)? ?(?:(?:的?(?:说法|描述|叙述|结论)|显然|明显|都|均|也|是|为|这个)\s?){0,3}"
    r"(?:错误|错[。,;了的\n]|不(?!是 ?[A-D]|同)|有误|被排除|应?排除|存疑|吗|么|吧?\?|的话|时,|还是|相比|"
    r"(?:is|was|seems|would be|looks?|are) (?:not\b|wrong|incorrect|false|tempting)|isn't|wasn't)"
    r"|[»)\]]? ?(?:选项|项) ?(?:说|描述|中|认为|指|把|将|在)"
    r"|[»)\]]? (?!because|since|as\b|which|for\b|due|here|given|so\b|by\b|where|with\b|that|option|and\b|or\b|is\b|would|was\b)[a-z]{2}"
)


def is_denied(text: str, start: int) -> bool:
    """Whether the words before a claim deny or suppose it."""
    before = text[max(0, start - _NEAR) : start]
    clause = CLAUSE.split(before)[-1]
    if _DENIED.search(clause) or _QUOTED.search(clause):
        return True
    sentence = SENTENCE.split(text[max(0, start - 60) : start])[-1]
    head = CLAUSE.split(sentence + text[start : start + 4])[-1]
    return bool(_SUPPOSED.search(sentence) and _THEN.match(head.strip()))


def is_aside(text: str, start: int) -> bool:
    """Whether a later claim is about another question: 如果题目问的是 UDP，答案为 D."""
    sentence = SENTENCE.split(text[max(0, start - 60) : start])[-1]
    supposed = _SUPPOSED.search(sentence)
    return supposed is not None and not _HOWEVER.search(sentence + text[start : start + 2], supposed.end())


def is_denied_behind(text: str, end: int) -> bool:
    """Whether the words behind a letter deny it (A 错误, A 吗？) or make it part of something else (A 选项说, A record)."""
    return _BEHIND.match(text, end) is not None
