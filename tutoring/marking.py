"""Marking an answer to a 综合应用题 point by point, by what can be computed: figures, terms, negations. No model.

What can't be told for sure is 无法判断, and the mark becomes a band.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.problems import Criterion, Problem
from rag.sentences import sentences
from tutoring.criteria import Demand, demands_of
from tutoring.figures import Figure, figures_in, flattened, states
from vector_db.segmentation import joined, other_names, segment

__all__ = ["Mark", "Verdict", "band", "computed_marks", "verdict_of"]

Verdict = Literal["得分", "部分", "未得分", "无法判断"]

_MATCHED, _PARTLY, _UNSURE, _MISSED = "matched", "partly", "unsure", "missed"
_COVERED = 0.72
"""Share of a demand's words, weighted by rarity, from which it is met."""
_NAME = re.compile(r"(?<![A-Za-z0-9])(?:[A-Z]\d{0,2}|[A-Za-z]\d{1,2}(?:in|out)?)(?![A-Za-z0-9])")
"""Of a node, a process, a resource, an address, a control signal: K, P5, r2, R1out."""
_SHORT = 16
"""Characters of a demand that is a bare conclusion."""
_NEAR = 18
"""Characters around a small number in which a word of its demand must stand."""
_NEGATIONS = re.compile(r"不(?!同|妨|仅|但|断|变|论|管)|没有|没(?!有)|未|无(?!论|符号|关)|非(?!常)|并非|错误地")
_ORDERED = re.compile(r"先\s*([A-Za-z]\w*\([\w\s,]*\)).{0,3}再\s*([A-Za-z]\w*\([\w\s,]*\))")
_OPPOSITES = (
    ("大于", "小于"), ("超过", "低于"), ("增加", "减少"), ("增大", "减小"), ("递增", "递减"), ("升序", "降序"), ("可能", "不可能"),
    ("相等", "不相等"), ("抢占", "不抢占"), ("稳定", "不稳定"), ("连通", "不连通"), ("安全", "不安全"), ("可以", "不可以"),
    ("用户态", "内核态"), ("硬件", "软件"), ("方案甲", "方案乙"), ("命中", "缺失"),
)  # fmt: skip
_ALWAYS = 13
"""The pairs from here on name two things that one answer may both speak of: they tell only beside a conclusion without figures."""
_COMMENTS = {
    "得分": "写到了评分点的要求。", "部分": "写到了一部分，还缺：{lacking}。", "未得分": "没有写到：{lacking}。",
    "无法判断": "程序不能确定这一点是否成立，请对照参考答案：{lacking}。",
}  # fmt: skip


@dataclass(frozen=True)
class Mark:
    """What became of one criterion.

    Attributes:
        part: number of the question, from 1.
        low, high: points for sure, and at most; the same unless `verdict` is 部分 or 无法判断.
        quote: words of the student, as they stand; '' if there are none on it.
    """

    part: int
    criterion: str
    full: int
    verdict: Verdict
    low: int
    high: int
    quote: str = ""
    comment: str = ""


def band(marks: Sequence[Mark]) -> tuple[int, int]:
    """The least and the most points of all marks together."""
    return sum(mark.low for mark in marks), sum(mark.high for mark in marks)


def computed_marks(problem: Problem, answers: Sequence[str]) -> list[Mark]:
    """A mark for each criterion, in order. `answers` are the student's words on each part, '' where there are none."""
    return [
        _mark(n, criterion, answer, f"{problem.stem}\n{part.question}")
        for n, (part, answer) in enumerate(zip(problem.parts, answers, strict=True), 1)
        for criterion in part.marking
    ]


def _mark(n: int, criterion: Criterion, answer: str, given: str) -> Mark:
    if not answer.strip():
        return Mark(n, criterion.text, criterion.score, "未得分", 0, 0, "", "这一问没有作答。")
    demands = demands_of(criterion.text, flattened(given))
    text = flattened(answer)
    found = [_outcome(demand, text) for demand in demands]
    if _reversed(criterion.text, text):
        found = [_MISSED] * len(found)
    figured = [o for o, d in zip(found, demands, strict=True) if any(f.telling for f in d.figures)]
    figured = figured or [o for o, d in zip(found, demands, strict=True) if d.figures]
    outcomes = figured if figured and _MISSED not in found else found
    verdict, low, high = verdict_of(outcomes, criterion.score)
    lacking = [
        d.text.strip(" :") for d, o in zip(demands, found, strict=True) if o != _MATCHED and (o in outcomes or not figured)
    ]
    comment = _COMMENTS[verdict].format(lacking="；".join(lacking)[:80] or criterion.text[:60])
    return Mark(n, criterion.text, criterion.score, verdict, low, high, _quote(demands, answer), comment)


def verdict_of(outcomes: Sequence[str], full: int) -> tuple[Verdict, int, int]:
    """The verdict of a criterion whose demands had these outcomes, and its least and most points."""
    kinds = set(outcomes)
    if kinds == {_MATCHED}:
        return "得分", full, full
    if kinds == {_MISSED}:
        return "未得分", 0, 0
    if _UNSURE in kinds or full == 1:
        return "无法判断", 0, full
    return "部分", 1, full - 1


def _outcome(demand: Demand, text: str) -> str:
    """What a flattened answer says of a demand."""
    if _contradicted(demand, text):
        return _MISSED if demand.figures or len(demand.text) <= _SHORT else _UNSURE
    if not demand.figures:
        return _of_words(demand, text)
    telling = [figure for figure in demand.figures if figure.telling]
    strengths = [_strength(figure, demand, text) for figure in telling or demand.figures]
    if min(strengths) == 2 or any(states(text, other) for other in demand.others if other.telling):
        return _MATCHED
    if max(strengths) == 0:
        return _MISSED
    return _UNSURE if 1 in strengths or not telling else _PARTLY


def _strength(figure: Figure, demand: Demand, text: str) -> int:
    """2 where the figure stands beyond doubt, 1 where it may stand otherwise or for something else, 0 where it does not stand."""
    if figure.kind == "formula":
        return _formula_strength(figure, text)
    if figure.telling:
        if _named_otherwise(figure, demand, text):
            return 0
        if states(text, figure):
            return 2
        if figure.kind not in ("sequence", "address") or not _scattered(figure, text):
            return 0
        return 2 if all(len(item) >= 3 for item in figure.plain.split(",")) else 1
    strength, at = 0, 0
    while place := states(text[at:], figure):
        start, end = at + place[0], at + place[1]
        if _meant(figure, demand, text, start, end):
            return 2
        strength, at = 1, end
    return strength


def _named_otherwise(figure: Figure, demand: Demand, text: str) -> bool:
    """Whether the answer gives the register or flag of a hexadecimal result other values only (EBP=… where ESP has this one)."""
    name = re.search(r"([A-Za-z]\w*)\s*=\s*$", demand.text[: figure.start], re.ASCII)
    if figure.kind != "hex" or not name:
        return False
    given = re.findall(rf"(?<!\w){name[1]}\s*[=为是:]+\s*([0-9A-F]+H|0x[0-9A-F]+)", text, re.ASCII | re.IGNORECASE)
    return bool(given) and not any(states(value, figure) for value in given)


def _meant(figure: Figure, demand: Demand, text: str, start: int, end: int) -> bool:
    """Whether a small number at this place counts what the demand counts: the same measure word, and words of the demand around."""
    number = figures_in(text[start:end])
    counter, after = number[0].counter if number else "", text[end : end + 1]
    if figure.counter and counter != figure.counter and (counter or after in (",", "-")):
        return False
    if not demand.words:
        return True
    around = set(segment(text[max(start - _NEAR, 0) : end + _NEAR]))
    sentence = set(segment(text[_begin(text, start) : end + _NEAR]))
    said = sum(weight for word, weight in demand.words.items() if _says(word, sentence))
    return any(_says(word, around) for word in demand.words) and said >= sum(demand.words.values()) / 2


def _begin(text: str, at: int) -> int:
    """Where the sentence begins in which a place is."""
    return max(text.rfind(end, 0, at) for end in "。;\n") + 1


def _formula_strength(figure: Figure, text: str) -> int:
    """A formula may stand in another form; an equation that gives a name another number does not stand."""
    if states(text, figure):
        return 2
    left, sign, right = figure.plain.partition("=")
    right = right.strip("= ")
    if not sign or not re.fullmatch(r"-?\d+(?:\.\d+)?", right):
        return 1
    value = figures_in(right)
    chained = re.search(
        rf"(?<![\w.]){re.escape(left)}=[^,。;\n]*=\s*{re.escape(right)}(?![\d.])", text.lower().replace(" ", ""), re.ASCII
    )
    if chained or (value and value[0].telling and states(text, value[0])):
        return 2
    assigned = re.findall(
        rf"(?<![\w.]){re.escape(left)}\s*(?:=+|为|是|:)\s*(-?\d[\d.]*)(?![\d.]*\s*[+*/=^(-])", text.lower(), re.ASCII
    )
    return 0 if assigned and right not in assigned else 1


def _scattered(figure: Figure, text: str) -> bool:
    """Whether the items of a sequence or address stand in a text without being one, as in a table; not if it has another one."""
    items = re.split("[,/]", figure.plain)
    others = [f for f in figures_in(text) if f.kind == figure.kind and len(re.split("[,/]", f.plain)) == len(items)]
    return not others and all(re.search(rf"(?<![\w.]){re.escape(item)}(?![\w.])", text, re.ASCII) for item in items)


def _of_words(demand: Demand, text: str) -> str:
    tokens = set(segment(text))
    whole = sum(demand.words.values()) or 1.0
    covered = sum(weight for word, weight in demand.words.items() if _says(word, tokens)) / whole
    if not set(_NAME.findall(demand.text)) <= set(_NAME.findall(text)):
        return _UNSURE
    return _MATCHED if covered >= _COVERED else _UNSURE  # other words may say the same


def _says(word: str, tokens: set[str]) -> bool:
    """Whether a word, all the words inside it, or one of its other names is among the tokens."""
    inside = set(segment(word)) - {word}
    return (
        word in tokens
        or (len(inside) > 1 and inside <= tokens)
        or any(set(segment(n)) <= tokens for n in other_names(joined(word)))
    )


def _contradicted(demand: Demand, text: str) -> bool:
    """Whether the answer says of the demand's words the opposite of what the demand says, and nowhere the same."""
    for one, other in _OPPOSITES if not demand.figures else _OPPOSITES[:_ALWAYS]:
        for wanted, wrong in ((one, other), (other, one)):
            if _holds(demand.text, wanted, wrong) and not _holds(text, wanted, wrong) and _holds(text, wrong, wanted):
                return True
    return any(_turned(word, demand.text, text) for word in demand.words if len(word) <= 4)


def _holds(text: str, word: str, opposite: str) -> bool:
    """Whether a word stands in a text otherwise than inside its opposite."""
    plain = text.replace(opposite, "□") if word in opposite else text
    return word in plain


def _turned(word: str, demand: str, text: str) -> bool:
    wanted, said = _negated(word, demand), _negated(word, text)
    return bool(wanted and said) and not wanted & said


def _negated(word: str, text: str) -> set[bool]:
    """For the places of a word, whether a negation stands up to four characters before it."""
    lowered = text.lower()
    befores = (lowered[max(match.start() - 4, 0) : match.start()] for match in re.finditer(re.escape(word), lowered))
    return {bool(_NEGATIONS.search(re.split(r"[,。;:\n]", before)[-1])) for before in befores}


def _reversed(criterion: str, text: str) -> bool:
    """Whether the criterion wants one call before another and the answer has them the other way round."""
    wanted = _ORDERED.search(flattened(criterion))
    if not wanted:
        return False
    squeezed = "".join(text.split()).lower()
    first, second = ("".join(call.split()).lower() for call in wanted.groups())
    return first in squeezed and second in squeezed and second not in squeezed[squeezed.find(first) :]


def _quote(demands: Sequence[Demand], answer: str) -> str:
    """The student's sentence that says most of what is asked for, as it stands."""
    best, most = "", 0.0
    for start, end in sentences(answer):
        sentence = answer[start:end]
        plain = flattened(sentence)
        tokens = set(segment(plain))
        told = sum(2.0 for d in demands for f in (*d.figures, *d.others) if states(plain, f))
        told += sum(weight for d in demands for word, weight in d.words.items() if word in tokens) / 4
        if told > most:
            best, most = sentence, told
    return best
