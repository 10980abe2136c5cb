"""What of a passage can be quoted: its sentences, and whole lists and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.fence import FencedPassage
from rag.sentences import sentences

__all__ = ["ENUMERATES", "LEAD_IN", "MAX_CHARS", "NUMBER", "Unit", "form_of", "units_of"]

MAX_CHARS = 700
"""Of a list or a table, and of all quotes together."""
LEAD_IN = re.compile(
    r"(如下|以下|下列|下面|下表)[^，。；]{0,14}[。：:]?$|[：:]$|[二两三四五六七八]个?(阶段|步骤?|方面|部分|类|种|条|点)[^，；]{0,4}。$"
)
"""How a line ends that announces a list."""
ENUMERATES = re.compile(r"(分为|分成|包括|包含|有|是|指)[^。]*、[^。、]{1,30}(和|与|以及|或)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ASIDE = re.compile(r"\s*(例|解|答|注|问|提示|说明|参考答案|【)[^：:]{0,8}[：:】]")
_ITEM = re.compile(
    r"\s*(?:[-*+•·▪●○■◆–]\s|[(（]?\d{1,2}[)）.、．]|[①-⑳]|[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]、|第[一二三四五六七八九十]+[步次类种]|(?:\*\*)?[^\s，。；：|]{1,18}(?:\*\*)?[：:]\S)"
)
_BULLET = re.compile(r"\s*([-*+•·▪●○■◆–]\s|[(（]?\d{1,2}[)）.、．]|[①-⑳])")
_ANNOUNCES = re.compile(r"(?:见下[表图]|如下|以下[^，。；：]{1,14})。$")
_LINK = re.compile(r"\W*\[[^\]]*\]\([^)]*\)\W*")
_RULE = re.compile(r"^[\s|:\-]+$")


@dataclass(frozen=True)
class Unit:
    """Characters [start, end) of a passage; `kind` is sentence, list or table."""

    passage: FencedPassage
    start: int
    end: int
    kind: str

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


def units_of(passage: FencedPassage) -> Iterator[Unit]:
    """All units of a passage: sentences outside of tables, then tables, then lists with their lead-ins."""
    for start, end in sentences(passage.text):
        if not _is_row(passage.text[start:end]):
            yield Unit(passage, start, end, "sentence")
    lines = [match.span() for match in re.finditer(r"[^\n]+", passage.text)]
    yield from _runs(passage, lines, "table")
    yield from _runs(passage, lines, "list")


def form_of(unit: Unit) -> float:
    """Discount for a sentence that is no statement by itself: a label, a question, a lead-in, code, a piece of a list."""
    text = unit.text
    if len(text) < 10 or text[-1] in "？?：:" or _RULE.match(text) or _LINK.fullmatch(text) or _ANNOUNCES.search(text):
        return 0.4
    if text[-1] not in "。！；!;.)）”" or re.match(r"(但|而|因此|所以|此外|另外|从上|由此|这|其|它|例如|比如|若|如果)", text):
        return 0.75
    return 0.85 if _BULLET.match(text) else 1.0


def _runs(passage: FencedPassage, lines: Sequence[tuple[int, int]], kind: str) -> Iterator[Unit]:
    """Maximal runs of at least two lines of a table, or of list items with the lead-in before them."""
    i = 0
    while i < len(lines):
        j = i
        while j < len(lines) and _belongs(passage.text[slice(*lines[j])], kind) and _same_marks(passage, lines, i, j):
            j += 1
        while i < j and _RULE.match(passage.text[slice(*lines[i])]):
            i += 1  # a table cut below its header begins with the rule; alone it shows nothing
        if j - i >= 2:
            first = i - 1 if i and LEAD_IN.search(passage.text[slice(*lines[i - 1])]) else i
            yield Unit(passage, lines[first][0], _bounded_end(lines, first, j), kind)
        i = max(j, i + 1)


def _belongs(line: str, kind: str) -> bool:
    if kind == "table":
        return _is_row(line)
    item = _ITEM.match(line) and not _ASIDE.match(line) and line.rstrip()[-1] not in "？?"
    return bool(item) and not _is_row(line)


def _same_marks(passage: FencedPassage, lines: Sequence[tuple[int, int]], first: int, line: int) -> bool:
    """A list of bullets or numbers ends where a line has none: `注意：…` below it is no item of it."""
    return bool(_BULLET.match(passage.text, *lines[first])) == bool(_BULLET.match(passage.text, *lines[line]))


def _is_row(line: str) -> bool:
    return "|" in line or "\t" in line


def _bounded_end(lines: Sequence[tuple[int, int]], first: int, stop: int) -> int:
    """End of the last line before `stop` with which the run stays within the limit; at least two lines."""
    start = lines[first][0]
    return max((end for _, end in lines[first:stop] if end - start <= MAX_CHARS), default=lines[first][1])
