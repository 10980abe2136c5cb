"""From a question to passages: route → dense ∥ lexical → fuse → neighbours, and whether they can answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from langchain_core.documents import Document

from errors import EmbeddingMismatchError, EmptyStoreError
from knowledge.subjects import AUTO, SUBJECTS, term_votes
from rag.parsing.page import Span
from rag.splitting import boxes_of
from vector_db.segmentation import GENERIC_SHARE, GENERIC_WORDS, STOP_WORDS, segment, words
from vector_db.store import CourseStore, Hit

__all__ = ["ANSWERABLE", "Passage", "Retrieval", "Retriever", "fuse"]

DENSE_WEIGHT = 0.1
_RANK_CONSTANT = 60.0
"""Reciprocal rank fusion, `Σ w / (60 + rank)` (Cormack et al. 2009); the dense leg's weight chosen by bench/fusion.py."""
_CANDIDATES = 50
_NOTE_SHARE = 0.8
_PASSAGE_CHARS, _REACH = 900, 3
"""A passage takes in so much of the section around its chunk, and so many chunks on either side of it."""
ANSWERABLE = 0.55
"""Least coverage of a question that counts as answerable; chosen by bench/refusal.py, never on a fused score."""
_ENOUGH = 3.0
_INSIDE = 0.7
_UNKNOWN = "\ufffd"  # a token that no document holds: its idf is the greatest


@dataclass(frozen=True)
class Passage:
    """A chunk with what stands around it in its section, as context for an answer.

    `page` is the chunk's; `spans` are the printed lines of `text`, each with its own page; `ocr_confidence` (0–1) is of a page
    read by OCR, None for others; `score` is the fused score of the chunk, comparable inside one query.
    """

    chunk_id: str
    source: str
    document: str
    page: int
    section: str
    subject: str
    text: str
    score: float
    spans: tuple[Span, ...] = ()
    ocr_confidence: float | None = None


@dataclass(frozen=True)
class Retrieval:
    """What was found. `confidence` in [0, 1] is the share of the question that the best passages speak of."""

    query: str
    subject: str
    passages: tuple[Passage, ...] = field(default=())
    confidence: float = 0.0

    @property
    def answerable(self) -> bool:
        """Whether the passages hold enough of what the question asks."""
        return self.confidence >= ANSWERABLE


class Retriever:
    """Finds passages for a question in a store."""

    def __init__(self, store: CourseStore) -> None:
        self._store = store

    def retrieve(self, query: str, subject: str = AUTO, k: int = 6) -> Retrieval:
        """The best `k` passages of a subject, or of all subjects with `auto`, best first.

        Raises:
            EmbeddingMismatchError: the store was written with another embedding.
        """
        ranked = sorted(self.search(query, subject, 3 * k), key=lambda pair: -pair[1] * _own_book(pair[0]))
        neighbours = self._neighbours([chunk for chunk, _ in ranked])
        passages: list[Passage] = []
        used: set[str] = set()
        for chunk, score in ranked:
            if len(passages) < k and not (str(chunk.id) in used or any(chunk.page_content in p.text for p in passages)):
                passages.append(_passage(chunk, _join(chunk, neighbours, used), score))
        return Retrieval(query, _route(query, passages, subject), tuple(passages), self._confidence(query, passages))

    def search(self, query: str, subject: str = AUTO, k: int = 10) -> list[tuple[Document, float]]:
        """The best `k` chunks with their fused scores, best first."""
        subjects = list(SUBJECTS) if subject == AUTO else [subject]
        wide = max(_CANDIDATES, k)
        lexical, dense = self._store.search_lexical(query, subjects, wide), self._store.search_dense(query, subjects, wide)
        fused = fuse([(lexical, 1.0), (dense, DENSE_WEIGHT)])[: 2 * k]
        chunks = self._store.get([hit.chunk_id for hit in fused], subjects)
        if not chunks:
            self._explain_nothing(bool(lexical))
        return [(chunks[h.chunk_id], h.score) for h in fused if h.chunk_id in chunks][:k]

    def _explain_nothing(self, indexed: bool) -> None:
        """Nothing was found: tell an empty or foreign store from a question that no document speaks of."""
        if self._store.count():
            return
        if indexed:
            raise EmbeddingMismatchError(
                "知识库是用另一个向量模型建立的，或向量数据丢失了。请运行 python -m rag.ingest --reindex 用保存的原件重建，"
                "或把 TUTOR_EMBEDDING_MODEL 改回原来的模型。"
            )
        raise EmptyStoreError("知识库还是空的。请先添加资料：运行 python -m rag.ingest docs/，或在网页的“资料”一栏上传。")

    def _neighbours(self, chunks: Sequence[Document]) -> dict[str, Document]:
        """What stands before and after these chunks in their sections, `_REACH` chunks far."""
        subjects = list(dict.fromkeys(chunk.metadata["subject"] for chunk in chunks))
        found = dict[str, Document]()
        ends = [(chunk, side) for chunk in chunks for side in ("previous", "next")]
        for _ in range(_REACH):
            wanted = dict.fromkeys(chunk.metadata[side] for chunk, side in ends if chunk.metadata[side])
            missing = [i for i in wanted if i not in found]
            found |= self._store.get(missing, subjects) if missing else {}
            ends = [(found[i], side) for chunk, side in ends if (i := chunk.metadata[side]) in found]
        return found

    def _confidence(self, query: str, passages: Sequence[Passage]) -> float:
        """Share of the query's words, weighted by their rarity in the store, that stands in the best passage.

        A long question counts as fully spoken of once words worth `_ENOUGH` unknown words are covered.
        """
        asked = [w for w in dict.fromkeys(words(query)) if w not in STOP_WORDS]
        weights = {w: rarity * _importance(w) for w, rarity in self._store.idf(asked).items()}
        unknown = self._store.idf([_UNKNOWN])[_UNKNOWN]
        total = min(sum(weights.values()), _ENOUGH * unknown)
        spoken = [_tokens(passage) for passage in passages[:3]]
        covers = (sum(weight * _covered(word, tokens) for word, weight in weights.items()) for tokens in spoken)
        return min(max(covers, default=0.0) / total, 1.0) if total else 0.0


def _importance(word: str) -> float:
    """Less for words that only say what kind of answer is wanted, and for single Chinese characters."""
    return GENERIC_SHARE if word in GENERIC_WORDS or (len(word) == 1 and not word.isascii()) else 1.0


def _covered(word: str, tokens: set[str]) -> float:
    """1 if the word stands there; else at most `_INSIDE`, by the share of its characters in shorter words that do."""
    if word in tokens:
        return 1.0
    inside = [t for t in segment(word) if t != word and t in tokens]
    characters = {i for t in inside for i in range(word.find(t), word.find(t) + len(t))}
    return _INSIDE * len(characters) / len(word)


def _own_book(chunk: Document) -> float:
    """A course document comes before a bundled note that says the same: it is what the student reads, and has pages."""
    return _NOTE_SHARE if chunk.metadata.get("point") else 1.0


def fuse(legs: Sequence[tuple[Sequence[Hit], float]]) -> list[Hit]:
    """Weighted reciprocal rank fusion of rankings, best first."""
    scores: dict[str, float] = {}
    for hits, weight in legs:
        for rank, hit in enumerate(hits, 1):
            scores[hit.chunk_id] = scores.get(hit.chunk_id, 0.0) + weight / (_RANK_CONSTANT + rank)
    return sorted((Hit(i, s) for i, s in scores.items()), key=lambda hit: (-hit.score, hit.chunk_id))


def _route(query: str, passages: Sequence[Passage], subject: str) -> str:
    """The subject of the answer: the one asked for; else a vote of the terms in the question and of the passages.

    A term of a subject counts 1, the passage at rank r counts 1 / r.
    """
    if subject != AUTO:
        return subject
    votes = term_votes(query)
    for rank, passage in enumerate(passages, 1):
        votes[passage.subject] += 1 / rank
    return max(votes, key=lambda s: votes[s]) if votes else AUTO


def _tokens(passage: Passage) -> set[str]:
    return set(segment(f"{passage.section}\n{passage.text}"))


def _join(chunk: Document, neighbours: dict[str, Document], used: set[str]) -> list[Document]:
    """A chunk between its neighbours, as far as the limit allows; those after and before it take turns, after it first.

    `used`, the chunks of earlier passages, are left to those; what is taken here is added.
    """
    parts, size, turns = [chunk], len(chunk.page_content), ["next", "previous"]
    while turns:
        side = turns.pop(0)
        end = parts[-1 if side == "next" else 0]
        other = neighbours.get(end.metadata[side])
        if not other or str(other.id) in used or size + len(other.page_content) > _PASSAGE_CHARS:
            continue
        parts = [*parts, other] if side == "next" else [other, *parts]
        size += len(other.page_content)
        turns.append(side)
    used |= {str(part.id) for part in parts}
    return parts


def _passage(chunk: Document, parts: Sequence[Document], score: float) -> Passage:
    """A chunk with what stands around it as one text. What a part repeats of the part before it is left out."""
    text, spans = "", list[Span]()
    for part in parts:
        repeated = part.metadata.get("repeated", 0) if text else 0
        offset = (len(text) + 1 if text else 0) - repeated
        text += ("\n" if text else "") + part.page_content[repeated:]
        spans += [s._replace(start=s.start + offset, end=s.end + offset) for s in boxes_of(part) if s.start >= repeated]
    meta = chunk.metadata
    return Passage(
        str(chunk.id), meta["source"], meta["document"], meta["page"], meta["section"], meta["subject"], text, score, tuple(spans),
        float(meta["confidence"]) if meta.get("ocr") else None,
    )  # fmt: skip
