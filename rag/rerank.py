"""A light reranker that needs no download: a weighted sum of what a question and a chunk have in common.

Each part lies between 0 and about 1 whatever the question, so that the sum can be compared between questions. The weights were
chosen by `python -m bench.rerank`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import NamedTuple

from langchain_core.documents import Document

from knowledge.subjects import occurrences
from vector_db.segmentation import joined, other_names, segment_query

__all__ = ["PARTS", "WEIGHTS", "Candidate", "Ranked", "brevity", "headed", "parts_of", "prepared", "rerank"]

_K1, _B = 1.2, 0.75
"""BM25's constants (Robertson and Zaragoza 2009)."""
_LENGTHS = {"body": 340.0, "heading": 27.0}
"""Usual numbers of characters, so that a score does not depend on what else was found."""
PARTS = ("body", "heading", "cover", "pairs", "dense", "alike", "related")
WEIGHTS = {"body": 0.45, "heading": 1.0, "cover": 0.2, "pairs": 0.5, "dense": 0.4, "alike": 1.5, "related": 0.35}
"""The parts: BM25 with the text and with its headings, each as a share of the most that this question could get; the share of the
question's words (by idf) in text or headings; the same of its pairs of characters; the cosine similarity with the text; and with
the most alike of the questions that students asked about it; of a text that nobody asked about, the share of the terms that belong
to the question (rag/expansion.py)."""
_OTHER_NAME = 0.5
"""Of a term that stands in a text by another name, beside once by its own. Development questions hardly tell (RR@10 +0.002)."""
_BREVITY, _SHORT = 0.15, 200
"""Of two texts that say the same, the shorter leaves room for others: scores are divided by (characters + 200) to this power."""
_USUAL = 540.0


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
    related: Mapping[str, float] | None = None,
) -> list[Ranked]:
    """The candidates with their scores, best first.

    Args:
        idf: gives the rarity of tokens in the whole store.
        related: terms that belong to the question, with weights that add up to 1.
    """
    rows = parts_of(query, candidates, idf, related)
    sums = [sum(weights[name] * value for name, value in row.items()) for row in rows]
    scores = [s * brevity(candidate.chunk) for s, candidate in zip(sums, candidates, strict=True)]
    order = sorted(range(len(candidates)), key=lambda i: (-scores[i], str(candidates[i].chunk.id)))
    return [Ranked(candidates[i].chunk, scores[i], rows[i]) for i in order]


def headed(chunk: Document) -> str:
    """A chunk's text under its own heading, as it reads in the document."""
    return f"{_last_heading(chunk)}\n{chunk.page_content}".strip()


def parts_of(
    query: str,
    candidates: Sequence[Candidate],
    idf: Callable[[Iterable[str]], Mapping[str, float]],
    related: Mapping[str, float] | None = None,
) -> list[dict[str, float]]:
    """What each candidate has in common with the question, by the names of `PARTS`.

    Tokens are looked for in the text as substrings, Latin ones as whole words: five times as fast as to segment it.
    """
    rarity = idf(segment_query(query))
    names = [(token, other_names(token)) for token in rarity]
    total = sum(rarity.values()) or 1.0
    texts = [(prepared(c.chunk.page_content), prepared(c.chunk.metadata["section"])) for c in candidates]
    pairs = _pairs(joined(query))
    held = [_held(pairs, f"{heading.rpartition(' > ')[2]}{body}") for body, heading in texts]
    rare = _rarity_here(pairs, held)
    all_pairs = sum(rare.values()) or 1.0
    belonging = list(related.items()) if related else []
    rows = []
    for candidate, own, (body, heading) in zip(candidates, held, texts, strict=True):
        in_body, in_heading = _counts(names, body), _counts(names, heading)
        wanted = [] if candidate.chunk.metadata.get("asked") else belonging
        row = {
            "body": _bm25(in_body, rarity, len(body) / _LENGTHS["body"]) / total,
            "heading": _bm25(in_heading, rarity, len(heading) / _LENGTHS["heading"]) / total,
            "cover": sum([w for t, w in rarity.items() if t in in_body or t in in_heading]) / total,
            "pairs": sum([rare[pair] for pair in own]) / all_pairs,
            "dense": max(candidate.cosine, 0.0),
            "alike": max(candidate.alike, 0.0),
            "related": sum(
                [w for t, w in wanted if t in body and occurrences(t, body) or t in heading and occurrences(t, heading)]
            ),
        }
        rows.append(row)
    return rows


@lru_cache(maxsize=4096)
def prepared(text: str) -> str:
    """A text as tokens are looked for in it. Kept for a while: questions of one hour find the same texts again and again."""
    return joined(text)


def brevity(chunk: Document) -> float:
    """What the sum of a chunk's parts is multiplied by, for its length: 1 for a usual one."""
    return float((_USUAL / (len(chunk.page_content) + _SHORT)) ** _BREVITY)


def _counts(names: Iterable[tuple[str, Sequence[str]]], text: str) -> dict[str, float]:
    """How often tokens stand in a text, of those that do; a term that does not may do so by another of its names.

    Most are not even a part of most texts, which is told first: with a call for each, this takes twice as long.
    """
    counts = dict[str, float]()
    for token, others in names:
        if token in text and (count := occurrences(token, text)):
            counts[token] = count
        elif others and any([other in text and occurrences(other, text) for other in others]):
            counts[token] = _OTHER_NAME
    return counts


def _bm25(counts: Mapping[str, float], rarity: Mapping[str, float], length: float) -> float:
    """BM25 of a field, divided by k1 + 1: at most the sum of the rarities. `length` 1 is usual."""
    norm = _K1 * (1 - _B + _B * length)
    return sum([rarity[token] * count / (count + norm) for token, count in counts.items()])


def _rarity_here(pairs: set[str], held: Sequence[set[str]]) -> dict[str, float]:
    """Inverse document frequency of pairs of characters among the candidates."""
    frequencies = Counter(pair for own in held for pair in own)
    return {pair: log(1 + (len(held) - frequencies[pair] + 0.5) / (frequencies[pair] + 0.5)) for pair in pairs}


def _pairs(text: str) -> set[str]:
    plain = "".join(text.split())
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def _held(pairs: set[str], text: str) -> set[str]:
    plain = "".join(text.split())
    return {pair for pair in pairs if pair in plain}


def _last_heading(chunk: Document) -> str:
    return str(chunk.metadata["section"]).rpartition(" > ")[2]
