"""Scores of rankings, by ir-measures, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
from ir_measures import RR, R, Success, nDCG

from eval.gold import GoldQuestion, found_in

__all__ = ["MEASURES", "Estimate", "estimate", "score"]

MEASURES = (Success @ 1, Success @ 5, RR @ 10, nDCG @ 10, R @ 10)
_RESAMPLES = 2000
_SEED = 408


@dataclass(frozen=True)
class Estimate:
    """A mean over questions with its 95 % interval (percentile bootstrap over the questions)."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


def score(questions: Sequence[GoldQuestion], rankings: Mapping[str, Sequence[str]]) -> dict[str, list[float]]:
    """Each measure for each question, in the questions' order.

    Args:
        rankings: by question id, the texts that were found, best first.

    A text stands for the first judgement whose words it holds and no better one held; others are not relevant.
    """
    qrels = [
        ir_measures.Qrel(q.id, f"{q.id}/{i}", judgement.grade) for q in questions for i, judgement in enumerate(q.judgements)
    ]
    run = [
        ir_measures.ScoredDoc(q.id, name, -float(rank)) for q in questions for rank, name in enumerate(_named(q, rankings[q.id]))
    ]
    order = {q.id: i for i, q in enumerate(questions)}
    scores = {str(measure): [0.0] * len(questions) for measure in MEASURES}
    for found in ir_measures.iter_calc(list(MEASURES), qrels, run):
        scores[str(found.measure)][order[found.query_id]] = float(found.value)
    return scores


def estimate(values: Sequence[float]) -> Estimate:
    """Mean and interval; the resampling is seeded, so that a figure can be repeated."""
    data = np.asarray(values, dtype=float)
    picks = np.random.default_rng(_SEED).integers(0, len(data), (_RESAMPLES, len(data)))
    low, high = np.quantile(data[picks].mean(axis=1), (0.025, 0.975))
    return Estimate(float(data.mean()), float(low), float(high))


def _named(question: GoldQuestion, texts: Sequence[str]) -> list[str]:
    """Names for the texts of a ranking: of the judgements that they hold, each once, or of their rank."""
    names, held = list[str](), set[int]()
    for rank, text in enumerate(texts):
        new = [i for i in found_in(text, question) if i not in held]
        best = max(new, key=lambda i: question.judgements[i].grade, default=None)
        held |= set(new)
        names.append(f"{question.id}/other{rank}" if best is None else f"{question.id}/{best}")
    return names
