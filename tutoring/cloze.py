"""填空 from the words of a page: a definition or an enumeration with its key term blanked. No model."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.quotes import squeezed
from rag.retrieval import Passage
from rag.sentences import sentences
from tutoring.quiz_form import CLOZE, Item, page_of
from vector_db.segmentation import GENERIC_WORDS, dictionary, joined, other_names, words

__all__ = ["BLANK", "clozes"]

BLANK = "______"
_SHORTEST, _LONGEST = 14, 120
_DIFFICULTY, _MOST_PLACES = 2, 2
_WEAK_START = re.compile(
    r"\s*(?:但|而|因此|所以|此外|另外|从上|由此|这|其|它|该|上述|例如|比如|如图|若|如果|图|表|例|注|第\d|\d+[.、)）]\s*$)"
)
_BULLET = re.compile(r"^\s*(?:[-+•·▪●○■◆–]\s*|\*(?!\*)\s*|[(（]?\d{1,2}[)）.、．]\s*|[①-⑳]\s*|#+\s*)")
_SUBJECT = re.compile(
    r"^(?:所谓)?[*“\"]{0,2}(?P<key>[^，。；：、（）()是指的“”\"*]{2,14})[*”\"]{0,2}(?:[（(][^）)]*[)）])?(?:是指|指的是|就是|是|指|称为)"
)
_NAMED = re.compile(r"(?:称为|叫做|称作|称之为)[*“\"]{0,2}(?P<key>[^，。；：、（）()的“”\"*]{2,12})[*”\"]{0,2}(?=[，。；（(]|$)")
_ENUMERATION = re.compile(
    r"(?P<lead>分为|分成|包括|包含|有|是|即|：)(?P<items>[^，。；：、（）()]{2,14}(?:、[^，。；：、（）()]{2,14}){1,6}(?:(?:和|与|以及|或|及)[^，。；：、（）()和与]{2,14})?)(?=[，。；]|等|[二两三四五六七八]|$)"
)
_SURE_LEADS = ("分为", "分成", "包括", "包含")
"""Behind other words the first item may begin with more than itself: 高阶性：课程把知识、能力和素质融合在一起."""
_BETWEEN = re.compile(r"、|以及|和|与|或|及")


@dataclass(frozen=True)
class _Blanked:
    """A sentence with the words that are to be blanked; `rank` 0 is the best kind."""

    passage: Passage
    sentence: str
    key: str
    rank: int


def clozes(passages: Sequence[Passage], topic: str, count: int, used: frozenset[str], rng: random.Random) -> list[Item]:
    """At most `count` items from as many sentences, those of definitions and enumerations first; none of the ids in `used`.

    No key is (part of) the topic, which the student sees.
    """
    found = [(blanked, rng.random()) for passage in passages for blanked in _blanked(passage, squeezed(topic), rng)]
    found.sort(key=lambda pair: (pair[0].rank, pair[1]))
    items: list[Item] = []
    taken: set[str] = set()
    for blanked, _ in found:
        item = _item(blanked, topic)
        if len(items) < count and item.id not in used and not {blanked.sentence, squeezed(blanked.key)} & taken:
            items.append(item)
            taken |= {blanked.sentence, squeezed(blanked.key)}
    return items


def _item(blanked: _Blanked, topic: str) -> Item:
    sentence, passage = blanked.sentence, blanked.passage
    known = re.compile(rf"{re.escape(blanked.key)}(?:[（(][^）)]*[A-Za-z][^）)]*[）)])?", re.IGNORECASE)  # with its English name
    stem = known.sub(BLANK, _BULLET.sub("", sentence))
    digest = hashlib.sha256(f"{passage.source}\n{sentence}".encode()).hexdigest()[:12]
    return Item(
        id=f"cloze-{digest}", kind="cloze", subject=passage.subject, stem=f"填空：{stem}", key=blanked.key, explanation=f"原文：{sentence}",
        about=topic or passage.section or passage.source, quote=sentence, source=passage.source,
        page=page_of(sentence, passage), difficulty=_DIFFICULTY, verification=CLOZE,
    )  # fmt: skip


def _blanked(passage: Passage, topic: str, rng: random.Random) -> Iterator[_Blanked]:
    for start, end in sentences(passage.text):
        sentence = passage.text[start:end]
        if not _usable(sentence):
            continue
        for rank, keys in enumerate((_defined(sentence), _enumerated(sentence), _terms(sentence))):
            fitting = [key for key in keys if _fits(key, sentence, topic)]
            if fitting:
                yield _Blanked(passage, sentence, rng.choice(fitting), rank)
                break


def _usable(sentence: str) -> bool:
    return (
        _SHORTEST <= len(sentence) <= _LONGEST
        and sentence[-1] in "。；;"
        and not _WEAK_START.match(_BULLET.sub("", sentence))
        and not any(sign in sentence for sign in ("？", "|", "\t", "\n", BLANK, "$", "http"))
    )


def _fits(key: str, sentence: str, topic: str) -> bool:
    """Whether a key tells something, is not given away by the topic, and leaves enough of the sentence."""
    plain = squeezed(key)
    rest, places = re.subn(re.escape(key), "", sentence, flags=re.IGNORECASE)
    told = bool(topic) and (plain in topic or topic in plain or topic in map(squeezed, other_names(joined(key))))
    return (
        places <= _MOST_PLACES
        and len(plain) >= 2
        and key not in GENERIC_WORDS
        and not told
        and len(rest) >= _SHORTEST - 4
        and not key.strip().isdigit()
    )


def _defined(sentence: str) -> list[str]:
    plain = _BULLET.sub("", sentence)
    found = [match["key"].strip() for match in (_SUBJECT.match(plain), _NAMED.search(plain)) if match]
    return [key for key in found if set(words(key)) & dictionary()]


def _enumerated(sentence: str) -> list[str]:
    match = _ENUMERATION.search(sentence)
    items = [item.strip('“”"* ') for item in _BETWEEN.split(match["items"])] if match else []
    if not match or len(items) < 3 or not all(2 <= len(item) <= 14 for item in items):
        return []
    return items if match["lead"] in _SURE_LEADS else items[1:]


def _terms(sentence: str) -> list[str]:
    """The longest terms of the subjects that stand in the sentence as they are spelled."""
    terms = [term for term in words(sentence) if term in dictionary() and len(term) >= 3]
    spelled = [match[0] for term in dict.fromkeys(terms) if (match := re.search(re.escape(term), sentence, re.IGNORECASE))]
    longest = max(map(len, spelled), default=0)
    return [key for key in spelled if len(key) == longest and joined(key)]
