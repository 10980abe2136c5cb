"""What can be told of an essay without understanding it: slips with a sure correction, and things that can be counted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from tutoring.essay_slips import CHINESE, ENGLISH, Slip
from vector_db.segmentation import STOP_WORDS, words

__all__ = ["Edit", "Facts", "edits_of", "facts_of", "is_english", "paragraphs_of", "units_in"]

_CJK = re.compile(r"[\u3400-\u9fff]")
_WORD = re.compile(r"[A-Za-z]+(?:['’-][A-Za-z]+)*")
_MOST_EDITS = 20
_AROUND = 6
"""Characters on either side of a slip of one or two characters, so that it can be found."""
_ENGLISH_END = re.compile(r"[.!?]+[\"”')]*(?=\s|$)")
_CHINESE_END = re.compile(r"[。！？…]+[”’」』）]*")
_LINKS = {
    True: re.compile(
        r"\b(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|finally|however|moreover|furthermore|besides|therefore|thus|in addition|for example|for instance|in conclusion|to sum up|on the other hand|as a result|in contrast|meanwhile|nevertheless|consequently)\b",
        re.IGNORECASE,
    ),
    False: re.compile(
        r"首先|其次|再次|最后|然而|但是|因此|所以|此外|另外|例如|比如|总之|综上|一方面|另一方面|与此同时|由此可见|不仅|而且|反之|诚然|固然"
    ),
}
_COMMON = frozenset(
    "a an the and or but of to in on at for with by from as is are was were be been being am do does did have has had it its this that these those i you he she we they my your his her our their me him us them not no can will would should could may might must if so than then there here when which who what how why all more most many much some any one two very just also only about into over after before up out because while where such other each both own same too between through during s t don".split()
)
_OFTEN, _OFTEN_SHARE = 5, 0.025
_LONG = {True: 40, False: 90}
"""Words, or characters, from which a sentence is hard to read."""


@dataclass(frozen=True)
class Edit:
    """A correction: `original` stands in the essay as it is; `aspect` is what it belongs to."""

    original: str
    suggestion: str
    reason: str
    aspect: str = "语言"


@dataclass(frozen=True)
class Facts:
    """What was counted: `units` are words of English, characters of Chinese; `often` are words that come back, with their number."""

    english: bool
    units: int
    paragraphs: int
    sentences: int
    longest: str
    links: int
    often: tuple[tuple[str, int], ...]

    @property
    def per_sentence(self) -> float:
        return self.units / max(self.sentences, 1)

    @property
    def too_long(self) -> bool:
        return units_in(self.longest, self.english) >= _LONG[self.english]


def is_english(text: str) -> bool:
    """Whether an essay is written in English: by its words against its Chinese characters."""
    return len(_WORD.findall(text)) > len(_CJK.findall(text))


def units_in(text: str, english: bool) -> int:
    """Words of English; for Chinese the characters and punctuation that are counted in an examination, blanks left out."""
    return len(_WORD.findall(text)) if english else len("".join(text.split()))


def paragraphs_of(essay: str) -> list[str]:
    """The paragraphs, without a title: a short first line with no mark at its end."""
    lines = [line.strip() for line in essay.splitlines() if line.strip()]
    titled = len(lines) > 1 and len(lines[0]) <= 40 and lines[0][-1] not in '。！？.!?，,；;：:”"'
    return lines[1:] if titled else lines


def facts_of(essay: str) -> Facts:
    """The counts of an essay."""
    english = is_english(essay)
    paragraphs = paragraphs_of(essay)
    body = "\n".join(paragraphs)
    ends = _ENGLISH_END if english else _CHINESE_END
    sentences = [s.strip() for s in re.split(r"\n", ends.sub(lambda m: m[0] + "\n", body)) if s.strip()]
    tokens = [w.lower() for w in _WORD.findall(body)] if english else [w for w in words(body) if len(w) > 1]
    counts = Counter(t for t in tokens if t not in (_COMMON if english else STOP_WORDS))
    often = [(w, n) for w, n in counts.most_common(5) if n >= _OFTEN and n >= _OFTEN_SHARE * len(tokens)]
    longest = max(sentences, key=lambda s: units_in(s, english), default="")
    links = len(_LINKS[english].findall(body))
    return Facts(english, units_in(body, english), len(paragraphs), len(sentences), longest, links, tuple(often))


def edits_of(essay: str) -> list[Edit]:
    """The slips that are beyond doubt, in their order, none inside another."""
    found: list[tuple[int, int, Edit]] = []
    for start, end, edit in sorted(_found(essay), key=lambda f: (f[0], -f[1])):
        if not any(start < b and a < end for a, b, _ in found):
            found.append((start, end, edit))
    unlike = dict.fromkeys(edit for _, _, edit in found)
    return list(unlike)[:_MOST_EDITS]


def _found(essay: str) -> Iterator[tuple[int, int, Edit]]:
    slips: tuple[Slip, ...] = ENGLISH if is_english(essay) else CHINESE
    for slip in slips:
        for match in slip.pattern.finditer(essay):
            suggestion = slip.correct(match)
            if suggestion != match[0]:
                yield match.start(), match.end(), _edit(essay, match.start(), match.end(), suggestion, slip)
    yield from _unfinished(essay)


def _edit(essay: str, start: int, end: int, suggestion: str, slip: Slip) -> Edit:
    """With some words around it, on the same line, where the slip alone is too short to be found."""
    left, right = "", ""
    if end - start < _AROUND:
        line = essay.rfind("\n", 0, start) + 1
        stop = essay.find("\n", end)
        left = essay[_word_start(essay, max(start - _AROUND, line), line) : start].lstrip()
        right = essay[end : _word_end(essay, end + _AROUND, len(essay) if stop < 0 else stop)].rstrip()
    return Edit(left + essay[start:end] + right, left + suggestion + right, slip.reason, slip.aspect)


def _word_start(essay: str, at: int, least: int) -> int:
    """The beginning of the Latin word that a place lies in."""
    while at > least and essay[at - 1].isascii() and essay[at - 1].isalnum() and essay[at].isascii():
        at -= 1
    return at


def _word_end(essay: str, at: int, most: int) -> int:
    at = min(at, most)
    while at < most and essay[at].isascii() and essay[at].isalnum() and essay[at - 1].isascii():
        at += 1
    return at


def _unfinished(essay: str) -> Iterator[tuple[int, int, Edit]]:
    """Paragraphs that end without a mark."""
    english = is_english(essay)
    for paragraph in paragraphs_of(essay):
        if units_in(paragraph, english) >= 8 and re.search(r"[\w\u3400-\u9fff，,、]$", paragraph):
            at = essay.rfind(paragraph) + len(paragraph)
            tail = paragraph[-12:]
            mark = "." if english else "。"
            yield at - 1, at, Edit(tail, tail.rstrip("，,、") + mark, "段末缺少句末标点。", "书写规范")
