"""What a process has open of a store that others write too: loaded anew when one of them has announced a document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from threading import Lock
from typing import TYPE_CHECKING, Any

from langchain_core.documents import Document

from errors import StoreBusyError
from vector_db.chroma import Snapshot
from vector_db.lexical import LexicalIndex
from vector_db.sharing import SharedFolder

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

__all__ = ["Opened"]

_KEPT = 5000
"""Chunks, with their vectors, that are kept in memory until something is written: what students ask about comes again and again."""
_TURN_SECONDS = 30.0
_PATIENCE_SECONDS = 1.0
"""How long a search waits to see another process's document while that process writes the next."""


class Opened:
    """The snapshot of the vectors that is searched now, the lexical index of the same moment, and chunks kept of them.

    Any thread may call any method; each may raise `StoreError`.

    Args:
        names: gives the names of the collections to load, when they are needed: the embedding's files are read for them.
    """

    def __init__(self, client: ClientAPI, lexical: LexicalIndex, names: Callable[[], Sequence[str]]) -> None:
        self.snapshot = Snapshot(client)
        self.seen: str | None = None
        self._lexical = lexical
        self._names = names
        self._shared = SharedFolder(lexical.folder.parent)
        self._kept: tuple[Snapshot, dict[str, tuple[Document, Any]]] = self.snapshot, {}
        self._loading = Lock()

    def turn(self) -> AbstractContextManager[None]:
        """The turn to write, which one process has at a time."""
        return self._shared.exclusive(_TURN_SECONDS)

    def refresh(self) -> None:
        """Load what other processes have written, announced or not."""
        with self._loading:
            self._load(_TURN_SECONDS)

    def current(self) -> Snapshot:
        """What to search: loaded anew if another process has announced a document since. One small file is read to know."""
        if self._shared.generation() == self.seen:
            return self.snapshot
        first = self.seen is None
        if self._loading.acquire(blocking=first):  # another thread is at it: the old snapshot answers meanwhile
            try:
                if self._shared.generation() != self.seen:
                    self._load(_TURN_SECONDS if self.seen is None else _PATIENCE_SECONDS)
            except StoreBusyError:
                if first:
                    raise
            finally:
                self._loading.release()
        return self.snapshot

    def ready(self) -> Snapshot:
        """The snapshot, loaded. What it holds of the chunks' texts is always up to date, so nothing is asked."""
        return self.current() if self.seen is None else self.snapshot

    def kept_of(self, snapshot: Snapshot) -> dict[str, tuple[Document, Any]]:
        """The chunks kept of a snapshot: to be added to only by what is read after this."""
        owner, kept = self._kept
        if owner is not snapshot or len(kept) > _KEPT:
            self._kept = snapshot, (kept := {})
        return kept

    def announce(self) -> None:
        """Tell other processes of what was written. This one has it: a search in another thread must not load it anew
        while the writing goes on in the snapshot of now."""
        with self._loading:
            self.seen, self._kept = self._shared.announce(), (self.snapshot, {})

    def _load(self, seconds: float) -> None:
        """Load the vectors and the lexical index as they are now; `_loading` is held."""
        self._lexical.refresh()  # texts come from it, and a deleted one must not be read while another process has the turn
        with self._shared.exclusive(seconds):
            generation = self._shared.generation()  # read before loading: what is announced later is loaded later
            snapshot = self.snapshot if self.seen is None else self.snapshot.reopened()
            snapshot.load(self._names())
        self._lexical.refresh()
        self.snapshot, self.seen, self._kept = snapshot, generation, (snapshot, {})  # what is kept holds no old client open
