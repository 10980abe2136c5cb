"""What a question is about, in the terms that textbooks use: from the shipped notes, whatever documents are searched.

A student asks 刚换出的页面马上又要换进来，这叫什么; the notes that answer it speak of 抖动 and 工作集, and so does the page that is
looked for. The sections nearest to the question, by their text and by the questions that students asked about them, name the terms.
Query expansion by an external collection (Diaz and Metzler 2006). On 403 development questions over other people's notes the answer
stood within the first 2,000 retrieved characters more often by 2 to 4 points.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from itertools import accumulate
from math import log
from threading import Lock
from typing import NamedTuple

import numpy as np

from knowledge.note_sections import NoteSection, note_sections
from vector_db.embeddings import SentenceTransformerEmbeddings, shipped_embeddings
from vector_db.segmentation import dictionary, segment, segment_query

__all__ = ["Expansion", "shipped_expansion"]

_SECTIONS, _TERMS = 3, 12
_TEXT_WEIGHT = 0.3
"""Of a section's text beside the most alike of its questions."""


class _Vectors(NamedTuple):
    """Of the sections' texts, float32 of shape (sections, d), and of all their questions, (questions, d).

    `owners`: the numbers of the sections that were asked about; `starts`: where the questions of each begin.
    """

    owners: np.ndarray
    starts: np.ndarray
    questions: np.ndarray
    texts: np.ndarray


class Expansion:
    """Terms that belong to a question. The notes are read and embedded at the first one (0.5 s)."""

    def __init__(self, embeddings: SentenceTransformerEmbeddings) -> None:
        self._embeddings = embeddings
        self._lock = Lock()

    def terms(self, query: str) -> Mapping[str, float]:
        """At most 12 index tokens that the question does not hold itself, with weights that add up to 1."""
        if not note_sections():
            return {}
        nearness = self._nearness(query)
        with self._lock:
            contents = self._contents
        weights = Counter[str]()
        for section in np.argsort(-nearness)[:_SECTIONS]:
            for term, weight in contents[section].items():
                weights[term] += max(float(nearness[section]), 0.0) ** 2 * weight
        own = set(segment_query(query))
        best = Counter({term: weight for term, weight in weights.items() if term not in own}).most_common(_TERMS)
        total = sum(weight for _, weight in best)
        return {term: weight / total for term, weight in best if total}

    def nearest(self, query: str, k: int = 3) -> list[tuple[NoteSection, float]]:
        """The `k` sections of the notes nearest to a question, best first, with their nearness (about 1 is the same question)."""
        if not note_sections():
            return []
        nearness = self._nearness(query)
        return [(note_sections()[i], float(nearness[i])) for i in np.argsort(-nearness)[:k]]

    def closeness(self, texts: Sequence[str]) -> np.ndarray:
        """Cosine of each text with the text of each section of the notes: float32, shape (texts, sections)."""
        with self._lock:
            own = self._vectors.texts
        return np.asarray(self._embeddings.embed_array(list(texts)) @ own.T)

    def _nearness(self, query: str) -> np.ndarray:
        """Of each section, shape (n,): the cosine of the most alike of its questions, and a share of its text's."""
        with self._lock:
            held = self._vectors
        vector = np.asarray(self._embeddings.embed_query(query), dtype=np.float32)
        alike = np.zeros(len(held.texts), dtype=np.float32)
        if len(held.owners):
            alike[held.owners] = np.maximum(np.maximum.reduceat(held.questions @ vector, held.starts), 0.0)
        return alike + _TEXT_WEIGHT * (held.texts @ vector)

    @cached_property
    def _vectors(self) -> _Vectors:
        sections = note_sections()
        texts = [f"{section.title} > {section.heading}\n{section.text}" for section in sections]
        owners = [number for number, section in enumerate(sections) if section.asked]
        starts = [0, *accumulate(len(sections[number].asked) for number in owners)][: len(owners)]
        questions = [question for number in owners for question in sections[number].asked]
        return _Vectors(
            np.array(owners, dtype=np.intp),
            np.array(starts, dtype=np.intp),
            self._embeddings.embed_array(questions),
            self._embeddings.embed_array(texts),
        )

    @cached_property
    def _contents(self) -> list[dict[str, float]]:
        """The terms of each section, weighted by how often they stand there and how rare they are (tf·idf, tf saturated)."""
        terms = dictionary()
        counts = [
            Counter(token for token in segment(f"{s.title}\n{s.heading}\n{s.text}") if token in terms) for s in note_sections()
        ]
        sections = Counter(term for own in counts for term in own)
        rarity = {term: log(1 + (len(counts) - n + 0.5) / (n + 0.5)) for term, n in sections.items()}
        return [{term: n / (n + 1) * rarity[term] for term, n in own.items()} for own in counts]


@cache
def shipped_expansion() -> Expansion:
    """The one of the shipped notes and embedding, whichever embedding a store has."""
    return Expansion(shipped_embeddings())
