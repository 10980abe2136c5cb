"""Passages that add something: near-duplicates are left out, and documents take turns where they are about equally good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from langchain_core.documents import Document

from rag.rerank import prepared

__all__ = ["diverse"]

_SAME = 0.8
"""A text of which a larger share of its runs of three characters stands in an earlier one adds nothing to it."""
_TURNS = (1.0, 0.97, 0.97**2, 0.97**3)
"""What a further text of the same document counts, up to the third: so little less that only what is nearly as good changes places."""


def diverse(found: Sequence[tuple[Document, float]], k: int) -> list[tuple[Document, float]]:
    """The best `k` of texts with scores of 0 or more, in the order in which they are worth reading, with what they are worth then."""
    left = sorted(found, key=lambda pair: -pair[1])
    taken, runs, books = list[tuple[Document, float]](), list[set[int]](), Counter[str]()
    while left and len(taken) < k:
        at, worth = 0, -1.0
        for i, (chunk, score) in enumerate(left):
            if score <= worth:
                break  # nor is any behind it worth more
            if (own_worth := score * _TURNS[min(books[chunk.metadata["source"]], len(_TURNS) - 1)]) > worth:
                at, worth = i, own_worth
        chunk, _ = left.pop(at)
        own = _runs(chunk.page_content)
        if any(len(own & other) > _SAME * len(own) for other in runs):
            continue
        taken.append((chunk, worth))
        runs.append(own)
        books[chunk.metadata["source"]] += 1
    return taken


def _runs(text: str) -> set[int]:
    """Its runs of three characters, each as one number: a third of the time that it takes to cut them out."""
    codes = np.frombuffer(f"{_plain(text):\0<3}".encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    return set((codes[:-2] << 42 | codes[1:-1] << 21 | codes[2:]).tolist())


@lru_cache(maxsize=2048)
def _plain(text: str) -> str:
    """As tokens are looked for in it, without blanks. Kept for a while: questions of one hour find the same texts again and again."""
    return "".join(prepared(text).split())
