"""Writing the chunks of many documents into the store: full batches, and few commits."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

from langchain_core.documents import Document

from rag.packed import PackedChunks
from vector_db.entries import Replacement
from vector_db.store import CourseStore

__all__ = ["BatchWriter"]

_BATCH = 1000
"""Chunks per upsert: in batches of 100 the store takes twice as long."""
_SLICE = 1000
"""Chunks per embedding: it goes on in a thread while more chunks are read, or others written. With 250 the thread waits for
Python's lock more often (223 notes: 5.1 s instead of 4.6)."""
_LEAST = 50
"""Chunks that are worth an embedding, and a write, of their own when there is time."""
_UNSETTLED_CHUNKS, _UNSETTLED_SECONDS = 3000, 3.0
"""A document is found, and reported done, at the latest when so much has been read after it: a settlement takes 0.1 s."""


class BatchWriter:
    """Takes the chunks of one document after the other: `add`, then `close` or `drop`; `flush` makes the closed ones found.

    Chunks are embedded in a thread: that leaves Python's lock free, which writing holds.
    """

    def __init__(self, store: CourseStore, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._open = PackedChunks()
        self._closed: list[Replacement] = []
        self._queue: list[Document] = []
        self._embedding: deque[tuple[list[Document], Future[Any]]] = deque()
        self._since = 0.0
        self._thread = ThreadPoolExecutor(1, "embedding")

    def __enter__(self) -> BatchWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown(cancel_futures=True)

    @property
    def is_due(self) -> bool:
        """Whether the closed documents have waited long enough."""
        if not self._closed:
            return False
        chunks = sum(len(document.chunks) for document in self._closed)
        return chunks >= _UNSETTLED_CHUNKS or self._clock() - self._since >= _UNSETTLED_SECONDS

    def add(self, chunks: Sequence[Document]) -> None:
        """Take chunks of the document in hand."""
        self._open.loose += chunks
        self._queue += chunks
        while len(self._queue) >= _SLICE:
            self._embed(self._queue[:_SLICE])
            del self._queue[:_SLICE]
        while sum(len(batch) for batch, _ in self._embedding) >= _BATCH + _SLICE:  # the last slice is embedded meanwhile
            self._write(_BATCH)

    def advance(self) -> Future[Any] | None:
        """Write, and embed, what is waiting, while there is nothing else to do; the embedding that is under way, if any."""
        if self._embedding and self._embedding[0][1].done():
            self._write(1)
        if len(self._queue) >= _LEAST and not self._embedding:
            self._embed(self._queue)
            self._queue = []
        return self._embedding[0][1] if self._embedding else None

    def close(self, source: str, subject: str, fresh: bool) -> int:
        """The document in hand is complete; returns its number of chunks. `fresh`: nothing of it was ever written before."""
        if not self._closed:
            self._since = self._clock()
        self._closed.append(Replacement(source, subject, self._open, fresh))
        self._open = PackedChunks()
        return len(self._closed[-1].chunks)

    def drop(self, keep: bool) -> None:
        """Forget the document in hand. `keep`: its chunks are those that the store held before, so they stay."""
        gone = {id(chunk) for chunk in self._open.loose}
        waiting = {id(chunk) for chunk in self._queue} & gone
        self._queue = [chunk for chunk in self._queue if id(chunk) not in gone]
        written = [chunk for chunk in self._open if id(chunk) not in waiting]
        if written and not keep:
            self._write()
            self._store.discard(written[0].metadata["subject"], written)
        self._open = PackedChunks()

    def flush(self) -> list[Replacement]:
        """Write all that is waiting; return the documents that are found from now on."""
        if not self._closed:
            return []
        if self._queue:
            self._embed(self._queue)
            self._queue = []
        self._write()
        settled, self._closed = self._closed, []
        self._store.settle(settled)
        return settled

    def _embed(self, batch: list[Document]) -> None:
        self._embedding.append((batch, self._thread.submit(self._store.embed, batch)))

    def _write(self, most: int = sys.maxsize) -> None:
        """Write the first `most` chunks, or a slice more, of those that are embedded; all of a subject in one go."""
        groups, taken = dict[str, tuple[list[Document], list[Any]]](), 0
        for batch, vectors in self._embedding:
            if most <= 0:
                break
            most, taken = most - len(batch), taken + 1
            for chunk, vector in zip(batch, vectors.result(), strict=True):
                chunks, rows = groups.setdefault(chunk.metadata["subject"], ([], []))
                chunks.append(chunk)
                rows.append(vector)
        for subject, (chunks, rows) in groups.items():
            self._store.upsert(subject, chunks, rows)
        for _ in range(taken):
            self._embedding.popleft()
        waiting = len(self._queue) + sum(len(batch) for batch, _ in self._embedding)
        if (written := len(self._open.loose) - waiting) >= _SLICE:
            self._open.pack(written)
