"""Answers without any model: each option weighed by the passage that retrieval finds for it. A baseline, never a model's score.

What an option is worth is the score (rag/rerank.py) of the best chunk for the stem with this option; nothing is fitted to
questions. On 433 public questions over other people's notes that chooses the right option in 35 %, over the shipped documents
in 29 %; on the shipped bank in 26 %, for seven in ten of its questions have numbers for options, most to be computed: retrieval
alone can't reason. A weighing of sentences (words bound to the topic, meaning, affirmation and denial), fitted on half of these
questions, did worse (32, 30 and 20 %).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eval.exams.asking import Reply
from eval.exams.evidence_claims import Claims, read_claims
from eval.exams.samples import Sample
from knowledge.questions import LETTERS
from knowledge.subjects import AUTO
from rag.retrieval import Passage, passage_of
from vector_db.segmentation import STOP_WORDS, segment, segment_query

if TYPE_CHECKING:
    from rag.retrieval import Retriever

__all__ = ["EvidenceAsker"]

_DECIMALS = 6
"""Weights are rounded, so that options that are alike tie, in whichever order they are added up."""
_NOTHING = "资料里没有依据：没有一处与题目有关。"
_ALIKE = "资料里的依据分不出选项：几个选项的分数相同。"


@dataclass(frozen=True)
class _Found:
    """The best passage for a claim; a score of 0 and None where there is none."""

    score: float
    passage: Passage | None


class EvidenceAsker:
    """Chooses the option that the documents bear out most, or least if the stem is a negative one. Any thread may ask."""

    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def ask(self, sample: Sample, passages: Sequence[Passage] = ()) -> Reply:
        """Weigh the options; the given passages are left aside, for those of the options count.

        Raises:
            EmptyStoreError, EmbeddingMismatchError: there is nothing to look in.
        """
        claims = read_claims(sample.question.stem, sample.options)
        found = [self._found(f"{claims.topic} {text}") for text in claims.texts]
        if not any(one.passage for one in found):
            return Reply(None, reason=_NOTHING)
        weights = _weights(claims, [one.score for one in found])
        best = [i for i, weight in enumerate(weights) if weight == max(weights)]
        scores = dict(zip(LETTERS, weights, strict=True))
        if len(best) > 1:
            return Reply(None, reason=_ALIKE, scores=scores, passages=_shown(found, range(0)))
        return Reply(LETTERS[best[0]], scores=scores, passages=_shown(found, claims.held[best[0]]))

    def _found(self, query: str) -> _Found:
        hits = self._retriever.search(query, AUTO, 1)
        if not hits:
            return _Found(0.0, None)
        chunk, score = hits[0]
        if not _words(query) & set(segment(f"{chunk.metadata['section']} {chunk.page_content}")):
            return _Found(0.0, None)  # the nearest of what has nothing to do with it
        return _Found(score, passage_of(chunk, [chunk], score))


def _words(query: str) -> set[str]:
    return set(segment_query(query)) - STOP_WORDS


def _weights(claims: Claims, scores: Sequence[float]) -> list[float]:
    """What each option is worth: the claims that it holds less those that it does not, each against their mean; a negative
    stem turns the sign.
    """
    mean = sum(scores) / len(scores)
    sign = -1.0 if claims.negated else 1.0
    sums = (sum((s - mean) if n in held else (mean - s) for n, s in enumerate(scores)) for held in claims.held)
    return [round(sign * one, _DECIMALS) + 0.0 for one in sums]


def _shown(found: Sequence[_Found], held: Sequence[int] | frozenset[int] | range) -> tuple[Passage, ...]:
    """The passages that decided, each once, those of the chosen option first."""
    order = sorted(range(len(found)), key=lambda n: (n not in held, -found[n].score))
    passages = {one.chunk_id: one for n in order if (one := found[n].passage)}
    return tuple(passages.values())
