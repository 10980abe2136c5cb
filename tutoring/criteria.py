"""A marking criterion taken apart: what it asks for, without the words on how points are given, and its alternatives."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from math import log

from knowledge.bank import BANK, read_bank
from tutoring.figures import Figure, figures_in, flattened, states
from vector_db.segmentation import GENERIC_WORDS, STOP_WORDS, segment, words

__all__ = ["Demand", "demands_of", "rarity", "told_words"]

_BRACKETED = re.compile(r"\((?:[^()]|\([^()]*\))*\)")
_ON_POINTS = re.compile(
    r"\d\s*分(?!组|钟|支|区|页|段|配|别)|得分|给分|扣分|不得分|得 ?\d ?分|都对|才给|各一分|均可|同样|等价|也可|也对|都可以|皆可|不限|即可|顺序任意"
)
_POINTS = re.compile(r",?(?:全对|各|都对|两者都对|每个|每处)?得?\s*\d\s*分(?=$|[;。；])")
_ALTERNATIVE = re.compile(r"^\s*(?:或|即|写|也|又|约|十六进制|二进制)")
_ALL_RIGHT = re.compile(
    r"^(?:[一二两三四五六七八九十]者?个?|全部|各个?|都|均|结果|并且)*(?:都|全部|均)?(?:正确|对)$|^(?:次序|顺序|方向)正确$|(?:先后|次序|顺序)?不限$|^其余合理$"
)
_TASK_WORDS = frozenset(
    "指出 说明 求出 求得 得到 得出 写出 列出 给出 回答 判断 结论 正确 理由 原因 依据 依次 分别 说明理由 画出 计算 算出 过程 结果 表示 其余 不变 以及 并且 因此 所以 由于 因为 "
    "这些 此时 可得 求 共 各 为 由 得 知 后 前 时 每 每个 两个 一个 使 使得 即 取 写 中 上 下 内 外".split()
)


@dataclass(frozen=True)
class Demand:
    """One thing that a criterion asks for.

    Attributes:
        text: flattened, without words on points.
        figures: what must be stated; those that the problem itself gives are left out.
        words: content words with their weights.
        others: figures of which each would do in place of all of `figures`.
    """

    text: str
    figures: tuple[Figure, ...]
    words: dict[str, float]
    others: tuple[Figure, ...] = ()


def demands_of(criterion: str, given: str) -> list[Demand]:
    """The demands of a criterion, at least one. `given` is the problem with its question: its figures prove nothing."""
    plain = flattened(criterion)
    others: list[Figure] = []

    def apart(match: re.Match[str]) -> str:
        inside = match[0][1:-1]
        if _is_vector(match[0]) or (inside.isascii() and _in_formula(plain, match)):
            return match[0]
        if _ALTERNATIVE.match(inside) and not re.search(r"不得分|不给分", inside):
            others.extend(_told(figures_in(inside), given))
        return " "

    first, *rest = re.split(r"[;。；]", _BRACKETED.sub(apart, plain))
    clauses = [_POINTS.sub("", first), *(c for c in rest if c.strip())]
    clauses = [c for c in clauses if not _ON_POINTS.search(c)] or clauses[:1]
    found = [_demand(piece, given, tuple(others)) for clause in clauses for piece in _pieces(clause)]
    if not any(d.figures for d in found):
        return [_demand(",".join(clauses), given, tuple(others))]
    return [d for d in found if d.figures or d.words] or [Demand(plain, (), told_words(plain), tuple(others))]


def _pieces(clause: str) -> list[str]:
    """The parts of a clause between commas that ask for something of their own; commas inside a sequence part nothing."""
    spans = [(f.start, f.end) for f in figures_in(clause)]
    cuts = [m.start() for m in re.finditer(",", clause) if not any(a <= m.start() < b for a, b in spans)]
    parts = [clause[a:b].strip(" ,") for a, b in zip([0, *cuts], [*cuts, len(clause)], strict=True)]
    return [p for p in parts if p and not _ALL_RIGHT.match(p) and not re.search(r"\d\s*分$|各\s*\d", p)]


def _demand(text: str, given: str, others: tuple[Figure, ...]) -> Demand:
    figures = [f for f in figures_in(text) if not (f.kind == "number" and _is_step(text, f))]
    return Demand(text, tuple(_told(figures, given)), told_words(text), others)


def _is_step(text: str, figure: Figure) -> bool:
    """Whether a number is a step on the way to a result (1 and 7 in `(1+7)*100=800 ms`), or only names something (第6个)."""
    before, after = text[: figure.start].rstrip(), text[figure.end :].lstrip()
    if before.endswith("第"):
        return True
    counted = "=" in after and after[:1] in ("+", "*", "/", "-", "^", ")", "=")
    return counted or (before[-1:] in ("+", "*", "/", "^") and "=" in after)


def _told(figures: Iterable[Figure], given: str) -> list[Figure]:
    """The figures that the problem does not give; a small number stands there by chance, and a hexadecimal one is a result."""
    return [f for f in figures if not f.telling or (f.kind == "hex" and f.text not in given) or not _gives(given, f)]


def _gives(given: str, figure: Figure) -> bool:
    """Whether the problem states a figure, its unit included: 10 Mb/s does not give 10 ms."""
    place = states(given, figure)
    return place is not None and not (figure.unit and given[slice(*place)].replace(".", "").isdigit())


def _in_formula(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()], text[match.end() :]
    if re.search(r"\d\s*[A-Za-zμ/]+$", before):
        return False  # behind a unit
    return bool(re.search(r"[\w\])+*/=^%-]$", before, re.ASCII) or re.match(r"\s*[%*/+^-]", after))


def _is_vector(text: str) -> bool:
    return bool(re.fullmatch(r"\(\s*-?\d+(?:\s*,\s*-?\d+)+\s*\)", text))


def told_words(text: str) -> dict[str, float]:
    """The content words of a text with their rarity."""
    tokens = dict.fromkeys(t for t in words(text) if len(t) > 1 and not any(c.isdigit() for c in t))
    return {t: rarity(t) for t in tokens if t not in STOP_WORDS | GENERIC_WORDS | _TASK_WORDS}


def rarity(word: str) -> float:
    """Inverse document frequency of a word over the criteria of the shipped problems."""
    counts, whole = _frequencies()
    return log(1 + whole / (1 + counts[word]))


@cache
def _frequencies() -> tuple[Counter[str], int]:
    texts = [c.text for problem in read_bank(BANK).problems for part in problem.parts for c in part.marking]
    return Counter(word for text in texts for word in set(segment(flattened(text)))), len(texts)
