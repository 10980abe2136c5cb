"""How surely the documents answer a question: a calibrated probability, never a fused rank.

Two logistic regressions over what the best candidates have in common with the question, fitted (scikit-learn, C = 10) on the 224
questions of eval/gold/refusal.*.jsonl and the 47 of bench/refusal.py. In five-fold cross-validation the area under the ROC curve
is 0.93 where the store holds questions of students beside its texts, and 0.90 without them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import exp

from rag.rerank import WEIGHTS, Ranked

__all__ = ["ANSWERABLE", "confidence_of"]

ANSWERABLE = 0.36
"""Least confidence that counts as answerable. Cross-validated: refusing has F1 0.84, and 12 % of the answerable questions are refused."""
_BIAS, _SCORE, _COVERAGE, _DENSE, _ALIKE = -9.33, 4.32, 2.22, 1.56, 6.88
_PLAIN_BIAS, _PLAIN_SCORE, _PLAIN_COVERAGE, _PLAIN_DENSE = -6.87, 2.72, 2.66, 9.17
_PLAIN_DISCOUNT = 0.2
"""A text that nobody asked about must speak more clearly: without it refusing has F1 0.79 (cross-validated)."""
_ENOUGH_COVERAGE = 0.55
"""Least coverage that counted as enough on the questions of bench/refusal.py: for embeddings whose cosines mean something else."""


def confidence_of(ranked: Sequence[Ranked], coverage: float, calibrated: bool) -> float:
    """Probability in [0, 1] that the candidates answer the question.

    Args:
        ranked: all candidates, reranked with the shipped weights.
        coverage: share of the question's words, by rarity, that the best passages speak of, in [0, 1].
        calibrated: whether the cosines are those of the shipped embedding; if not, coverage alone decides.
    """
    if not ranked:
        return 0.0
    if not calibrated:
        return min(coverage * ANSWERABLE / _ENOUGH_COVERAGE, 1.0)
    dense, alike = (max(one.parts[name] for one in ranked) for name in ("dense", "alike"))
    score = max(one.score for one in ranked)
    plain = max(one.score - WEIGHTS["alike"] * one.parts["alike"] for one in ranked)
    asked = _logistic(_BIAS + _SCORE * score + _COVERAGE * coverage + _DENSE * dense + _ALIKE * alike)
    said = _logistic(_PLAIN_BIAS + _PLAIN_SCORE * plain + _PLAIN_COVERAGE * coverage + _PLAIN_DENSE * dense)
    return max(asked, said - _PLAIN_DISCOUNT)


def _logistic(x: float) -> float:
    return 1 / (1 + exp(-x))
