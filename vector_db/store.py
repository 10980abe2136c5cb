"""The course store: one Chroma collection per subject and embedding, and the lexical index projected from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import urlparse

import chromadb
import httpx
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from langchain_core.documents import Document

from errors import SettingsError, StoreError, StoreUnreachableError
from knowledge.subjects import SUBJECTS
from settings import Settings
from vector_db.embeddings import SentenceTransformerEmbeddings, load_embeddings
from vector_db.lexical import LexicalIndex

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

__all__ = ["CourseStore", "Hit", "chroma_client", "open_store"]

_T = TypeVar("_T")

_P = ParamSpec("_P")
_R = TypeVar("_R")

_PREFIX = "tutor408."
_BATCH = 1000
"""Chunks per upsert. Measured: 883 a second in batches of 1,000 against 443 in batches of 100."""


@dataclass(frozen=True)
class Hit:
    """A chunk found by one leg, with that leg's score (cosine similarity, or BM25)."""

    chunk_id: str
    score: float


def _answering(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn the errors of Chroma and of the way to it into ours."""

    @wraps(method)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except httpx.HTTPError as error:
            raise StoreUnreachableError("向量库服务器没有回应。请检查 TUTOR_CHROMA_URL 的服务是否还在运行，然后重试。") from error
        except ChromaError as error:
            raise StoreError(
                f"向量库出错（{type(error).__name__}）。请检查磁盘空间与目录权限，然后重试；仍不行时运行 python -m rag.ingest --reindex。"
            ) from error

    return call


class CourseStore:
    """Chunks of all documents, found by meaning or by words.

    A chunk is a LangChain `Document`; its `id` is its identity, and its metadata hold `source`, `document` (sha256),
    `page`, `section`, `position`, `previous`, `next` and `boxes`. Every method may raise `StoreError`.
    """

    def __init__(self, client: ClientAPI, embeddings: SentenceTransformerEmbeddings, lexical: LexicalIndex) -> None:
        self._client = client
        self._embeddings = embeddings
        self._lexical = lexical

    @property
    def embedding(self) -> str:
        """Identity of the embedding model; part of every collection's name."""
        return self._embeddings.identity

    @_answering
    def replace(self, source: str, subject: str, chunks: Sequence[Document]) -> None:
        """Make `chunks` the whole of a source's chunks. Idempotent; what is there stays until the new is in."""
        collection = self._collection(subject)
        for batch in _batches(chunks):
            collection.upsert(
                ids=[str(c.id) for c in batch],
                documents=[c.page_content for c in batch],
                metadatas=[c.metadata for c in batch],
                embeddings=cast(Any, self._embeddings.embed_documents([embedded_text(c) for c in batch])),
            )
        self._delete_vectors(source, keep={str(c.id) for c in chunks}, keep_in=collection.name)
        self._lexical.replace(source, subject, [_lexical_row(chunk) for chunk in chunks])

    @_answering
    def delete(self, source: str) -> None:
        """Remove a source's chunks from every collection, of this and of other embeddings."""
        self._delete_vectors(source)
        self._lexical.replace(source, "", ())

    @_answering
    def search_dense(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        """Best `k` chunks by cosine similarity in [−1, 1], best first."""
        filled = [c for c in map(self._existing, subjects) if c is not None and c.count()]
        if not filled:
            return []
        vector = self._embeddings.embed_query(query)
        hits = [hit for collection in filled for hit in _query(collection, vector, k)]
        return sorted(hits, key=lambda hit: -hit.score)[:k]

    def search_lexical(self, query: str, subjects: Sequence[str], k: int) -> list[Hit]:
        """Best `k` chunks by BM25, best first."""
        return [Hit(chunk_id, score) for chunk_id, score in self._lexical.search(query, subjects, k)]

    def idf(self, tokens: Iterable[str]) -> dict[str, float]:
        """Inverse document frequency of tokens over all chunks."""
        return self._lexical.idf(tokens)

    @_answering
    def get(self, ids: Sequence[str], subjects: Sequence[str]) -> dict[str, Document]:
        """Chunks by id; ids that are not (any more) there are left out."""
        found: dict[str, Document] = {}
        for collection in filter(None, map(self._existing, subjects)):
            missing = [i for i in dict.fromkeys(ids) if i not in found]
            if missing:
                found |= {str(c.id): c for c in _documents(collection, missing)}
        return found

    @_answering
    def count(self) -> int:
        """Number of chunks under this embedding, all subjects."""
        return sum(c.count() for c in filter(None, map(self._existing, SUBJECTS)))

    @_answering
    def counts(self) -> Counter[str]:
        """Number of chunks under this embedding by source."""
        return Counter(str(chunk.metadata["source"]) for subject in SUBJECTS for chunk in self._chunks(subject))

    @_answering
    def repair(self) -> bool:
        """Rebuild the lexical index from the vectors if the two disagree in size; whether that was needed."""
        if len(self._lexical) == self.count():
            return False
        self._lexical.clear()
        for subject in SUBJECTS:
            rows: dict[str, list[tuple[str, str, str]]] = {}
            for chunk in self._chunks(subject):
                rows.setdefault(chunk.metadata["source"], []).append(_lexical_row(chunk))
            for source, entries in rows.items():
                self._lexical.replace(source, subject, entries)
        return True

    def _chunks(self, subject: str) -> Iterator[Document]:
        collection = self._existing(subject)
        if collection is not None:
            for batch in _batches(collection.get(include=[])["ids"]):
                yield from _documents(collection, batch)

    def _name(self, subject: str) -> str:
        return f"{_PREFIX}{subject}.{self.embedding}"

    def _existing(self, subject: str) -> Collection | None:
        try:
            return self._client.get_collection(self._name(subject), embedding_function=None)
        except NotFoundError:
            return None

    def _collection(self, subject: str) -> Collection:
        metadata = {"subject": subject, "embedding": self.embedding, "dimension": self._dimension}
        return self._client.get_or_create_collection(
            self._name(subject), embedding_function=None, metadata=metadata, configuration={"hnsw": {"space": "cosine"}}
        )

    @cached_property
    def _dimension(self) -> int:
        return len(self._embeddings.embed_query("维数"))

    def _delete_vectors(self, source: str, keep: set[str] | None = None, keep_in: str = "") -> None:
        """Delete a source's chunks but for `keep` in the collection `keep_in`; a server's other collections are not ours."""
        for collection in self._client.list_collections():
            if not collection.name.startswith(_PREFIX):
                continue
            ids = collection.get(where={"source": source}, include=[])["ids"]
            stale = [i for i in ids if collection.name != keep_in or i not in (keep or set())]
            for batch in _batches(stale):
                collection.delete(ids=batch)


def _batches(items: Sequence[_T]) -> Iterator[list[_T]]:
    return (list(items[i : i + _BATCH]) for i in range(0, len(items), _BATCH))


def _lexical_row(chunk: Document) -> tuple[str, str, str]:
    return str(chunk.id), chunk.page_content, chunk.metadata["section"]


def embedded_text(chunk: Document) -> str:
    """What is embedded: the section path as a contextual header, then the text."""
    return f"{chunk.metadata['section']}\n{chunk.page_content}".strip()


def _query(collection: Collection, vector: list[float], k: int) -> Iterator[Hit]:
    found = collection.query(query_embeddings=cast(Any, [vector]), n_results=min(k, collection.count()), include=["distances"])
    distances = found["distances"] or [[]]
    return (Hit(i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True))


def _documents(collection: Collection, ids: list[str]) -> Iterator[Document]:
    rows = collection.get(ids=ids, include=["documents", "metadatas"])
    texts, metadatas = rows["documents"] or [], rows["metadatas"] or []
    for chunk_id, text, metadata in zip(rows["ids"], texts, metadatas, strict=True):
        yield Document(id=chunk_id, page_content=text, metadata=dict(metadata))


def chroma_client(settings: Settings) -> ClientAPI:
    """Chroma in a folder of this machine, or the server at `TUTOR_CHROMA_URL`.

    Raises:
        StoreUnreachableError: the server does not answer.
        StoreError: the folder can't be written or holds something else.
    """
    options = ChromaSettings(anonymized_telemetry=False)
    if settings.chroma_url:
        return _server(settings.chroma_url, options)
    folder = settings.vector_db_dir / "chroma"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=str(folder), settings=options)
    except (OSError, ValueError, ChromaError) as error:
        raise StoreError(
            f"打不开向量库目录 {folder}（{error}）。请检查目录权限与磁盘空间，或用 TUTOR_DATA_DIR 换一个目录。"
        ) from error


def _server(address: str, options: ChromaSettings) -> ClientAPI:
    url = urlparse(address)
    try:
        port = url.port or (443 if url.scheme == "https" else 8000)
        if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
            raise ValueError("not an address")
    except ValueError as error:
        raise SettingsError(f"TUTOR_CHROMA_URL={address} 不是可用的地址。应形如 http://127.0.0.1:8000，不带路径。") from error
    try:
        return chromadb.HttpClient(host=url.hostname, port=port, ssl=url.scheme == "https", settings=options)
    except (ValueError, httpx.HTTPError, ChromaError) as error:
        raise StoreUnreachableError(
            f"连不上向量库服务器 {address}。请启动它（chroma run），或去掉 TUTOR_CHROMA_URL 使用本机目录。"
        ) from error


def open_store(settings: Settings) -> CourseStore:
    """The store that `settings` name."""
    client = chroma_client(settings)
    return CourseStore(client, load_embeddings(settings), LexicalIndex(settings.vector_db_dir / "lexical"))
