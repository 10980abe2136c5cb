"""The lines of an exam paper: what each of them is, before any question is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Heading", "KeyList", "Numbered", "Text", "read_lines"]

_WIDE = str.maketrans("ＡＢＣＤＥａｂｃｄｅ０１２３４５６７８９－", "ABCDEabcde0123456789-")
_FURNITURE = re.compile(
    r"第 ?\d+ ?[/／]? ?\d* ?页(?: ?[,，]? ?(?:共|\() ?\d+ ?页\)?)?|\d+ ?[/／] ?\d+|[-—–] ?\d+ ?[-—–]|共 ?\d+ ?页 ?[,，]? ?第 ?\d+ ?页"
)
_HEADING = re.compile(
    r"(?:#{1,6} |[一二三四五六七八九十]{1,3} ?[、.．].*题|第[一二三四五六七八九十]{1,3}部分|\d{4} ?年.*(?:试题|真题|试卷|解析|部分))"
)
_ENUMERATED = re.compile(r"(?:[一二三四五六七八九十]{1,3} ?[、.．]|第 ?[一二三四五六七八九十\d]{1,3} ?[章节])")
"""A heading, unless a question is open: 一、二、… may stand in a stem."""
_ANSWER_HEADING = re.compile(
    r"[^。？?A-Za-z]{0,30}(?:答案|解析|详解)(?:(?:与|及|和|、)(?:答案|解析|详解|评分标准))?(?:如下|部分|速查)? ?[:：]?"
)
_NUMBER = re.compile(r"[#>* ]*(?:第 ?(\d{1,3}) ?题 ?[:：.．、]?|(\d{1,3}) ?(?:[.．、:：]|[)）]))[* ]*(.*)")
_LOOSE_NUMBER = re.compile(r"[#>* ]*(?:[（(【\[] ?(\d{1,3}) ?[)）】\]]|例 ?(\d{1,3})[ .．、:：])[* ]*(.*)")
_LETTERS = r"[A-D](?: ?[,，、]? ?[A-D])*(?![A-Za-z0-9])"
_PAIR = re.compile(
    rf"[（(]?(\d{{1,3}}) ?[)）]? ?[-~～—–至]{{1,2}} ?(\d{{1,3}}) ?[.．、:：]? ?({_LETTERS})|[（(]?(\d{{1,3}}) ?(?:[)）.．、:：] ?)?[（(]?({_LETTERS})[)）]?",
    re.IGNORECASE,
)
_BESIDE_PAIRS = re.compile(r"(?:[一二三四五六七八九十]{1,2} ?[、.．])?(?:[^\d]{0,12}答案 ?[:：]?)?[ *|,，;；:：]*")
_NUMBERS_ROW = re.compile(r"[ |]*题 ?号[ |:：]*((?:\d{1,3}[ |,，]*)+)")
_LETTERS_ROW = re.compile(r"[ |]*答 ?案[ |:：]*((?:[A-Da-d][ |,，]*)+)")
_PUNCTUATED = re.compile(r"[（(]?\d{1,3} ?[)）.．、:：]")
_LONGEST = 2000


@dataclass(frozen=True)
class Text:
    """Any other line."""

    line: int
    text: str


@dataclass(frozen=True)
class Heading:
    """Numbers may begin anew. `answers`: what follows are answers; `anew`: it is another paper or chapter, whose questions follow,
    and not 一、单项选择题, which heads questions and answers alike. A weak one is a heading only between questions."""

    line: int
    text: str
    answers: bool
    anew: bool = True
    weak: bool = False


@dataclass(frozen=True)
class Numbered:
    """A line that may begin a question; a loose one ((2), 例2, 2.3个) does so only where one is expected."""

    line: int
    number: int
    rest: str
    text: str
    loose: bool


@dataclass(frozen=True)
class KeyList:
    """Keys by number; several letters are the key of a multiple-choice question, '?' one that can't be told."""

    line: int
    keys: tuple[tuple[int, str], ...]
    text: str
    certain: bool
    """Whether it is a list between questions; a line such as `9 A` may be data, and is one only where answers are expected."""


Line = Text | Heading | Numbered | KeyList


def read_lines(text: str) -> Iterator[Line]:
    """The lines, full-width letters and digits made narrow, spaces collapsed, page numbers left out."""
    numbers: list[int] = []  # the row 题号 of a table, whose next row holds the letters
    for n, raw in enumerate(text.translate(_WIDE).split("\n"), 1):
        line = re.sub(r"\s+", " ", raw).strip()
        if _FURNITURE.fullmatch(line):
            continue
        if match := _NUMBERS_ROW.fullmatch(line):
            numbers = [int(number) for number in re.findall(r"\d+", match[1])]
            continue
        if numbers and (match := _LETTERS_ROW.fullmatch(line)):
            letters = re.findall("[A-D]", match[1].upper())
            yield KeyList(n, tuple(_zipped(numbers, letters)), line, True)
        else:
            yield _classified(n, line)
        numbers = []


def _classified(n: int, line: str) -> Line:
    if keys := _keys(line):
        return KeyList(n, keys, line, len(keys) > 1 or "答案" in line or _PUNCTUATED.match(line) is not None)
    if len(line) <= 40 and _ANSWER_HEADING.fullmatch(line):
        return Heading(n, line, True)
    if (match := _NUMBER.fullmatch(line)) and not re.match(r"\d", match[3]):
        return Numbered(n, int(match[1] or match[2]), match[3], line, False)
    if (match := match or _LOOSE_NUMBER.fullmatch(line)) and match[3]:
        return Numbered(n, int(match[1] or match[2]), match[3], line, True)
    if _HEADING.match(line):
        return Heading(n, line, bool(re.search("答案|解析|详解", line)), anew=not re.match("[一二三四五六七八九十]", line))
    if _ENUMERATED.match(line):
        return Heading(n, line, bool(re.search("答案|解析|详解", line)), weak=True)
    return Text(n, line)


def _keys(line: str) -> tuple[tuple[int, str], ...]:
    """The keys of a line that holds nothing else; () for other lines."""
    if len(line) > _LONGEST or _BESIDE_PAIRS.fullmatch(_PAIR.sub("", line)) is None:
        return ()
    found: list[tuple[int, str]] = []
    for match in _PAIR.finditer(line):
        if match[4]:
            found.append((int(match[4]), _letters(match[5])))
        else:
            found += _zipped(list(range(int(match[1]), int(match[2]) + 1)), list(_letters(match[3])))
    return tuple(found)


def _zipped(numbers: list[int], letters: list[str]) -> list[tuple[int, str]]:
    """Numbers and letters; when there are not as many of both, no letter can be trusted."""
    return list(zip(numbers, letters if len(letters) == len(numbers) else ["?"] * len(numbers), strict=True))


def _letters(text: str) -> str:
    return re.sub("[^A-D]", "", text.upper())
