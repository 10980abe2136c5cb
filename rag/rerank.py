"""A light reranker that needs no download: a weighted sum of what a question and a chunk have in common.

Each part lies between 0 and about 1 whatever the question, so that the sum can be compared between questions. The weights were
chosen by `python -m bench.rerank`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import NamedTuple

from langchain_core.documents import Document

from vector_db.segmentation import normalize, segment, segment_query

__all__ = ["PARTS", "WEIGHTS", "Candidate", "Ranked", "parts_of", "rerank"]

_K1, _B = 1.2, 0.75
"""BM25's constants (Robertson and Zaragoza 2009)."""
_LENGTHS = {"body": 150.0, "heading": 12.0}
"""Usual numbers of tokens, so that a score does not depend on what else was found."""
PARTS = ("body", "heading", "cover", "pairs", "dense", "alike")
WEIGHTS = {"body": 1.0, "heading": 0.6, "cover": 0.25, "pairs": 0.4, "dense": 0.3, "alike": 1.0}
"""The parts: BM25 with the text and with its headings, each as a share of the most that this question could get; the share of the
question's words (by idf) in text or headings; the same of its pairs of characters; the cosine similarity with the text; and with
the most alike of the questions that students asked about it."""


@dataclass(frozen=True)
class Candidate:
    """A chunk with its cosine similarity to the question, and that of the most alike of its questions (0 without any)."""

    chunk: Document
    cosine: float
    alike: float = 0.0


class Ranked(NamedTuple):
    """A chunk with its score and the parts of it, by the names of `PARTS`."""

    chunk: Document
    score: float
    parts: Mapping[str, float]


def rerank(
    query: str,
    candidates: Sequence[Candidate],
    idf: Callable[[Iterable[str]], Mapping[str, float]],
    weights: Mapping[str, float] = WEIGHTS,
) -> list[Ranked]:
    """The candidates with their scores, best first. `idf` gives the rarity of tokens in the whole store."""
    rows = parts_of(query, candidates, idf)
    scores = [sum(weights[name] * value for name, value in row.items()) for row in rows]
    order = sorted(range(len(candidates)), key=lambda i: (-scores[i], str(candidates[i].chunk.id)))
    return [Ranked(candidates[i].chunk, scores[i], rows[i]) for i in order]


def parts_of(
    query: str, candidates: Sequence[Candidate], idf: Callable[[Iterable[str]], Mapping[str, float]]
) -> list[dict[str, float]]:
    """What each candidate has in common with the question, by the names of `PARTS`."""
    tokens = segment_query(query)
    rarity = idf(tokens)
    total = sum(rarity.values()) or 1.0
    pairs = _pairs(query)
    held = [_pairs(f"{_last_heading(c.chunk)}\n{c.chunk.page_content}") & pairs for c in candidates]
    rare = _rarity_here(pairs, held)
    all_pairs = sum(rare.values()) or 1.0
    rows = []
    for candidate, own in zip(candidates, held, strict=True):
        chunk = candidate.chunk
        counts = {"body": Counter(segment(chunk.page_content)), "heading": Counter(segment(chunk.metadata["section"]))}
        row = {name: _bm25(found, rarity, _LENGTHS[name]) / total for name, found in counts.items()}
        row["cover"] = sum(w for t, w in rarity.items() if t in counts["body"] or t in counts["heading"]) / total
        row["pairs"] = sum(rare[pair] for pair in own) / all_pairs
        rows.append(row | {"dense": candidate.cosine, "alike": candidate.alike})
    return rows


def _bm25(counts: Counter[str], rarity: Mapping[str, float], length: float) -> float:
    """BM25 of a field, divided by k1 + 1: at most the sum of the rarities."""
    norm = _K1 * (1 - _B + _B * sum(counts.values()) / length)
    return sum(weight * counts[token] / (counts[token] + norm) for token, weight in rarity.items() if token in counts)


def _rarity_here(pairs: set[str], held: Sequence[set[str]]) -> dict[str, float]:
    """Inverse document frequency of pairs of characters among the candidates."""
    frequencies = Counter(pair for own in held for pair in own)
    return {pair: log(1 + (len(held) - frequencies[pair] + 0.5) / (frequencies[pair] + 0.5)) for pair in pairs}


def _pairs(text: str) -> set[str]:
    plain = "".join(normalize(text).split())
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def _last_heading(chunk: Document) -> str:
    return str(chunk.metadata["section"]).rpartition(" > ")[2]
