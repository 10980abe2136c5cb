"""Chroma: a client of a folder or of a server, and the collections as one client has them in memory."""

from __future__ import annotations

import itertools
import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast
from urllib.parse import urlparse

import chromadb
import httpx
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError, NotFoundError
from langchain_core.documents import Document

from errors import SettingsError, StoreError, StoreUnreachableError
from settings import Settings
from vector_db.chunk import restored
from vector_db.sharing import SharedFolder

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.client import Client
    from chromadb.api.models.Collection import Collection

__all__ = [
    "BATCH",
    "PREFIX",
    "Snapshot",
    "all_documents",
    "all_with_vectors",
    "answering",
    "batches",
    "chroma_client",
    "documents",
    "ids_of",
    "nearest",
    "with_vectors",
]

_P = ParamSpec("_P")
_R = TypeVar("_R")
_T = TypeVar("_T")

PREFIX = "tutor408."
"""Of all our collections' names; a server's other collections belong to others."""
BATCH = 1000
"""Chunks at a time. Measured: 883 upserts a second in batches of 1,000 against 443 in batches of 100."""
_OPEN_SECONDS = 30.0
_openings = itertools.count(1)


def answering(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Turn the errors of Chroma and of the way to it into ours."""

    @wraps(method)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except httpx.HTTPError as error:
            raise StoreUnreachableError("向量库服务器没有回应。请检查 TUTOR_CHROMA_URL 的服务是否还在运行，然后重试。") from error
        except OSError as error:
            raise StoreError(
                f"读写知识库时出错（{error.strerror or '原因不明'}）。请检查磁盘空间、内存与目录权限，然后重试。"
            ) from error
        except ChromaError as error:
            raise StoreError(
                f"向量库出错（{type(error).__name__}）。请检查磁盘空间与目录权限，然后重试；仍不行时运行 python -m rag.ingest --reindex。"
            ) from error

    return call


class Snapshot:
    """The collections of one client.

    In a folder they are those that `load` found, held in memory: searching them reads no file that another process may
    be writing, and does not show what others wrote since. On a server they are the server's of the moment.
    The client is closed when nobody holds the snapshot any more: a search in flight ends on what it began with.
    """

    def __init__(self, client: ClientAPI) -> None:
        self._client = client
        self._folder = _folder_of(client)
        self._loaded: dict[str, Collection] = {}
        weakref.finalize(self, cast("Client", client).close).atexit = False

    @property
    def is_local(self) -> bool:
        """Whether it is of a folder, which only processes of this machine write."""
        return self._folder is not None

    def reopened(self) -> Snapshot:
        """Another snapshot of the same place, not loaded yet, that sees what other processes have written."""
        return Snapshot(_open_folder(self._folder)) if self._folder else self

    def load(self, names: Iterable[str]) -> None:
        """Take into memory those of the collections that hold anything. No process may be writing meanwhile."""
        for name in names if self._folder else ():
            collection = self._get(name)
            if collection is not None and collection.count():  # counting makes Chroma read the vectors' files, once
                self._loaded[name] = collection

    def existing(self, name: str) -> Collection | None:
        """A collection, if it is there."""
        return self._loaded.get(name) if self._folder else self._get(name)

    def create(self, name: str, metadata: dict[str, Any]) -> Collection:
        """A collection that is made if it is not there, for cosine distance.

        The rest is Chroma's default. Measured on 7,039 chunks against exact search: recall@10 0.995 in 0.6 ms; half the
        `ef_construction` takes 10% less to write and finds 0.987; a higher `sync_threshold` takes 20 to 50% more to write.
        """
        if (known := self._loaded.get(name)) is not None and self._folder:
            return known
        collection = self._client.get_or_create_collection(
            name, embedding_function=None, metadata=metadata, configuration={"hnsw": {"space": "cosine"}}
        )
        self._loaded[name] = collection
        return collection

    def ours(self) -> list[Collection]:
        """All collections that are ours, of any embedding. In a folder, no other process may be writing meanwhile."""
        return [collection for collection in self._client.list_collections() if collection.name.startswith(PREFIX)]

    def _get(self, name: str) -> Collection | None:
        try:
            return self._client.get_collection(name, embedding_function=None)
        except NotFoundError:
            return None


def chroma_client(settings: Settings) -> ClientAPI:
    """Chroma in a folder of this machine, or the server at `TUTOR_CHROMA_URL`.

    Raises:
        StoreUnreachableError: the server does not answer.
        StoreError: the folder can't be written or holds something else.
    """
    if settings.chroma_url:
        return _server(settings.chroma_url)
    with SharedFolder(settings.vector_db_dir).exclusive(_OPEN_SECONDS):  # the first one makes the tables
        return _open_folder(settings.vector_db_dir / "chroma")


def _open_folder(folder: Path) -> ClientAPI:
    """A client that shares nothing with the others of this process.

    Chroma gives clients of one path one and the same state, read when the first was opened, and ends it with the last.
    Each opening therefore spells the path in its own way, its number written with "/" for 0 and "/." for 1.
    """
    spelling = f"{next(_openings):b}".replace("1", "/.").replace("0", "/")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return chromadb.PersistentClient(path=f"{folder}{spelling}", settings=_options())
    except (OSError, ValueError, ChromaError) as error:
        raise StoreError(
            f"打不开向量库目录 {folder}（{error}）。请检查目录权限与磁盘空间，或用 TUTOR_DATA_DIR 换一个目录。"
        ) from error


def _options() -> ChromaSettings:
    """Chroma's settings, which it changes. Made anew for each client they would take up to 0.3 s once torch is loaded."""
    return _first_options().model_copy()


@cache
def _first_options() -> ChromaSettings:
    return ChromaSettings(anonymized_telemetry=False)


def _folder_of(client: ClientAPI) -> Path | None:
    options = client.get_settings()
    return Path(os.path.normpath(options.persist_directory)) if options.is_persistent else None


def _server(address: str) -> ClientAPI:
    url = urlparse(address)
    try:
        port = url.port or (443 if url.scheme == "https" else 8000)
        if url.scheme not in ("http", "https") or not url.hostname or url.path not in ("", "/"):
            raise ValueError("not an address")
    except ValueError as error:
        raise SettingsError(f"TUTOR_CHROMA_URL={address} 不是可用的地址。应形如 http://127.0.0.1:8000，不带路径。") from error
    try:
        return chromadb.HttpClient(host=url.hostname, port=port, ssl=url.scheme == "https", settings=_options())
    except (ValueError, httpx.HTTPError, ChromaError) as error:
        raise StoreUnreachableError(
            f"连不上向量库服务器 {address}。请启动它（chroma run），或去掉 TUTOR_CHROMA_URL 使用本机目录。"
        ) from error


def nearest(collection: Collection, vector: list[float], k: int) -> Iterator[tuple[str, float]]:
    """Ids of the `k` nearest chunks with their cosine similarity, best first."""
    found = collection.query(query_embeddings=cast(Any, [vector]), n_results=k, include=["distances"])
    distances = found["distances"] or [[]]
    return ((i, 1.0 - d) for i, d in zip(found["ids"][0], distances[0], strict=True))


def documents(collection: Collection, ids: Sequence[str]) -> Iterator[Document]:
    """Chunks by id; ids that are not there are left out."""
    rows = collection.get(ids=list(ids), include=["documents", "metadatas"])
    texts, metadatas = rows["documents"] or [], rows["metadatas"] or []
    return map(restored, rows["ids"], metadatas, texts)


def with_vectors(collection: Collection, ids: Sequence[str]) -> Iterator[tuple[Document, Any]]:
    """Chunks by id with their vectors (float32 of unit length); ids that are not there are left out."""
    rows = collection.get(ids=list(ids), include=["documents", "metadatas", "embeddings"])
    texts, metadatas = rows["documents"] or [], rows["metadatas"] or []
    return zip(map(restored, rows["ids"], metadatas, texts), cast(Any, rows["embeddings"]), strict=True)


def all_documents(collection: Collection) -> Iterator[Document]:
    """All chunks of a collection, read in batches."""
    return (chunk for ids in _all_ids(collection) for chunk in documents(collection, ids))


def all_with_vectors(collection: Collection) -> Iterator[tuple[Document, Any]]:
    """All chunks of a collection with their vectors, read in batches."""
    return (found for ids in _all_ids(collection) for found in with_vectors(collection, ids))


def _all_ids(collection: Collection) -> Iterator[Sequence[str]]:
    return batches(collection.get(include=[])["ids"])


def ids_of(collection: Collection, sources: list[str]) -> list[str]:
    """Ids of the chunks of some sources."""
    return collection.get(where=cast(Any, {"source": {"$in": sources}}), include=[])["ids"]


def batches(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """The items, so many at a time as Chroma takes best."""
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
