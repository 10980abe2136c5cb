"""What is searched: the passages of the knowledge base, and those of the pairs that are not among them."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from finetune.embedding_training.pairs import Pair, plain

if TYPE_CHECKING:
    from langchain_core.documents import Document

__all__ = ["Corpus", "Passage", "alike", "corpus_of"]

_RUN = 5
_SAME = 0.8
"""Of the shorter of two texts, the share of its runs of `_RUN` characters that the other has too: from here on they say the same."""
_FEWEST = 10
"""Of a shorter text only the same one is a duplicate: 定义 stands within most."""
_RARE = 50
"""A run that more passages have is a phrase and finds nothing."""


@dataclass(frozen=True)
class Passage:
    """A text that can be found.

    Attributes:
        text: as it is embedded; in the knowledge base its headings stand before it.
        body: the text without them.
    """

    id: str
    text: str
    body: str
    document: str = ""
    page: int | None = None


@dataclass(frozen=True)
class Corpus:
    """The passages, and for each pair the places of those that answer its question; at least one."""

    passages: tuple[Passage, ...]
    answers: tuple[frozenset[int], ...]

    @property
    def digest(self) -> str:
        """16 hex digits of all texts, in their order."""
        told = json.dumps([passage.text for passage in self.passages], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def alike(one: str, other: str) -> bool:
    """Whether two texts are near-duplicates, or the one stands within the other."""
    runs, others = sorted((_runs(one), _runs(other)), key=len)
    if len(runs) < _FEWEST:
        return runs == others
    return len(runs & others) >= _SAME * len(runs)


def corpus_of(pairs: Sequence[Pair], chunks: Iterable[Document]) -> tuple[list[Pair], Corpus]:
    """The corpus, and the pairs as it has them: where a chunk of the knowledge base is a pair's passage, its text is what is embedded.

    A question's answers are its own passage, what is nearly the same text, what holds the quote on the same page, and all of
    these of other pairs with the same question.
    """
    passages = [_of_chunk(chunk) for chunk in sorted(chunks, key=lambda one: str(one.id))]
    index = _Index(passages, frozenset(run for pair in pairs for run in _runs(pair.passage)))
    found = [index.answers(pair) or {index.add(_of_pair(pair))} for pair in pairs]
    placed = [_placed(pair, places, index.passages) for pair, places in zip(pairs, found, strict=True)]
    by_question = defaultdict[str, set[int]](set)
    for pair, places in zip(pairs, found, strict=True):
        by_question[plain(pair.question)] |= places
    answers = tuple(frozenset(by_question[plain(pair.question)]) for pair in pairs)
    return placed, Corpus(tuple(index.passages), answers)


class _Index:
    """Passages by those of the runs of characters in them that are looked for: memory grows with the pairs, not with the store."""

    def __init__(self, passages: Iterable[Passage], wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self.passages: list[Passage] = []
        self._places = dict[str, int]()
        self._owners = defaultdict[str, list[int]](list)
        for passage in passages:
            self.add(passage)

    def add(self, passage: Passage) -> int:
        place = len(self.passages)
        self.passages.append(passage)
        self._places[passage.id] = place
        for run in _runs(passage.body) & self._wanted:
            self._owners[run].append(place)
        return place

    def answers(self, pair: Pair) -> set[int]:
        """The places of the passages that hold what the pair's does."""
        own = {self._places[pair.chunk]} if pair.chunk in self._places else set()
        likely = set(self._likely(self.passages[next(iter(own))].body if own else pair.passage))
        found = {i for i in likely if alike(self.passages[i].body, pair.passage)}
        return own | found | {i for i in likely if self._quoted(pair, self.passages[i])}

    def _likely(self, text: str) -> Iterator[int]:
        for run in _runs(text):
            if len(owners := self._owners.get(run, ())) <= _RARE:
                yield from owners

    def _quoted(self, pair: Pair, passage: Passage) -> bool:
        here = (passage.document, passage.page) == (pair.document, pair.page)
        return bool(here and pair.quote and plain(pair.quote) in plain(passage.body))


def _placed(pair: Pair, places: set[int], passages: Sequence[Passage]) -> Pair:
    """The pair with the text of the passage that is most like its own: the one that holds the quote, of those the shortest."""
    held = [passages[i] for i in sorted(places)]
    best = min(held, key=lambda p: (p.id != pair.chunk, plain(pair.quote) not in plain(p.body), len(p.body), p.id))
    return replace(
        pair, passage=best.text, document=best.document or pair.document, page=best.page if best.document else pair.page
    )


def _of_chunk(chunk: Document) -> Passage:
    from vector_db.entries import embedded_text

    return Passage(str(chunk.id), embedded_text(chunk), chunk.page_content, str(chunk.metadata["source"]), chunk.metadata["page"])


def _of_pair(pair: Pair) -> Passage:
    told = f"{pair.document}\n{pair.page}\n{pair.passage}"
    return Passage(f"pair-{hashlib.sha256(told.encode()).hexdigest()[:16]}", pair.passage, pair.passage, pair.document, pair.page)


@lru_cache(maxsize=5000)
def _runs(text: str) -> frozenset[str]:
    told = plain(text)
    return frozenset(told[i : i + _RUN] for i in range(max(len(told) - _RUN + 1, 1)))
