"""How surely the documents answer a question: a calibrated probability, never a fused rank.

Logistic regressions over what the question and the best candidates have in common, fitted by `python -m bench.confidence` on the
questions of eval/gold/refusal.*.jsonl and bench/refusal.py, and on some of the bank. What tells most is whether the things that a question names (its
nouns, Latin words and terms) are spoken of: 哈夫曼树怎么旋转恢复平衡 has much in common with a note on 哈夫曼树, but for the 旋转.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp

from knowledge.subjects import occurrences
from rag.query import understand
from rag.rerank import WEIGHTS, Ranked, prepared
from vector_db.segmentation import named_in, other_names, segment

__all__ = ["ANSWERABLE", "ASKED", "PLAIN", "PLAIN_DISCOUNT", "WORDS", "Evidence", "confidence_of", "evidence_of"]

Idf = Callable[[Iterable[str]], Mapping[str, float]]

ANSWERABLE = 0.43
"""Least confidence that counts as answerable. Cross-validated on 463 questions: refusing has F1 0.85, and 8 % of the answerable
questions are refused (at 0.50: 0.87 and 9 %); of the questions of the bank, which the fit has not seen, 6 %."""
ASKED = {"words": 2.9, "dense": 6.04, "alike": 6.49, "alike_too": 2.84, "named": 3.99, "unknown": -1.01, "bias": -10.85}
PLAIN = {"words": 2.6, "dense": 10.58, "named": 4.07, "unknown": -1.2, "bias": -8.41}
WORDS = {"words": 3.68, "named": 5.23, "unknown": -1.22, "bias": -4.32}
"""Coefficients by the names of `Evidence`: for texts with questions that students asked about them, for texts without (F1 0.86, 8 %),
and for embeddings whose cosines mean something else (F1 0.82, 11 %)."""
PLAIN_DISCOUNT = 0.2
"""Beside texts that were asked about, one that nobody asked about must speak more clearly."""
_LOOKED_AT = 6
_INSIDE = 0.7
_ENOUGH = 3.0
"""A long question is fully spoken of once as much is covered as so many unknown words weigh."""
_UNKNOWN = "\ufffd"  # a token that no document holds: its rarity is the greatest
_WORDS_PARTS = ("body", "heading", "cover", "pairs")


@dataclass(frozen=True)
class Evidence:
    """What speaks for an answer, each in [0, about 2].

    Attributes:
        words: the best candidate's sum of weighted parts that compare words.
        dense: the greatest cosine similarity of a text.
        alike, alike_too: the greatest and second greatest cosine similarity of a question that was asked about a text.
        named: share of the things that the question names, by their rarity, that the best of the first candidates speaks of.
        unknown: share of the question's Latin words (without digits: 1f90 and a1 are names of nothing) that the first candidate lacks.
    """

    words: float
    dense: float
    alike: float
    alike_too: float
    named: float
    unknown: float


def evidence_of(query: str, ranked: Sequence[Ranked], idf: Idf) -> Evidence:
    """The evidence of candidates, best first; `idf` gives the rarity of tokens in the whole store."""
    alike = sorted((one.parts["alike"] for one in ranked), reverse=True)
    texts = [_text(one) for one in ranked[:_LOOKED_AT]]
    names = named_in(understand(query).searches[0][0])
    rarity = idf([*names, _UNKNOWN])
    total = min(sum(rarity[name] for name in names), _ENOUGH * rarity[_UNKNOWN])
    spoken = [sum(rarity[name] * _spoken(name, text) for name in names) for text in texts]
    latin = [name for name in names if name.isascii() and name.isalpha()]
    lacked = [name for name in latin if _spoken(name, texts[0]) < 1]
    return Evidence(
        max(sum(WEIGHTS[part] * one.parts[part] for part in _WORDS_PARTS) for one in ranked),
        max(one.parts["dense"] for one in ranked),
        alike[0],
        alike[1] if len(alike) > 1 else 0.0,
        min(max(spoken) / total, 1.0) if total else 0.5,
        len(lacked) / len(latin) if latin else 0.0,
    )


def confidence_of(query: str, ranked: Sequence[Ranked], idf: Idf, calibrated: bool) -> float:
    """Probability in [0, 1] that the candidates answer the question.

    Args:
        ranked: all candidates, reranked with the shipped weights, best first.
        idf: gives the rarity of tokens in the whole store.
        calibrated: whether the cosines are those of the shipped embedding.
    """
    if not ranked:
        return 0.0
    evidence = asdict(evidence_of(query, ranked, idf))
    if not calibrated:
        return _logistic(WORDS, evidence)
    if not evidence["alike"]:
        return _logistic(PLAIN, evidence)
    return max(_logistic(ASKED, evidence), _logistic(PLAIN, evidence) - PLAIN_DISCOUNT)


def _text(one: Ranked) -> str:
    meta = one.chunk.metadata
    return "\n".join(map(prepared, (meta["section"], one.chunk.page_content, meta.get("asked", ""))))


def _spoken(name: str, text: str) -> float:
    """1 if the name, or another one for it, stands there; else at most `_INSIDE`, by the share of its characters in words that do."""
    if any(occurrences(one, text) for one in (name, *other_names(name))):
        return 1.0
    inside = [token for token in segment(name) if token != name and occurrences(token, text)]
    characters = {i for token in inside for i in range(name.find(token), name.find(token) + len(token))}
    return _INSIDE * len(characters) / len(name)


def _logistic(coefficients: Mapping[str, float], evidence: Mapping[str, float]) -> float:
    return 1 / (1 + exp(-coefficients["bias"] - sum(coefficients.get(name, 0.0) * value for name, value in evidence.items())))
