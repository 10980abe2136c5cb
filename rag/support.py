"""Does a passage bear out a claim? A rule, not the truth: it holds most of the claim's words and all of its numbers.

It takes many true statements in other words for unsupported, and can't see who does what to whom.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from rag.citations import locate
from rag.fence import FencedPassage
from rag.sentences import sentences
from vector_db.segmentation import joined, normalize, other_names, segment, segment_query, words

__all__ = ["Idf", "held_share", "lacking", "numbers_of"]

_LEAST = 0.6
"""Share of a claim's words, weighed by rarity, that a passage must hold. Of 486 gold answers it finds 47 % in another document that
says the same in its own words, and takes 10 % of 327 foreign passages for sources (bench/claims.py): strict with other words."""
_NUMBER = re.compile(r"(?<![a-z0-9.])\d+(?:,\d{3})*(?:\.\d+)?")
_LISTED = re.compile(r"^\s*(?:\(?\d+[.)、]|[-•*])\s*(?!\d)")
_COUNTED = re.compile("([二两三四五六七八九十])(?=[个次种层位级条类步路段阶元倍端项]|字节|部分)")
_DIGITS = dict(zip("二两三四五六七八九十", ("2", "2", "3", "4", "5", "6", "7", "8", "9", "10"), strict=True))
"""A numeral before a counter is a number (三次 = 3 次); 一个 is no more than an article."""
_NEGATIONS = re.compile("(?!不同|不断|不仅|不但|不过|不管|不等式|无关|无论|无穷|无向|无线|无符号|非常)(?<!除)[不非无未没]")
"""What denies, but not inside a word that denies nothing."""
_CLAUSE = re.compile("[，；,;：:]")
Idf = Callable[[Iterable[str]], Mapping[str, float]]
"""From tokens to their rarity in the knowledge base."""


def lacking(claim: str, passage: FencedPassage, idf: Idf) -> tuple[float, str] | None:
    """What a passage lacks to bear a claim out: a number, the less the smaller, and a reason in Chinese. None if nothing."""
    if locate(claim, passage.text):
        return None
    text = f"{passage.section}\n{passage.text}"
    share = held_share(claim, text, idf)
    if share < _LEAST:
        return 3 - share, f"资料里只有 {share:.0%} 的词"
    if missing := numbers_of(claim) - numbers_of(text):
        return 1, f"资料里没有数 {'、'.join(sorted(missing))}"
    if _reversed(claim, passage.text, idf):
        return 0, "资料里的句子肯定与否定相反"
    return None


def held_share(claim: str, text: str, idf: Idf) -> float:
    """Share of the claim's content words, weighed by rarity, that stand in a text, under their own or another name; in [0, 1]."""
    weights = idf(segment_query(claim))
    own, whole = set(segment(text)), joined(text)
    for term in words(claim):
        if any(name in whole for name in other_names(term)):
            own.update(segment(term))
    return sum(weight for token, weight in weights.items() if token in own) / (sum(weights.values()) or 1.0)


def numbers_of(text: str) -> frozenset[str]:
    """The numbers of a text in digits, without the number of a list's item."""
    lines = "\n".join(_LISTED.sub("", line) for line in normalize(text).splitlines())
    counted = {_DIGITS[numeral] for numeral in _COUNTED.findall(lines)}
    return frozenset(counted | {number.replace(",", "") for number in _NUMBER.findall(lines)})


def _reversed(claim: str, text: str, idf: Idf) -> bool:
    """Whether all the sentences that hold the claim's words deny what it affirms, or affirm what it denies."""
    parity = _parity(claim)
    alike = [part for part in _parts(text) if held_share(claim, part, idf) >= _LEAST]
    return bool(alike) and all(_parity(part) != parity for part in alike)


def _parts(text: str) -> list[str]:
    """Sentences, and their clauses."""
    whole = [text[slice(*bounds)] for bounds in sentences(text)]
    return whole + [clause for sentence in whole for clause in _CLAUSE.split(sentence)]


def _parity(text: str) -> int:
    return len(_NEGATIONS.findall(text)) % 2
