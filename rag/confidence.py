"""How surely the documents answer a question: a calibrated probability, never a fused rank.

Logistic regressions over what the question and the best candidates have in common, fitted by `python -m bench.confidence` on the
questions of eval/gold/refusal.*.jsonl and bench/refusal.py. What tells most is whether the things that a question names (its
nouns, Latin words and terms) are spoken of: 哈夫曼树怎么旋转恢复平衡 has much in common with a note on 哈夫曼树, but for the 旋转.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import exp

from knowledge.subjects import occurrences
from rag.rerank import WEIGHTS, Ranked
from vector_db.segmentation import joined, named_in, segment

__all__ = ["ANSWERABLE", "ASKED", "PLAIN", "PLAIN_DISCOUNT", "WORDS", "Evidence", "confidence_of", "evidence_of"]

Idf = Callable[[Iterable[str]], Mapping[str, float]]

ANSWERABLE = 0.33
"""Least confidence that counts as answerable. Cross-validated on 463 questions: refusing has F1 0.86, and 7 % of the answerable
questions are refused; at 0.50 it would be 0.89 and 10 %."""
ASKED = {"words": 3.26, "dense": 3.47, "alike": 8.24, "alike_too": 3.29, "named": 3.13, "unknown": -2.14, "bias": -10.38}
PLAIN = {"words": 2.73, "dense": 9.67, "named": 3.43, "unknown": -2.2, "bias": -7.65}
WORDS = {"words": 3.74, "named": 4.17, "unknown": -2.49, "bias": -3.77}
"""Coefficients by the names of `Evidence`: for texts with questions that students asked about them, for texts without (F1 0.86, 7 %),
and for embeddings whose cosines mean something else (F1 0.82, 8 %)."""
PLAIN_DISCOUNT = 0.2
"""Beside texts that were asked about, one that nobody asked about must speak more clearly."""
_LOOKED_AT = 6
_INSIDE = 0.7
_WORDS_PARTS = ("body", "heading", "cover", "pairs")


@dataclass(frozen=True)
class Evidence:
    """What speaks for an answer, each in [0, about 2].

    Attributes:
        words: the best candidate's sum of weighted parts that compare words.
        dense: the greatest cosine similarity of a text.
        alike, alike_too: the greatest and second greatest cosine similarity of a question that was asked about a text.
        named: share of the things that the question names, by their rarity, that the best of the first candidates speaks of.
        unknown: 1 if the first candidate lacks a Latin word of the question.
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
    names = named_in(query)
    rarity = idf(names)
    total = sum(rarity.values())
    spoken = [sum(weight * _spoken(name, text) for name, weight in rarity.items()) for text in texts]
    latin = [name for name in names if name.isascii()]
    return Evidence(
        max(sum(WEIGHTS[part] * one.parts[part] for part in _WORDS_PARTS) for one in ranked),
        max(one.parts["dense"] for one in ranked),
        alike[0],
        alike[1] if len(alike) > 1 else 0.0,
        max(spoken) / total if total else 0.5,
        float(any(not occurrences(name, texts[0]) for name in latin)),
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
    return joined(f"{meta['section']}\n{one.chunk.page_content}\n{meta.get('asked', '')}")


def _spoken(name: str, text: str) -> float:
    """1 if the name stands there; else at most `_INSIDE`, by the share of its characters in shorter words that do."""
    if occurrences(name, text):
        return 1.0
    inside = [token for token in segment(name) if token != name and occurrences(token, text)]
    characters = {i for token in inside for i in range(name.find(token), name.find(token) + len(token))}
    return _INSIDE * len(characters) / len(name)


def _logistic(coefficients: Mapping[str, float], evidence: Mapping[str, float]) -> float:
    return 1 / (1 + exp(-coefficients["bias"] - sum(coefficients.get(name, 0.0) * value for name, value in evidence.items())))
