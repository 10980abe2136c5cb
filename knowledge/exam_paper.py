"""Exam papers as text: numbered questions whose four options may run on in a line, keys beside them or in a list.

What is read, in the forms that papers use:

    12. 题干……            or 12．  12、  第12题  **12.**
    A. … B. …             four options, in one line or in several; full-width letters; (A)
    答案：B                or 【参考答案】B, **答案：B**, （ B ） in the stem, or a list "1. B  2. A" / "1-5 ABCDA" anywhere
    解析：……              or 【解析】, up to the next question

An answer section that repeats the numbers with 【答案】 and 【解析】 only is joined to its questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

__all__ = ["ExamItem", "UnreadItem", "parse_exam"]

_NUMBER = re.compile(r"[#>*\s]*(?:第\s*(\d{1,3})\s*题\s*[:：.．、]?|(\d{1,3})\s*(?:[.．、:：](?!\d)|[)）]))[*\s]*(.*)")
_HEADING = re.compile(
    r"\s*(?:#{1,6}\s|[一二三四五六七八九十]{1,3}\s*[、.．].*题|第[一二三四五六七八九十]{1,3}部分|\d{4}\s*年.*(?:试题|真题|解析|部分))"
)
_ENUMERATED = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、.．]|第[一二三四五六七八九十]{1,3}[章节])")
"""A heading too, unless a question is still open: 一、二、… may stand in a stem."""
_FURNITURE = re.compile(r"\s*(?:第\s*\d+\s*[/／]?\s*\d*\s*页.*|\d+\s*[/／]\s*\d+|[-—–]\s*\d+\s*[-—–])\s*")
_LISTED = re.compile(
    r"(\d{1,3})\s*[.．、:：]?\s*([A-D])(?![A-Za-z])|(\d{1,3})\s*[-~～—–至]\s*(\d{1,3})\s*[.．、:：]?\s*([A-D](?:[\s,，、]*[A-D])*)(?![A-Za-z])"
)
_BESIDE_LIST = re.compile(r"(?:(?:参考)?答案\s*[:：]?)?[\s*|,，;；:：]*")
_KEY = re.compile(
    r"\*{0,4}(?:【\s*(?:参考|正确|标准)?答案\s*】|(?:参考|正确|标准)?答案\s*[:：为]|Answer\s*[:：])\s*[:：]?[\s*（(]*([^\n]{0,20})",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[A-Da-d](?:[\s,，、]*[A-Da-d])*(?![A-Za-z0-9])")
_EXPLANATION = re.compile(
    r"\*{0,4}(?:【\s*[^【】]{0,6}(?:解析|详解|分析|解答)[^【】]{0,6}】|(?:答案|试题)?(?:解析|详解|分析|解释)\s*[:：])\s*[:：]?[\s*]*"
)
_BARE_KEY = re.compile(r"([A-D])\s*[。，,、；;]\s*|([A-D])\s*(?=\n|$)")
_FILLED_IN = re.compile(r"[（(]\s*([A-D])\s*[)）]")
_MARKERS = tuple(
    re.compile(rf"{before}[（(]? ?([A-Da-d]) ?(?:[.．、:：]|[)）]) ?", re.MULTILINE)
    for before in (r"(?:^|(?<=\s))", r"(?<![A-Za-z])")
)
_LONGEST_LISTING = 2000
_LONGEST_QUESTION = 20_000
"""Characters; bounds what hostile text can cost."""
_WIDE = str.maketrans("ＡＢＣＤＥａｂｃｄ０１２３４５６７８９", "ABCDEabcd0123456789")
_WRAPPED = re.compile(r"[\w\u3001\uff08\uff09\uff0c]$")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class ExamItem:
    """A question as it stands in a paper; `line` counts from 1."""

    number: int
    line: int
    stem: str
    options: tuple[str, str, str, str]
    key: str
    explanation: str = ""


@dataclass(frozen=True)
class UnreadItem:
    """A numbered item that is no usable single-choice question, and why."""

    number: int
    line: int
    reason: str
    text: str


@dataclass
class _Block:
    """A numbered line without its number, and the lines up to the next one."""

    number: int
    line: int
    lines: list[str]
    numbered_line: str

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()

    @property
    def has_options(self) -> bool:
        return _split_options(self.text[:_LONGEST_QUESTION]) is not None

    @property
    def is_answer(self) -> bool:
        """Whether it begins with an answer or an explanation, as in an answer section."""
        return any(p.match(self.lines[0]) for p in (_KEY, _EXPLANATION, _BARE_KEY))

    @property
    def is_open(self) -> bool:
        """Whether its options are still to come."""
        return not self.has_options and not self.is_answer and not _KEY.search(self.text) and len(self.lines) < 12


@dataclass(frozen=True)
class _Read:
    """What a block says: any of it may be missing."""

    block: _Block
    stem: str
    options: tuple[str, ...]
    key: str
    explanation: str


def parse_exam(text: str) -> tuple[list[ExamItem], list[UnreadItem]]:
    """The single-choice questions of a paper in their order, and the numbered items that could not be read."""
    blocks, listed = _blocks(text.translate(_WIDE))
    reads: list[_Read] = []
    for read in map(_read, blocks):
        asked = _asked_before(reads, read)
        if asked is None:
            reads.append(read)
        else:
            before = reads[asked]
            reads[asked] = replace(before, key=read.key or before.key, explanation=read.explanation or before.explanation)
    items, unread = [], []
    seen: dict[int, int] = {}
    for read in reads:
        number = read.block.number
        if read.options and not read.key:
            keys = listed.get(number, [])
            read = replace(read, key=keys[min(seen.get(number, 0), len(keys) - 1)] if keys else "")
            seen[number] = seen.get(number, 0) + 1
        if reason := _complaint(read):
            unread.append(UnreadItem(number, read.block.line, reason, read.block.text[:40]))
        else:
            a, b, c, d = read.options
            items.append(ExamItem(number, read.block.line, read.stem, (a, b, c, d), read.key, read.explanation))
    return items, unread


def _blocks(text: str) -> tuple[list[_Block], dict[int, list[str]]]:
    """The text cut at its question numbers, and the keys that stand in lists, by number in order of appearance."""
    listed: dict[int, list[str]] = {}
    parts: list[list[_Block]] = [[]]  # parted by headings, after which the numbers may begin anew
    for n, line in enumerate(re.sub(r"[^\S\n]+", " ", text).split("\n"), 1):
        if _FURNITURE.fullmatch(line):
            continue
        if _is_list_of_keys(line):
            for number, letter in _listed(line):
                listed.setdefault(number, []).append(letter)
        elif match := _NUMBER.fullmatch(line):
            parts[-1].append(_Block(int(match[1] or match[2]), n, [match[3]], line))
        elif _HEADING.match(line) or (_ENUMERATED.match(line) and not (parts[-1] and parts[-1][-1].is_open)):
            parts.append([])
        elif parts[-1]:
            parts[-1][-1].lines.append(line)
    return [block for part in parts for block in _merged(part)], listed


def _merged(numbered: list[_Block]) -> list[_Block]:
    """Join what only looks like a question, the items of numbered lists, to the question it stands in."""
    blocks: list[_Block] = []
    last_with_options = {block.number: i for i, block in enumerate(numbered) if block.has_options}
    for i, block in enumerate(numbered):
        again = last_with_options.get(block.number, 0) > i
        last = blocks[-1] if blocks else None
        if last is None:
            begins = True
        elif block.has_options:
            begins = not (last.is_open and again)  # else the last item of a list in a stem, with the stem's options
        else:
            begins = block.is_answer or (block.number == last.number + 1 and not again)
        if begins:
            blocks.append(block)
        elif last:
            last.lines += [block.numbered_line, *block.lines[1:]]
    return blocks


def _is_list_of_keys(line: str) -> bool:
    rest, n = _LISTED.subn("", line[:_LONGEST_LISTING])
    return n > 0 and _BESIDE_LIST.fullmatch(rest) is not None


def _listed(line: str) -> Iterator[tuple[int, str]]:
    for match in _LISTED.finditer(line):
        if match[1]:
            yield int(match[1]), match[2]
        else:
            letters = re.sub(r"[^A-D]", "", match[5])
            yield from zip(range(int(match[3]), int(match[4]) + 1), letters, strict=False)


def _read(block: _Block) -> _Read:
    text = block.text
    key, explanation, cut = "", "", len(text)
    if match := _EXPLANATION.search(text):
        cut, explanation = match.start(), text[match.end() :]
    if match := _KEY.search(text):
        letters = _LETTERS.match(match[1])
        key = re.sub(r"[^A-D]", "", letters.group().upper()) if letters else match[1].strip(" *") or "?"
        after = text[match.start(1) + (letters.end() if letters else len(match[1])) :]
        if match.start() < cut:
            cut, explanation = match.start(), explanation or after.lstrip("*。）) \t").split("\n\n")[0]
        else:
            explanation = explanation[: match.start() - len(text)]
    body = text[:cut].rstrip("* \n")
    split = _split_options(body)
    if split is None and not key and (match := _BARE_KEY.match(body)):  # an answer section: 12. B。考查……
        return _Read(block, "", (), match[1] or match[2], _joined(body[match.end() :] + explanation))
    stem, options = (body, ()) if split is None else split
    filled = _FILLED_IN.findall(stem)
    if not key and len(filled) == 1:
        key, stem = filled[0], _FILLED_IN.sub("（ ）", stem)
    return _Read(block, _joined(stem), tuple(_joined(o.split("\n\n")[0], 1) for o in options), key, _joined(explanation))


def _split_options(body: str) -> tuple[str, tuple[str, ...]] | None:
    """Stem and options, cut at the last A that is followed by B, C and D; None without such.

    Letters at the start of a line or after a space are sought first, then those that follow anything but a Latin letter.
    """
    for pattern in _MARKERS:
        markers = list(pattern.finditer(body))
        after: dict[str, list[re.Match[str]]] = {}  # for a letter, the markers of it and of the following ones that come next
        for marker in reversed(markers):
            letter = marker[1].upper()
            following = after.get(chr(ord(letter) + 1), [])
            after[letter] = [marker, *following]
            if letter == "A" and len(after["A"]) == len("ABCD"):
                ends = [*(m.start() for m in after["A"][1:]), len(body)]
                return body[: marker.start()], tuple(body[m.end() : e].strip() for m, e in zip(after["A"], ends, strict=True))
    return None


def _complaint(read: _Read) -> str:
    """Why it is no single-choice question; '' if it is one."""
    if not read.options and read.key:
        return "只有答案，没有与它对应的题目"
    if not read.options:
        return "没有找到 A、B、C、D 四个选项（可能是综合应用题或判断题）"
    if re.search(r"(?:^|\s)[（(]?E\s*[.．、)）]", read.options[3]):
        return "有四个以上的选项，只支持四个选项的单项选择题"
    if not read.stem:
        return "没有题干"
    if any(not o for o in read.options):
        return f"选项 {'ABCD'[[bool(o) for o in read.options].index(False)]} 是空的（可能是图片或公式）"
    if not read.key:
        return "没有找到答案"
    if len(read.key) != 1 or read.key not in "ABCD":
        return f"答案“{read.key}”不是 A、B、C、D 中的一个，只支持单项选择题"
    return ""


def _asked_before(reads: list[_Read], read: _Read) -> int | None:
    """The place of the question that a block without options answers or explains: the last of that number."""
    if read.options or not (read.key or (read.explanation and not read.stem)):
        return None
    places = [i for i, r in enumerate(reads) if r.block.number == read.block.number and r.options]
    return places[-1] if places and not (read.key and reads[places[-1]].key) else None


def _joined(text: str, shortest: int = 12) -> str:
    """Undo the wrapping of Chinese lines of at least `shortest` characters; other line ends (code, lists) stay."""
    lines = [line.strip() for line in text.strip(" *\n").split("\n") if line.strip()]
    joined = lines[:1]
    for before, line in pairwise(lines):
        wrapped = len(before) >= shortest and _WRAPPED.search(before) and _CHINESE.match(line)
        if wrapped:
            joined[-1] += line
        else:
            joined.append(line)
    return "\n".join(joined)
