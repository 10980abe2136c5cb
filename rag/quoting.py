"""Choosing the words of the passages that answer a question, without a model.

A passage is cut into units: sentences, and, where the question asks for several things, whole lists (a lead-in with its
items) and tables. A unit scores by the share of the question's words that it and its section's title hold, weighted by
rarity, and by the terms that belong to the question (rag/expansion.py); units of the form that the question asks for (a
definition, a list) score more.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import log

from rag.expansion import shipped_expansion
from rag.fence import FencedPassage
from rag.quotable import ENUMERATES, LEAD_IN, MAX_CHARS, NUMBER, Unit, form_of, units_of
from vector_db.segmentation import GENERIC_SHARE, GENERIC_WORDS, normalize, segment, segment_query

__all__ = ["Quote", "opening", "select_quotes"]

_MAX_QUOTES = 3
_NEAR = 0.8
"""A further quote is taken only if it scores this share of the best one's score."""
_SECTION_SHARE, _TITLE_SHARE = 0.6, 0.8
_MANY_NUMBERS = 3
_STATEMENT = 0.85
"""Least form of a sentence that says something by itself."""
_LEAST = 0.15
"""Units that cover less of the question are never quoted."""
_ORDER_DISCOUNT = 0.9
_RELATED_SHARE = 0.4
"""Of the related terms beside the question's own, where nothing of it stands in the passages in so many words. With them the quotes
held the answer's words for 53 % of 199 questions (eval/gold) instead of 32 %, and for 72 % of 200 of knowledge/asked instead of 59 %."""
_SAME, _SHARED, _MOST_ALSO = 0.6, 0.6, 2
"""A unit says the same as a quote if its score is at least this share of the quote's, and so are the words that both have."""
_TOUCHED = 0.05
"""Passages of which no unit covers more of the question share nothing with it."""
_ASKS = {
    "list": re.compile(r"哪[些几]|几[种个类条]|有什么|有啥|条件|特[点征]|原则|优缺点|优点|缺点|作用|方法|方式|分类"),
    "steps": re.compile(r"步骤|过程|流程|怎么|怎样|如何|哪几步|几步"),
    "cause": re.compile(
        r"(?:怎么|怎样|如何|怎么会|为什么会|什么会)(?:会|被)?(?:产生|出现|形成|引起|发生|造成|导致|来)(?:的)?|由什么(?:引起|造成|导致)|从何而来|怎么来的"
    ),
    "comparison": re.compile(r"区别|不同|差别|差异|比较|对比|相比|异同"),
    "reason": re.compile(r"为什么|为何|为啥|原因|目的|好处"),
    "definition": re.compile(r"什么是|是什么|什么叫|定义|含义|概念|何谓|指什么|啥是|是啥|什么意思"),
}
"""What a question asks for, by its words."""
_REASONS = re.compile(r"原因|因为|由于|为了|防止|避免|目的|是因|理由|否则")
_DIFFERS = re.compile(r"区别|不同|差别|差异|相比|而[^，。]{2,}则|前者|后者")
_WHERE = re.compile(r"^在?(?:操作系统|数据结构|计算机网络|计网|计算机组成原理|计组)(?:这门课)?(?:里面?|中|当中)的?[，,]?")
"""A subject that only says where the question belongs: 操作系统里抖动是怎么产生的 asks of 抖动 alone."""
_QUESTION_WORDS = re.compile(
    r"什么是|是什么|什么叫|什么|怎么样|怎样|怎么|如何|的定义|的含义|的概念|何谓|指什么|有哪些|哪些|哪几[种个类]|几[种个类]|请问|简述|解释|说明|一下|[？?。！!，,、]|吗|呢"
)


@dataclass(frozen=True)
class Quote:
    """Words of passage `n` as they stand there, with the score that chose them; the passages `also` say the same."""

    n: int
    text: str
    score: float
    also: tuple[int, ...] = ()


def select_quotes(question: str, passages: Sequence[FencedPassage], related: Mapping[str, float] | None = None) -> list[Quote]:
    """Up to three quotes, best first, each from one passage and new beside those before it; [] if nothing fits.

    Args:
        related: terms that belong to the question though it does not hold them, with weights that add up to 1; by default those
            of the shipped notes (rag/expansion.py). They order what shares words with the question, and let nothing in by themselves.
    """
    units = [unit for passage in passages for unit in units_of(passage)]
    own = _weights(_WHERE.sub("", question), units)
    sections = {passage.n: set(segment(passage.section)) for passage in passages}
    told = max((_coverage(u, own, sections[u.passage.n]) for u in units), default=0.0) if any(own.values()) else 0.0
    if told < _TOUCHED:
        return []
    weights = _with_related(own, shipped_expansion().terms(question) if related is None else related, 1.0 - min(told, 1.0))
    order = {passage.n: i for i, passage in enumerate(passages)}
    wants = _wanted(question)
    scored = [
        (_coverage(u, weights, sections[u.passage.n]) * _fitness(u, question, wants) * _ORDER_DISCOUNT ** order[u.passage.n], u)
        for u in units
    ]
    ranked = sorted((pair for pair in scored if pair[0] > _LEAST), key=lambda pair: -pair[0])
    return _choose(ranked)


def _wanted(question: str) -> set[str]:
    """The forms that a question asks for; `怎么产生的` asks for a reason, not for steps."""
    wants = {kind for kind, words in _ASKS.items() if words.search(question)}
    return wants - {"steps"} | {"reason"} if "cause" in wants else wants


def _with_related(own: Mapping[str, float], related: Mapping[str, float], untold: float) -> dict[str, float]:
    """The question's words, and the related terms beside them: the more, the less of the question stands anywhere in so many words."""
    share = _RELATED_SHARE * untold * sum(own.values())
    return {**{term: share * weight for term, weight in related.items()}, **own}


def opening(passages: Sequence[FencedPassage]) -> list[Quote]:
    """The first statement of the best passage, for a question in quite other words than its answer; [] without any."""
    statements = (unit for passage in passages[:1] for unit in units_of(passage) if form_of(unit) >= _STATEMENT)
    return [Quote(unit.passage.n, unit.text, 0.0) for unit in islice(statements, 1)]


def _choose(ranked: list[tuple[float, Unit]]) -> list[Quote]:
    quotes: list[Quote] = []
    for score, unit in ranked:
        if len(quotes) == _MAX_QUOTES or score < ranked[0][0] * _NEAR:
            break
        fits = sum(len(q.text) for q in quotes) + len(unit.text) <= MAX_CHARS or not quotes
        if fits and not any(_repeats(unit.text, q.text) for q in quotes):
            quotes.append(Quote(unit.passage.n, unit.text, score))
    return [replace(quote, also=_also(quote, ranked)) for quote in quotes]


def _also(quote: Quote, ranked: Sequence[tuple[float, Unit]]) -> tuple[int, ...]:
    """Other passages that say the same, best first: a note's words stand on a page of the student's own book, say."""
    same = (u.passage.n for score, u in ranked if score >= _SAME * quote.score and _is_same(u.text, quote.text))
    return tuple(dict.fromkeys(n for n in same if n != quote.n))[:_MOST_ALSO]


def _weights(question: str, units: Sequence[Unit]) -> dict[str, float]:
    counts = Counter(token for unit in units for token in set(segment(unit.text)))
    idf = {t: log(1 + len(units) / (1 + counts[t])) for t in segment_query(question)}
    return {t: w * (GENERIC_SHARE if t in GENERIC_WORDS else 1.0) for t, w in idf.items()}


def _coverage(unit: Unit, weights: dict[str, float], section: set[str]) -> float:
    """Weighted share of the question in a unit. Its section's title counts less; for a list or table it is the lead-in."""
    tokens = set(segment(unit.text))
    own = sum(w for t, w in weights.items() if t in tokens)
    headed = sum(w for t, w in weights.items() if t in section and t not in tokens)
    return (own + (_SECTION_SHARE if unit.kind == "sentence" else _TITLE_SHARE) * headed) / sum(weights.values())


def _fitness(unit: Unit, question: str, wants: set[str]) -> float:
    """Bonus for the form that the question asks for; the factors were set by reading answers, not learned."""
    if unit.kind == "table":
        return 1.4 if wants & {"list", "comparison"} else 0.7
    if unit.kind == "list":
        lead_in = unit.text.partition("\n")[0]
        asked = bool(_DIFFERS.search(lead_in)) if "comparison" in wants else bool(wants & {"list", "steps"})
        worked = len(NUMBER.findall(lead_in)) >= _MANY_NUMBERS  # an example with its numbers, when the rule is asked for
        return (1.4 if LEAD_IN.search(lead_in) and not worked else 1.15) if asked else 0.7
    fitness = form_of(unit)
    if "comparison" in wants:
        return fitness * (1.45 if _DIFFERS.search(unit.text) else 1.0)
    if "reason" in wants and _REASONS.search(unit.text):
        fitness *= 1.4
    if "list" in wants and ENUMERATES.search(unit.text):
        fitness *= 1.35
    if "definition" in wants and "list" not in wants and _defines(unit.text, question):
        fitness *= 1.8
    return fitness


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


def _is_same(text: str, other: str) -> bool:
    """Whether two texts say the same in about as many words; of one that only touches the matter too little is shared."""
    one, two = set(segment(text)), set(segment(other))
    return len(one & two) >= _SHARED * max(len(one), len(two))


def _repeats(text: str, other: str) -> bool:
    one, two = set(segment(text)), set(segment(other))
    return len(one & two) >= 0.7 * min(len(one), len(two)) if one and two else text == other
