"""How like two questions are: their plain form, their details, and the share of character pairs that they have in common.

Likeness alone would take 页面大小为 4 KB and 8 KB for one question, so what is not Chinese (numbers, names, signs) and Chinese
numerals have to be the same, in the same order. English questions are therefore alike only if they are the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from math import ceil

from finetune.conversations.conversation import Conversation
from knowledge.text_file import INVISIBLE

__all__ = ["ALIKE", "answered", "asked", "details", "jaccard", "like_pairs", "plain", "wording"]

ALIKE = 0.85
"""Jaccard similarity of the sets of character pairs from which on two texts are alike."""

_NEAREST = 200
"""Forms with a rare character pair in common that are compared at most, so that ten thousand of one pattern take seconds too."""

_BLANK = re.compile(r"\s+")
_PARTING = re.compile(r"(?<=[a-z]) (?=[a-z])|(?<=[0-9]) (?=[0-9])")
_SIGN = re.compile(
    r"(?<=[a-z0-9])[-+*/%<>=^~|&#@\\]+|[-+*/%<>=^~|&#@\\]+(?=[a-z0-9])"  # an operator at a Latin word or a number
    r"|(?<=[0-9])[,:](?=[0-9])|\.(?=[a-z0-9])|!(?=[a-z0-9=])"
    r"|(?<=[a-z0-9+*/^=-])[(\[{]|[)\]}](?=[a-z0-9+*/^=-])"
    r"|[\u2190-\u22ff±×÷¬]"  # arrows and mathematical signs
)
_KEPT = re.compile(rf"{_SIGN.pattern}|[\w ]+")
_DETAIL = re.compile(r"[^\u3400-\u9fff\uf900-\ufaff]+|[二三四五六七八九十百千万两]")
_JOINING = re.compile(
    "请问|请|试述|简述|试|简要|说明|解释|描述|阐述|谈谈|一下|分别|各自|主要|以及|及其|及|和|与|的|了|呢|吗|啊|吧"
    "|有哪些|是哪些|哪些|有什么|是什么|是|那么|其中|之间"
)
"""Words that ask or join: with others in their place the question is the same."""


def asked(conversation: Conversation) -> str:
    """All that the user says."""
    return "\n".join(turn.content for turn in conversation.turns if turn.role == "user")


def answered(conversation: Conversation) -> str:
    """All that the assistant says."""
    return "\n".join(turn.content for turn in conversation.turns if turn.role == "assistant")


def plain(text: str) -> str:
    """A text without differences of width and case, and without blanks and punctuation that tell nothing.

    Kept are signs that make another question (C++, B+ 树, x<y, 0.5), and a blank that parts two Latin words or two numbers. Of a
    text that is nothing but signs all is kept.
    """
    even = _BLANK.sub(" ", INVISIBLE.sub("", unicodedata.normalize("NFKC", text).lower())).replace("、", ",").strip()
    joined = "".join(f" {part}" if number else part for number, part in enumerate(_parts(even)))
    return "".join(_KEPT.findall(joined)) or even


def _parts(even: str) -> list[str]:
    return [part.replace(" ", "") for part in _PARTING.split(even)]


def details(form: str) -> tuple[str, ...]:
    """What is not Chinese in a plain form, and numerals, in order."""
    return tuple(_DETAIL.findall(form))


def wording(form: str) -> tuple[tuple[str, ...], str]:
    """What makes a question this one: its details, and its words without those that ask or join; the same for the same question."""
    return details(form), _JOINING.sub("", form) or form


def jaccard(one: str, other: str) -> float:
    """Likeness of two plain forms, in [0, 1]."""
    first, second = _grams(one), _grams(other)
    return len(first & second) / len(first | second)


def like_pairs(forms: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of places whose forms have the same details and are alike; of equal forms each is paired with the first.

    Two sets with a Jaccard similarity of t share one of the rarest n - ⌈t·n⌉ + 1 members of either (prefix filtering, Bayardo et
    al. 2007), so only forms that share such a character pair are compared; of those that share one with more than 200 others,
    the 200 nearest in length.
    """
    first: dict[str, int] = {}
    blocks = defaultdict[tuple[str, ...], list[int]](list)
    for place, form in enumerate(forms):
        if form in first:
            yield first[form], place
        else:
            first[form] = place
            blocks[details(form)].append(place)
    for places in blocks.values():
        if len(places) > 1:
            yield from _joined({place: _grams(forms[place]) for place in places})


def _joined(grams: dict[int, frozenset[str]]) -> Iterator[tuple[int, int]]:
    counts = Counter(gram for held in grams.values() for gram in held)
    known = defaultdict[str, list[int]](list)
    for place in sorted(grams, key=lambda place: (len(grams[place]), place)):
        mine = grams[place]
        rarest = sorted(mine, key=lambda gram: (counts[gram], gram))[: len(mine) - ceil(ALIKE * len(mine)) + 1]
        near = {other for gram in rarest for other in known[gram][-_NEAREST:] if len(grams[other]) >= ALIKE * len(mine)}
        for other in sorted(near):
            if len(mine & grams[other]) >= ALIKE * len(mine | grams[other]):
                yield min(place, other), max(place, other)
        for gram in rarest:
            known[gram].append(place)


def _grams(form: str) -> frozenset[str]:
    return frozenset(form[at : at + 2] for at in range(max(len(form) - 1, 1)))
