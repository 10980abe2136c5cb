"""Choosing the words of the passages that answer a question, without a model.

A passage is cut into units: sentences, and, where the question asks for several things, whole lists (a lead-in with its
items) and tables. A unit scores by the share of the question's words that it and its section's title hold, weighted by
rarity; units of the form that the question asks for (a definition, a list) score more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log

from rag.fence import FencedPassage
from rag.sentences import sentences
from vector_db.segmentation import GENERIC_SHARE, GENERIC_WORDS, normalize, segment, segment_query

__all__ = ["Quote", "opening", "select_quotes"]

_MAX_QUOTES = 3
_MAX_CHARS = 700
_NEAR = 0.8
"""A further quote is taken only if it scores this share of the best one's score."""
_SECTION_SHARE, _TITLE_SHARE = 0.6, 0.8
_STATEMENT = 0.85
"""Least form of a sentence that says something by itself."""
_LEAST = 0.15
"""Units that cover less of the question are never quoted."""
_ORDER_DISCOUNT = 0.94
_ASKS = {
    "list": re.compile(r"哪[些几]|几[种个类条]|有什么|有啥|条件|特[点征]|原则|优缺点|优点|缺点|作用|方法|方式|分类"),
    "steps": re.compile(r"步骤|过程|流程|怎么|怎样|如何|哪几步|几步"),
    "comparison": re.compile(r"区别|不同|差别|差异|比较|对比|相比|异同"),
    "reason": re.compile(r"为什么|为何|为啥|原因|目的|好处"),
    "definition": re.compile(r"什么是|是什么|什么叫|定义|含义|概念|何谓|指什么|啥是|是啥|什么意思"),
}
"""What a question asks for, by its words."""
_REASONS = re.compile(r"原因|因为|由于|为了|防止|避免|目的|是因|理由|否则")
_DIFFERS = re.compile(r"区别|不同|差别|差异|相比|而[^，。]{2,}则|前者|后者")
_QUESTION_WORDS = re.compile(
    r"什么是|是什么|什么叫|什么|怎么样|怎样|怎么|如何|的定义|的含义|的概念|何谓|指什么|有哪些|哪些|哪几[种个类]|几[种个类]|请问|简述|解释|说明|一下|[？?。！!，,、]|吗|呢"
)
_LEAD_IN = re.compile(
    r"(如下|以下|下列|下面|下表)[^，。；]{0,14}[。：:]?$|[：:]$|[二两三四五六七八]个?(阶段|步骤?|方面|部分|类|种|条|点)[^，；]{0,4}。$"
)
_ENUMERATES = re.compile(r"(分为|分成|包括|包含|有|是|指)[^。]*、[^。、]{1,30}(和|与|以及|或)")
_ASIDE = re.compile(r"\s*(例|解|答|注|问|提示|说明|参考答案|【)[^：:]{0,8}[：:】]")
_ITEM = re.compile(
    r"\s*(?:[-*+•·▪●○■◆–]\s|[(（]?\d{1,2}[)）.、．]|[①-⑳]|[(（][一二三四五六七八九十]+[)）]|[一二三四五六七八九十]、|第[一二三四五六七八九十]+[步次类种]|(?:\*\*)?[^\s，。；：|]{1,18}(?:\*\*)?[：:]\S)"
)
_BULLET = re.compile(r"\s*([-*+•·▪●○■◆–]\s|[(（]?\d{1,2}[)）.、．]|[①-⑳])")
_LINK = re.compile(r"\W*\[[^\]]*\]\([^)]*\)\W*")
_RULE = re.compile(r"^[\s|:\-]+$")


@dataclass(frozen=True)
class Quote:
    """Words of passage `n` as they stand there, with the score that chose them."""

    n: int
    text: str
    score: float


@dataclass(frozen=True)
class _Unit:
    passage: FencedPassage
    start: int
    end: int
    kind: str  # sentence, list, table

    @property
    def text(self) -> str:
        return self.passage.text[self.start : self.end]


def select_quotes(question: str, passages: Sequence[FencedPassage]) -> list[Quote]:
    """Up to three quotes, best first, each from one passage and new beside those before it; [] if nothing fits."""
    units = [unit for passage in passages for unit in _units(passage)]
    weights = _weights(question, units)
    if not any(weights.values()):
        return []
    order = {passage.n: i for i, passage in enumerate(passages)}
    sections = {passage.n: set(segment(passage.section)) for passage in passages}
    wants = {kind for kind, words in _ASKS.items() if words.search(question)}
    scored = [
        (_coverage(u, weights, sections[u.passage.n]) * _fitness(u, question, wants) * _ORDER_DISCOUNT ** order[u.passage.n], u)
        for u in units
    ]
    ranked = sorted((pair for pair in scored if pair[0] > _LEAST), key=lambda pair: -pair[0])
    return _choose(ranked)


def opening(passages: Sequence[FencedPassage]) -> list[Quote]:
    """The first statement of the best passage, for a question in quite other words than its answer; [] without any."""
    statements = (unit for passage in passages[:1] for unit in _units(passage) if _form(unit) >= _STATEMENT)
    return [Quote(unit.passage.n, unit.text, 0.0) for unit in islice(statements, 1)]


def _choose(ranked: list[tuple[float, _Unit]]) -> list[Quote]:
    quotes: list[Quote] = []
    for score, unit in ranked:
        if len(quotes) == _MAX_QUOTES or score < ranked[0][0] * _NEAR:
            break
        fits = sum(len(q.text) for q in quotes) + len(unit.text) <= _MAX_CHARS or not quotes
        if fits and not any(_repeats(unit.text, q.text) for q in quotes):
            quotes.append(Quote(unit.passage.n, unit.text, score))
    return quotes


def _units(passage: FencedPassage) -> Iterator[_Unit]:
    for start, end in sentences(passage.text):
        if not _is_row(passage.text[start:end]):
            yield _Unit(passage, start, end, "sentence")
    lines = [match.span() for match in re.finditer(r"[^\n]+", passage.text)]
    yield from _runs(passage, lines, "table")
    yield from _runs(passage, lines, "list")


def _runs(passage: FencedPassage, lines: Sequence[tuple[int, int]], kind: str) -> Iterator[_Unit]:
    """Maximal runs of at least two lines of a table, or of list items with the lead-in before them."""
    i = 0
    while i < len(lines):
        j = i
        while j < len(lines) and _belongs(passage.text[slice(*lines[j])], kind) and _same_marks(passage, lines, i, j):
            j += 1
        while i < j and _RULE.match(passage.text[slice(*lines[i])]):
            i += 1  # a table cut below its header begins with the rule; alone it shows nothing
        if j - i >= 2:
            first = i - 1 if i and _LEAD_IN.search(passage.text[slice(*lines[i - 1])]) else i
            yield _Unit(passage, lines[first][0], _bounded_end(lines, first, j), kind)
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
    return max((end for _, end in lines[first:stop] if end - start <= _MAX_CHARS), default=lines[first][1])


def _weights(question: str, units: Sequence[_Unit]) -> dict[str, float]:
    counts = Counter(token for unit in units for token in set(segment(unit.text)))
    idf = {t: log(1 + len(units) / (1 + counts[t])) for t in segment_query(question)}
    return {t: w * (GENERIC_SHARE if t in GENERIC_WORDS else 1.0) for t, w in idf.items()}


def _coverage(unit: _Unit, weights: dict[str, float], section: set[str]) -> float:
    """Weighted share of the question in a unit. Its section's title counts less; for a list or table it is the lead-in."""
    tokens = set(segment(unit.text))
    own = sum(w for t, w in weights.items() if t in tokens)
    headed = sum(w for t, w in weights.items() if t in section and t not in tokens)
    return (own + (_SECTION_SHARE if unit.kind == "sentence" else _TITLE_SHARE) * headed) / sum(weights.values())


def _fitness(unit: _Unit, question: str, wants: set[str]) -> float:
    """Bonus for the form that the question asks for; the factors were set by reading answers, not learned."""
    if unit.kind == "table":
        return 1.4 if wants & {"list", "comparison"} else 0.7
    if unit.kind == "list":
        lead_in = unit.text.partition("\n")[0]
        asked = bool(_DIFFERS.search(lead_in)) if "comparison" in wants else bool(wants & {"list", "steps"})
        return (1.4 if _LEAD_IN.search(lead_in) else 1.15) if asked else 0.7
    fitness = _form(unit)
    if "comparison" in wants:
        return fitness * (1.45 if _DIFFERS.search(unit.text) else 1.0)
    if "reason" in wants and _REASONS.search(unit.text):
        fitness *= 1.4
    if "list" in wants and _ENUMERATES.search(unit.text):
        fitness *= 1.35
    if "definition" in wants and "list" not in wants and _defines(unit.text, question):
        fitness *= 1.8
    return fitness


def _form(unit: _Unit) -> float:
    """Discount for a sentence that is no statement by itself: a label, a question, a lead-in, code, a piece of a list."""
    text = unit.text
    if len(text) < 10 or text[-1] in "？?：:" or _RULE.match(text) or _LINK.fullmatch(text):
        return 0.4
    if text[-1] not in "。！；!;.)）”" or re.match(r"(但|而|因此|所以|此外|另外|从上|由此|这|其|它|例如|比如|若|如果)", text):
        return 0.75
    return 0.85 if _BULLET.match(text) else 1.0


def _defines(text: str, question: str) -> bool:
    """Whether the sentence has the form `X（…）是/指 …` for the X that the question names."""
    topic = re.sub(r"\s|的$", "", _QUESTION_WORDS.sub("", normalize(question)))
    plain = re.sub(r"[*`\"“”\s]", "", normalize(text))
    if not topic:
        return False
    return bool(
        re.match(
            rf"(所谓)?{re.escape(topic)}(\([^)]*\))?(,?(是|指|表示|即|就是|称为)|的定义|:)|.*(称为|叫做|就是){re.escape(topic)}[。,;(]",
            plain,
        )
    )


def _repeats(text: str, other: str) -> bool:
    one, two = set(segment(text)), set(segment(other))
    return len(one & two) >= 0.7 * min(len(one), len(two)) if one and two else text == other
