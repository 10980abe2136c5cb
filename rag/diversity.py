"""Passages that add something: near-duplicates are left out, and documents take turns where they are about equally good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from langchain_core.documents import Document

from vector_db.segmentation import normalize

__all__ = ["diverse"]

_SAME = 0.8
"""A text of which a larger share of its runs of three characters stands in an earlier one adds nothing to it."""
_TURN, _TURNS = 0.97, 3
"""What a further text of the same document counts, up to the third: so little less that only what is nearly as good changes places."""


def diverse(found: Sequence[tuple[Document, float]], k: int) -> list[tuple[Document, float]]:
    """The best `k` of texts with scores of 0 or more, in the order in which they are worth reading, with what they are worth then."""
    left = list(found)
    taken, runs, books = list[tuple[Document, float]](), list[set[str]](), Counter[str]()
    while left and len(taken) < k:
        place = max(range(len(left)), key=lambda i: (_worth(left[i], books), -i))
        worth = _worth(left[place], books)
        chunk, _ = left.pop(place)
        own = _runs(chunk.page_content)
        if any(len(own & other) > _SAME * len(own) for other in runs):
            continue
        taken.append((chunk, worth))
        runs.append(own)
        books[chunk.metadata["source"]] += 1
    return taken


def _worth(found: tuple[Document, float], books: Counter[str]) -> float:
    chunk, score = found
    return score * _TURN ** min(books[chunk.metadata["source"]], _TURNS)


def _runs(text: str) -> set[str]:
    plain = "".join(normalize(text).split())
    return {plain[i : i + 3] for i in range(max(len(plain) - 2, 1))}
