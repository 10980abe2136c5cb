"""The course store: one Chroma collection per subject and embedding, and the lexical index projected from it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, cast

from langchain_core.documents import Document

from knowledge.subjects import SUBJECTS
from settings import Settings
from vector_db.chroma import (
    PREFIX,
    Snapshot,
    all_documents,
    all_with_vectors,
    answering,
    batches,
    chroma_client,
    documents,
    ids_of,
    nearest,
    with_vectors,
)
from vector_db.chunk import stored
from vector_db.copies import Copies
from vector_db.embeddings import SentenceTransformerEmbeddings, load_embeddings
from vector_db.entries import Hit, Replacement, embedded_text, lexical_texts, subject_of
from vector_db.lexical import LexicalIndex, tokens_of
from vector_db.opened import Opened

if TYPE_CHECKING:
    import numpy as np
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

__all__ = ["CourseStore", "chroma_client", "open_store"]

_SEARCHES = max(4, os.cpu_count() or 1)
"""Collections that are searched at once, of all questions."""


class CourseStore:
    """Chunks of all documents, found by meaning or by words.

    A chunk is a LangChain `Document`; its `id` is its identity, and its metadata hold `source`, `document` (sha256),
    `page`, `section`, `position`, `previous`, `next` and `boxes`. Every method may raise `StoreError`.

    Any thread may call any method. Several processes may have the store of one folder open while one of them writes: a
    search sees every document that was announced before it. The writer calls `refresh` first.
    """

    def __init__(self, client: ClientAPI, embeddings: SentenceTransformerEmbeddings, lexical: LexicalIndex) -> None:
        self._embeddings = embeddings
        self._lexical = lexical
        self._open = Opened(client, lexical, lambda: [_named(subject, embeddings.identity) for subject in SUBJECTS])
        self._copies = Copies(lexical, lambda: embeddings.identity, self._open.snapshot.is_local)
        self._threads = ThreadPoolExecutor(_SEARCHES, "dense")

    @property
    def embedding(self) -> str:
        """Identity of the embedding model; part of every collection's name."""
        return self._embeddings.identity

    @property
    def calibrated(self) -> bool:
        """Whether cosines are those of the shipped embedding, on which thresholds were chosen."""
        return self._embeddings.is_shipped

    @answering
    def refresh(self) -> None:
        """See what other processes have written, finished or not. Needed before the first write after theirs.

        Chroma keeps the vectors in memory and writes them out as a whole: from an old state it would undo theirs.
        """
        self._open.refresh()

    def replace(self, source: str, subject: str, chunks: Sequence[Document]) -> None:
        """Make `chunks` the whole of a source's chunks. Idempotent; what is there stays until the new is in."""
        self.upsert(subject, chunks)
        self.settle([Replacement(source, subject, chunks)])

    @answering
    def embed(self, chunks: Sequence[Document]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
        """The vectors that `upsert` wants: float32, shape (chunks, dimension). Any thread may call it while another one writes.

        The words that `settle` wants are made ready too.

        Raises:
            ModelLoadError: the model can't be loaded.
        """
        vectors = self._embeddings.embed_array([embedded_text(c) for c in chunks])
        for chunk in chunks:
            tokens_of(*lexical_texts(chunk))
        return vectors

    @answering
    def upsert(self, subject: str, chunks: Sequence[Document], vectors: Any = None) -> None:
        """Write chunks with their vectors. They are complete, and found by their words, when their source is settled."""
        self._open.current()
        vectors = self.embed(chunks) if vectors is None else vectors  # slow, so before taking the turn
        for batch, rows in zip(batches(chunks), batches(vectors), strict=True):
            with self._open.turn():
                self._collection(subject).upsert(
                    ids=[str(c.id) for c in batch], metadatas=[stored(c) for c in batch], embeddings=cast(Any, rows)
                )
            self._copies.keep(batch, rows)

    @answering
    def settle(self, batch: Sequence[Replacement]) -> None:
        """Make these chunks, whose vectors are in, what is found of their sources, and then delete the sources' other vectors.

        In this order a reader finds the old or the new at any moment, and never words that lead nowhere.
        """
        self._open.current()
        self._lexical.replace_all(
            (r.source, r.subject, self._copies.rows(r.chunks, partial(self._vectors, r.subject))) for r in batch
        )
        self._open.announce()
        with self._open.turn():
            deleted = self._delete_others([r for r in batch if not r.fresh])
        if deleted:
            self._open.announce()

    @answering
    def discard(self, subject: str, chunks: Sequence[Document]) -> None:
        """Delete the vectors of chunks that were never settled: of a document that turned out to be unreadable."""
        self._open.current()
        for batch in batches(chunks):
            with self._open.turn():
                self._collection(subject).delete(ids=[str(c.id) for c in batch])

    @answering
    def delete(self, source: str) -> None:
        """Remove a source's chunks from every collection, of this and of other embeddings."""
        self.settle([Replacement(source, "", ())])

    def search_dense(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        """Best `k` chunks by cosine similarity in [−1, 1], best first."""
        return self.begin_dense(query, subjects, k)()

    @answering
    def begin_dense(self, query: str, subjects: Sequence[str], k: int) -> Callable[[], list[Hit]]:
        """Begin a `search_dense`, and return what waits for its hits: each collection is searched in a thread.

        Chroma leaves Python's lock free meanwhile, and takes as long for one of a hundred chunks as for one of ten thousand. A
        server is asked by the caller itself: one that does not answer would hold the threads, and with them all other questions.
        """
        snapshot = self._open.current()
        collections = self._existing(snapshot, subjects)
        vector = self._embeddings.embed_query(query) if collections else []
        searches = [partial(_nearest, snapshot, collection, vector, k) for collection in collections]
        coming = [self._threads.submit(search).result for search in searches] if snapshot.is_local else searches

        @answering
        def hits() -> list[Hit]:
            return sorted((hit for found in coming for hit in found()), key=lambda hit: -hit.score)[:k]

        return hits

    @answering
    def search_lexical(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        """Best `k` chunks by BM25, best first. Where their copies come with them, they are `at_hand` for `candidates`."""
        snapshot = self._open.current()
        kept = self._open.kept_of(snapshot)  # before the index is read: what a write makes stale goes with the cache it empties
        found = self._lexical.find(query, subjects, k)
        if copies := {one.chunk_id: one.copy for one in found if one.copy and one.chunk_id not in kept}:
            kept |= self._copies.decoded(copies, [subject_of(c) for c in self._existing(snapshot, subjects)])
        return [Hit(one.chunk_id, one.score, at_hand=one.chunk_id in kept) for one in found]

    def idf(self, tokens: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of tokens over all chunks."""
        return self._lexical.idf(tokens)

    @answering
    def get(self, ids: Sequence[str], subjects: Sequence[str]) -> dict[str, Document]:
        """Chunks by id; ids that are not (any more) there are left out."""
        snapshot = self._open.ready()
        collections = self._existing(snapshot, subjects)
        found = {i: chunk for i, (chunk, _) in self._copies.read(ids, [subject_of(c) for c in collections]).items()}
        for collection in collections:
            if missing := [i for i in dict.fromkeys(ids) if i not in found]:
                found |= {str(chunk.id): chunk for chunk in documents(collection, missing)}
        return found

    @answering
    def candidates(self, query: str, ids: Sequence[str], subjects: Sequence[str]) -> list[tuple[Document, float]]:
        """Chunks by id, each with its cosine similarity to the query, in the ids' order; what is not there is left out.

        The subjects are looked through in their order until all are found: name first the one that holds most.
        """
        import numpy as np

        if not ids:
            return []
        snapshot = self._open.ready()
        kept = self._open.kept_of(snapshot)
        vector = np.asarray(self._embeddings.embed_query(query), dtype=np.float32)
        collections = self._existing(snapshot, subjects)
        kept |= self._copies.read((i for i in ids if i not in kept), [subject_of(c) for c in collections])
        for collection in collections:
            if missing := [i for i in dict.fromkeys(ids) if i not in kept]:
                kept |= {str(chunk.id): (chunk, own) for chunk, own in with_vectors(collection, missing)}
        found = [kept[i] for i in dict.fromkeys(ids) if i in kept]
        return [(chunk, float(own @ vector)) for chunk, own in found if chunk.metadata["subject"] in subjects]

    @answering
    def alike(self, query: str, texts: Sequence[Sequence[str]]) -> list[float]:
        """For each list of short texts, the greatest cosine similarity of one of them to the query; 0 of none."""
        return self._embeddings.alike(query, texts)

    @answering
    def count(self) -> int:
        """Number of chunks under this embedding, all subjects."""
        snapshot = self._open.ready()
        return sum(c.count() for c in self._existing(snapshot, SUBJECTS))

    @answering
    def counts(self) -> Counter[str]:
        """Number of chunks under this embedding by source."""
        return Counter(str(chunk.metadata["source"]) for chunk in self.chunks())

    def chunks(self, subjects: Iterable[str] = SUBJECTS) -> Iterator[Document]:
        """All chunks of subjects under this embedding, in no order."""
        snapshot = self._open.ready()  # held till the last chunk: its client is closed with it
        for collection in self._existing(snapshot, subjects):
            yield from all_documents(collection)

    def chunks_of(self, source: str) -> Iterator[Document]:
        """All chunks of one document under this embedding, in no order; none of a document that is not there."""
        snapshot = self._open.current()  # held till the last chunk: its client is closed with it
        for collection in self._existing(snapshot, SUBJECTS):
            for ids in batches(ids_of(collection, [source])):
                yield from documents(collection, ids)

    @answering
    def repair(self) -> bool:
        """Rebuild the lexical index from the vectors if it is damaged or not of their size; whether that was needed."""
        if not self._lexical.damaged and len(self._lexical) == self.count():
            return False
        snapshot = self._open.ready()  # held till the last chunk: its client is closed with it
        self._lexical.rebuild(
            (str(chunk.metadata["source"]), subject_of(collection), [self._copies.row(chunk, vector)])
            for collection in self._existing(snapshot, SUBJECTS)
            for chunk, vector in all_with_vectors(collection)
        )
        self._open.announce()
        return True

    def _name(self, subject: str) -> str:
        return _named(subject, self.embedding)

    def _existing(self, snapshot: Snapshot, subjects: Iterable[str]) -> list[Collection]:
        return [c for c in (snapshot.existing(self._name(subject)) for subject in subjects) if c is not None]

    def _collection(self, subject: str) -> Collection:
        metadata = {"subject": subject, "embedding": self.embedding, "dimension": self._dimension}
        return self._open.snapshot.create(self._name(subject), metadata)

    @cached_property
    def _dimension(self) -> int:
        return len(self._embeddings.embed_query("维数"))

    def _vectors(self, subject: str, ids: Sequence[str]) -> dict[str, Any]:
        """Vectors by id, as far as they are there."""
        collections = self._existing(self._open.snapshot, [subject])
        return {str(chunk.id): vector for collection in collections for chunk, vector in with_vectors(collection, ids)}

    def _delete_others(self, batch: Sequence[Replacement]) -> bool:
        """Delete the chunks of these sources, of any embedding, but for those of `batch` itself; whether there were any."""
        keep, deleted = {(self._name(r.subject), str(c.id)) for r in batch for c in r.chunks}, False
        for collection in self._open.snapshot.ours() if batch else ():
            ids = ids_of(collection, [r.source for r in batch])
            for others in batches([i for i in ids if (collection.name, i) not in keep]):
                collection.delete(ids=list(others))
                deleted = True
        return deleted


def _named(subject: str, embedding: str) -> str:
    """The name of a subject's collection."""
    return f"{PREFIX}{subject}.{embedding}"


def _nearest(snapshot: Snapshot, collection: Collection, vector: list[float], k: int) -> list[Hit]:
    """The hits of one collection of a snapshot, which is held till then: its client is closed with it."""
    subject = subject_of(collection)
    return [Hit(*found, subject) for found in nearest(collection, vector, k)]


def open_store(settings: Settings, embeddings: SentenceTransformerEmbeddings | None = None) -> CourseStore:
    """The store that `settings` name, with their embedding model or one that is loaded already."""
    client = chroma_client(settings)
    return CourseStore(client, embeddings or load_embeddings(settings), LexicalIndex(settings.vector_db_dir / "lexical"))
