"""From a question to passages: route → dense ∥ lexical → rerank → neighbours, and whether they can answer it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from langchain_core.documents import Document

from errors import EmbeddingMismatchError, EmptyStoreError
from knowledge.subjects import AUTO, SUBJECTS, term_votes
from rag.confidence import ANSWERABLE, confidence_of
from rag.cross_encoder import CrossEncoderReranker, load_reranker
from rag.diversity import diverse
from rag.expansion import shipped_expansion
from rag.parsing.page import Span
from rag.query import understand
from rag.rerank import WEIGHTS, Candidate, Ranked, rerank
from rag.splitting import boxes_of
from settings import Settings
from vector_db.entries import embedded_text
from vector_db.store import CourseStore, open_store

__all__ = ["ANSWERABLE", "Passage", "Retrieval", "Retriever", "open_retriever", "passage_of"]

_RERANKED = 30
"""Chunks that a reranker model reads: each is a pass through the model while the student waits."""
_LEXICAL, _DENSE = 40, 20
"""Candidates that each leg may name."""
_NOTE_SHARE = 0.8
_MOST_CERTAIN = 0.99
"""Of a subject that was found, though every vote is for it."""
_PASSAGE_CHARS, _REACH = 900, 3
"""A passage takes in so much of the section around its chunk, and so many chunks on either side of it."""


@dataclass(frozen=True)
class Passage:
    """A chunk with what stands around it in its section, as context for an answer.

    `page` is the chunk's; `spans` are the printed lines of `text`, each with its own page; `ocr_confidence` (0–1) is of a page
    read by OCR, None for others; `score` is the score of the chunk that ranked it.
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
    """What was found.

    Attributes:
        subject: the one that was asked for, or else that of the question, by its terms and by what was found.
        confidence: probability that the passages answer the question, in [0, 1] (rag/confidence.py).
        subject_confidence: probability that the subject is right, in [0, 1]; 1 where it was asked for.
        negated: whether the question asks for what is wrong or does not belong.
    """

    query: str
    subject: str
    passages: tuple[Passage, ...] = field(default=())
    confidence: float = 0.0
    subject_confidence: float = 1.0
    negated: bool = False

    @property
    def answerable(self) -> bool:
        """Whether the passages hold enough of what the question asks."""
        return self.confidence >= ANSWERABLE


class Retriever:
    """Finds passages for a question in a store.

    `weights` are those of rag/rerank.py; a `reranker` model, if there is one, puts the first of what they rank in its own order.
    """

    def __init__(
        self, store: CourseStore, weights: Mapping[str, float] = WEIGHTS, reranker: CrossEncoderReranker | None = None
    ) -> None:
        self._store = store
        self._weights = weights
        self._reranker = reranker

    def retrieve(self, query: str, subject: str = AUTO, k: int = 6) -> Retrieval:
        """The best `k` passages of a subject, or of all subjects with `auto`, best first.

        Raises:
            EmbeddingMismatchError: the store was written with another embedding.
        """
        ranked = self.ranked(query, subject, k)
        books_first = [(chunk, score * _own_book(chunk)) for chunk, score in self._best(query, ranked)]
        first = diverse(sorted(books_first, key=lambda pair: -pair[1]), 2 * k)
        neighbours = self._neighbours([chunk for chunk, _ in first])
        passages: list[Passage] = []
        used: set[str] = set()
        for chunk, score in first:
            if len(passages) < k and not (str(chunk.id) in used or any(chunk.page_content in p.text for p in passages)):
                passages.append(passage_of(chunk, _join(chunk, neighbours, used), score))
        confidence = confidence_of(query, ranked, self._store.idf, self._store.calibrated)
        route, certain = _route(query, passages, subject)
        return Retrieval(query, route, tuple(passages), confidence, certain, understand(query).negated)

    def search(self, query: str, subject: str = AUTO, k: int = 10) -> list[tuple[Document, float]]:
        """The best `k` chunks with their scores (of rag/rerank.py, or of the reranker model in [0, 1]), best first."""
        return diverse(self._best(query, self.ranked(query, subject, k)), k)

    def chunks(self, subjects: Iterable[str] = SUBJECTS) -> Iterator[Document]:
        """All chunks of subjects, in no order."""
        return self._store.chunks(subjects)

    def chunks_of(self, source: str) -> Iterator[Document]:
        """All chunks of one document, in no order."""
        return self._store.chunks_of(source)

    def chunk(self, chunk_id: str) -> Document | None:
        """A chunk by its id; None if it is not there (any more)."""
        return self._store.get([chunk_id], list(SUBJECTS)).get(chunk_id)

    def _best(self, query: str, ranked: Sequence[Ranked]) -> list[tuple[Document, float]]:
        """The ranking as it is, or its head in the order of the reranker model."""
        if self._reranker is None:
            return [(one.chunk, one.score) for one in ranked]
        head = [one.chunk for one in ranked[:_RERANKED]]
        scores = self._reranker.scores(query, [embedded_text(chunk) for chunk in head])
        return sorted(zip(head, scores, strict=True), key=lambda pair: (-pair[1], str(pair[0].id)))

    def ranked(self, query: str, subject: str, k: int) -> list[Ranked]:
        """All chunks that a leg names, at least `k` each, best first."""
        subjects = list(SUBJECTS) if subject == AUTO else [subject]
        searches = understand(query).searches
        coming = [self._store.begin_dense(text, subjects, max(_DENSE, k)) for text, _ in searches]
        lexical = [hit for text, _ in searches for hit in self._store.search_lexical(text, subjects, max(_LEXICAL, k))]
        related = [shipped_expansion().terms(text) for text, _ in searches]
        known = dict.fromkeys(hit.chunk_id for hit in lexical if hit.at_hand)
        at_once = [self._store.candidates(text, list(known), subjects) for text, _ in searches]  # Chroma is still at it
        dense = [hit for hits in coming for hit in hits()]
        others = [hit.chunk_id for hit in (*lexical, *dense) if hit.chunk_id not in known]
        likely = Counter(hit.subject for hit in dense)
        subjects.sort(key=lambda one: -likely[one])
        weighed = [
            (weight, self._reranked(text, [*found, *self._store.candidates(text, others, subjects)], terms))
            for (text, weight), found, terms in zip(searches, at_once, related, strict=True)
        ]
        if not weighed[0][1]:
            self._explain_nothing(bool(lexical))
        if len(weighed) == 1:
            return weighed[0][1]
        totals = Counter[str]()
        for weight, ranked in weighed:
            totals.update({str(one.chunk.id): weight * one.score for one in ranked})
        whole = sum(weight for _, weight in searches)
        fused = [one._replace(score=totals[str(one.chunk.id)] / whole) for one in weighed[0][1]]
        return sorted(fused, key=lambda one: (-one.score, str(one.chunk.id)))

    def _reranked(self, query: str, found: Sequence[tuple[Document, float]], related: Mapping[str, float]) -> list[Ranked]:
        asked = [chunk.metadata.get("asked", "").split("\n") if chunk.metadata.get("asked") else [] for chunk, _ in found]
        alike = self._store.alike(query, asked)
        candidates = [Candidate(chunk, cosine, near) for (chunk, cosine), near in zip(found, alike, strict=True)]
        return rerank(query, candidates, self._store.idf, self._weights, related)

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


def _own_book(chunk: Document) -> float:
    """A course document comes before a bundled note that says the same: it is what the student reads, and has pages."""
    return _NOTE_SHARE if chunk.metadata.get("point") else 1.0


def _route(query: str, passages: Sequence[Passage], subject: str) -> tuple[str, float]:
    """The subject of the answer, and how surely: the one asked for; else a vote of the terms in the question and of the passages.

    A term of a subject counts 1, the passage at rank r counts 1 / r. The share of the votes is a cautious probability: on 449
    questions over the shipped documents 95 % are right; 61 % of those with a share of 0.5 to 0.6, 93 % at 0.7 to 0.8.
    """
    if subject != AUTO:
        return subject, 1.0
    votes = term_votes(query)
    for rank, passage in enumerate(passages, 1):
        votes[passage.subject] += 1 / rank
    best = max(votes, key=lambda s: votes[s])
    total = sum(votes.values())
    return (best, min(votes[best] / total, _MOST_CERTAIN)) if total else (AUTO, 0.0)


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


def passage_of(chunk: Document, parts: Sequence[Document], score: float) -> Passage:
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


def open_retriever(settings: Settings, store: CourseStore | None = None) -> Retriever:
    """The retriever that `settings` name, over their store or one that is open."""
    return Retriever(store or open_store(settings), reranker=load_reranker(settings))
