"""What an answer claims, and what of it its passage does not hold.

Stricter than the rule for citations (`rag.support`), because a wrong sentence that is learned does more harm than a right one that is
lost: each clause counts, and each Latin name, unit and count has to stand in the passage. No rule sees two things of one passage
exchanged (避免 for 预防, one quantity's number given to another): `--check model` is for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.fence import FencedPassage
from rag.sentences import sentences
from rag.support import Idf, held_share, lacking
from vector_db.segmentation import joined, normalize, other_names, segment_query

__all__ = ["claims_of", "unborne"]

_LEAD = 12
"""Characters of a line that announces the next (具体步骤如下：) at most; a longer one claims something."""
_CLAUSE_LEAST = 0.4
"""Share of a clause's words, weighed by rarity, that the passage must hold; a sentence as a whole needs more."""
_CLAUSE_WORDS = 3
"""Words of a clause from which on its share says something."""
_ITEM = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）.、．]|[-•*·])\s*(?!\d)")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)\*\*")
_LETTER = re.compile(r"[^\W_]")
_CLAUSE = re.compile("[，；,;：:]")
_BARE = re.compile("(?:不?(?:是|对|会|能|行|可以|一定|正确)|没?有|否|错误?)的?")
"""Yes or no: what it says stands in the question, so no passage bears it out."""
_NAME = re.compile(r"[a-z][a-z0-9+#]+|(?<=\d)[a-z](?![a-z0-9])|(?<=\d )[a-z](?![a-z0-9])")
"""A Latin word; a single letter behind a number is a unit."""
_LATIN = re.compile(r"[a-z][a-z0-9+#]*")
_RAISED = re.compile(r"[\^_](?=\d)")
_SPELT = {"b": "字节"}
_COUNT = re.compile(
    r"(?<![一二两三四五六七八九十百千\d.])(\d+|[二两三四五六七八九十])\s*(个|种|类|项|条|点|次|级|层|位|步|路|段|阶|元|倍|端|章|字节|部分)"
)
_DIGITS = dict(zip("二两三四五六七八九十", ("2", "2", "3", "4", "5", "6", "7", "8", "9", "10"), strict=True))
_THINGS = frozenset("个种类项条点")
"""Counters that can stand for one another."""


def claims_of(answer: str) -> list[str]:
    """The sentences of an answer that claim something, without the marks of lists; a short one that announces the next does not."""
    said = [_BOLD.sub(r"\1", _ITEM.sub("", answer[slice(*bounds)])).strip() for bounds in sentences(answer)]
    spoken = [sentence for sentence in said if _LETTER.search(sentence)]
    return [one for n, one in enumerate(spoken, 1) if one[-1] not in "：:" or len(one) > _LEAD or n == len(spoken)]


def unborne(question: str, answer: str, passage: FencedPassage, idf: Idf) -> str | None:
    """What the passage does not bear out of a pair, in Chinese; None if nothing."""
    text = f"{passage.section}\n{passage.text}"
    claims = claims_of(answer)
    if all(_BARE.fullmatch(claim.rstrip("。！？!?.，, ")) for claim in claims):
        return "只说了是与否，没有可以核对的内容"
    if strange := _strange(f"{question}\n{answer}", text):
        return f"资料里没有 {'、'.join(strange)}"
    for claim in claims:
        if found := lacking(claim, passage, idf):
            return f"“{claim[:40]}”：{found[1]}"
        if why := _miscounted(claim, text) or _added(claim, text, idf):
            return f"“{claim[:40]}”：{why}"
    return None


def _strange(told: str, text: str) -> list[str]:
    """Latin names and units that the text has under no name."""
    held, whole = set(_LATIN.findall(_even(text))), joined(text)
    names = dict.fromkeys(_NAME.findall(_even(told)))
    others = {name: (*other_names(name), *([_SPELT[name]] if name in _SPELT else [])) for name in names if name not in held}
    return [name for name, known in others.items() if not any(other in whole for other in known)]


def _even(text: str) -> str:
    """Normalized, with n^2 and T_1 written like n² and T1."""
    return _RAISED.sub("", normalize(text))


def _miscounted(claim: str, text: str) -> str | None:
    """A count that the text has of the same counter with other numbers only."""
    held = set(_counts(text))
    for number, counter in _counts(claim):
        if (number, counter) not in held and any(counter == other for _, other in held):
            return f"资料里没有数 {number}（{counter}）"
    return None


def _counts(text: str) -> Iterator[tuple[str, str]]:
    for number, counter in _COUNT.findall(normalize(text)):
        if number != "1":  # 1 个 is 一个
            yield _DIGITS.get(number, number), "个" if counter in _THINGS else counter


def _added(claim: str, text: str, idf: Idf) -> str | None:
    """A clause that speaks of something else than the text."""
    clauses = [clause.strip() for clause in _CLAUSE.split(claim)]
    for clause in clauses if len(clauses) > 1 else ():
        if len(segment_query(clause)) >= _CLAUSE_WORDS and (share := held_share(clause, text, idf)) < _CLAUSE_LEAST:
            return f"“{clause[:30]}”里只有 {share:.0%} 的词在资料里"
    return None
