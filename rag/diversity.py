"""Passages that add something: near-duplicates are left out, and documents take turns where they are about equally good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from langchain_core.documents import Document

from vector_db.segmentation import normalize

__all__ = ["diverse"]

_SAME = 0.8
"""Share of the shorter text's runs of three characters that stand in the other one: above, one says nothing that the other does not."""
_TURN = 0.97
"""What a further text of the same document counts: so little less that only what is about equally good changes places."""
_LOOKED_AT = 3
"""So many times as many texts as are wanted are looked at."""


def diverse(found: Sequence[tuple[Document, float]], k: int) -> list[tuple[Document, float]]:
    """The best `k` of texts with scores, best first, in the order in which they are worth reading."""
    left = list(found[: _LOOKED_AT * k])
    taken, runs, books = list[tuple[Document, float]](), list[set[str]](), Counter[str]()
    while left and len(taken) < k:
        place = max(range(len(left)), key=lambda i: (_worth(left[i], books), -i))
        chunk, score = left.pop(place)
        own = _runs(chunk.page_content)
        if any(len(own & other) > _SAME * min(len(own), len(other)) for other in runs):
            continue
        taken.append((chunk, score))
        runs.append(own)
        books[chunk.metadata["source"]] += 1
    return taken


def _worth(found: tuple[Document, float], books: Counter[str]) -> float:
    chunk, score = found
    return score * _TURN ** books[chunk.metadata["source"]]


def _runs(text: str) -> set[str]:
    plain = "".join(normalize(text).split())
    return {plain[i : i + 3] for i in range(max(len(plain) - 2, 1))}
