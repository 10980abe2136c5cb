"""Which pages of which documents treat each point of the syllabus, kept up to date behind the page as documents come and go.

A document is looked through once: about 2 s for 1,000 chunks on a quiet core, after 2 s for what the first one loads, and several
times as long where answers keep the cores busy, for they go first. What was found is kept in `coverage.json` until its content or the
syllabus changes. Bundled notes are written for a point, so theirs is known; they cover every point and count for none of `uncovered`.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from typing import Any

from langchain_core.documents import Document

from errors import TutorError
from knowledge.note_sections import note_sections
from knowledge.syllabus import KnowledgePoint, points
from rag.citations import Citation, as_citation
from rag.retrieval import Retriever, passage_of
from tutoring.treatment import LEAST, treated
from vector_db.entries import embedded_text
from vector_db.registry import INDEXED, DocumentRecord

__all__ = ["Coverage", "CoveredPage"]

_FILE = "coverage.json"
_METHOD = 1
"""To be raised when the same document would be judged otherwise."""
_AT_A_TIME = 32
_REST_SECONDS = 0.02
"""Between so many chunks: answers that are under way go first."""
_LOOK_SECONDS = 2.0
_NICE = 10


@dataclass(frozen=True)
class CoveredPage:
    """A page that treats a point, the chunk that does so most, and how clearly (0.75 to 1.3; 2 of a bundled note)."""

    source: str
    document: str
    page: int
    score: float
    chunk_id: str = ""
    note: bool = False


@dataclass(frozen=True)
class _Found:
    """What was found in one document; `state` tells when it is out of date."""

    state: str
    pages: tuple[tuple[str, CoveredPage], ...]


class Coverage:
    """The pages of each point. Any thread may ask; an answer is what is known so far, and asking begins the work if there is any.

    Args:
        documents: the registry's records of now.
        ready: is set once the app has prepared its documents; nothing is looked through before.
        folder: where the result is kept.
    """

    def __init__(
        self, retriever: Retriever, documents: Callable[[], Sequence[DocumentRecord]], folder: Path, ready: threading.Event
    ) -> None:
        self._retriever = retriever
        self._documents = documents
        self._file = folder / _FILE
        self._ready = ready
        self._found: Mapping[str, _Found] = {}
        self._by_point: Mapping[str, tuple[CoveredPage, ...]] = MappingProxyType({})
        self._read = False
        self._status = ""
        self._looked = float("-inf")
        self._working = threading.Lock()
        self._starting = threading.Lock()

    @property
    def status(self) -> str:
        """What is being done, to be shown; '' if nothing is."""
        self._look()
        return self._status

    @property
    def busy(self) -> bool:
        """Whether more may become known without the documents changing."""
        return bool(self.status) or not self._read

    def pages(self, point_id: str) -> tuple[CoveredPage, ...]:
        """The pages on a point: the student's documents first, in them the clearest page first; then the bundled notes."""
        self._look()
        return self._by_point.get(point_id, ())

    def points_of(self, source: str) -> list[tuple[KnowledgePoint, int]]:
        """The points that a document treats, in the order of the syllabus, each with the number of its pages."""
        self._look()
        found = self._found.get(source)
        pages = defaultdict[str, set[int]](set)
        for identifier, page in found.pages if found else ():
            pages[identifier].add(page.page)
        return [(point, len(pages[i])) for i, point in points().items() if i in pages]

    def uncovered(self) -> list[KnowledgePoint]:
        """Points that no document but the bundled notes treats, in the order of the syllabus."""
        self._look()
        return [point for i, point in points().items() if all(page.note for page in self._by_point.get(i, ()))]

    def citation(self, page: CoveredPage) -> Citation | None:
        """The place on a page, to be opened beside the text; None if the document has changed since.

        Raises:
            StoreError: the knowledge base can't be read.
        """
        chunk = self._retriever.chunk(page.chunk_id)
        return as_citation(1, passage_of(chunk, [chunk], page.score)) if chunk else None

    def update(self) -> None:
        """Look through what is new, in this thread; what was found so far is kept after each document.

        Raises:
            TutorError: the documents or the embedding can't be read.
        """
        with self._working:
            records = [record for record in self._documents() if record.state == INDEXED]
            known = dict(self._found) if self._read else self._kept()
            states = {record.source: _state(record) for record in records}
            known = {source: found for source, found in known.items() if states.get(source) == found.state}
            self._publish(known)
            new = [record for record in records if record.source not in known]
            try:
                for number, record in enumerate(new, 1):
                    self._status = f"正在对照大纲：第 {number}/{len(new)} 份资料，{record.source.rsplit('/', 1)[-1]}"
                    known[record.source] = _Found(states[record.source], tuple(self._looked_through(record)))
                    self._publish(known)
            finally:
                if new or not self._file.exists():
                    self._keep(known)

    def _look(self) -> None:
        """Begin to work if the documents have changed; asked often, it looks every two seconds."""
        now = time.monotonic()
        with self._starting:
            if now - self._looked < _LOOK_SECONDS or not self._ready.is_set() or self._working.locked():
                return
            self._looked = now
        with suppress(TutorError):  # the tab 资料 says what is wrong with the documents
            states = {record.source: _state(record) for record in self._documents() if record.state == INDEXED}
            if self._read and states == {source: found.state for source, found in self._found.items()}:
                return
            self._status = "正在对照大纲"
            threading.Thread(target=self._work, name="coverage", daemon=True).start()

    def _work(self) -> None:
        with suppress(AttributeError, OSError):  # a system without priorities of threads
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        try:
            with suppress(TutorError):
                self.update()
        finally:
            self._status = ""

    def _looked_through(self, record: DocumentRecord) -> Iterator[tuple[str, CoveredPage]]:
        """For each point the document's pages that treat it, each once."""
        best: dict[tuple[str, int], CoveredPage] = {}
        chunks = iter(self._retriever.chunks_of(record.source))
        while some := list(islice(chunks, _AT_A_TIME)):
            for chunk, scores in zip(some, _judged(some), strict=True):
                page = int(chunk.metadata["page"])
                for identifier, score in scores.items():
                    found = CoveredPage(
                        record.source,
                        str(chunk.metadata["document"]),
                        page,
                        score,
                        str(chunk.id),
                        bool(chunk.metadata.get("point")),
                    )
                    best[identifier, page] = max(best.get((identifier, page), found), found, key=lambda one: one.score)
            time.sleep(_REST_SECONDS)
        return iter([(identifier, page) for (identifier, _), page in best.items()])

    def _publish(self, known: Mapping[str, _Found]) -> None:
        pages = defaultdict[str, list[CoveredPage]](list)
        for found in known.values():
            for identifier, page in found.pages:
                pages[identifier].append(page)
        order = {i: sorted(own, key=lambda p: (p.note, -p.score, p.source, p.page)) for i, own in pages.items()}
        self._found, self._by_point, self._read = dict(known), {i: tuple(own) for i, own in order.items()}, True

    def _kept(self) -> dict[str, _Found]:
        """What an earlier run has found; nothing if the file is missing, damaged, or of another syllabus."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            kept: Any = json.loads(self._file.read_text("utf-8"))
            if kept["method"] == _method():
                return {source: _restored(source, entry) for source, entry in kept["documents"].items()}
        return {}

    def _keep(self, known: Mapping[str, _Found]) -> None:
        """Write it down; if that fails it is only found again at the next start."""
        entries = {
            source: {
                "state": found.state,
                "pages": [[i, p.document, p.page, p.score, p.chunk_id, p.note] for i, p in found.pages],
            }
            for source, found in known.items()
        }
        with suppress(OSError):
            draft = self._file.with_suffix(f".{os.getpid()}.part")
            draft.write_text(json.dumps({"method": _method(), "documents": entries}, ensure_ascii=False), "utf-8")
            draft.replace(self._file)


def _judged(chunks: Sequence[Document]) -> list[dict[str, float]]:
    """The points of each chunk; those of a bundled note are written in it."""
    own = [str(chunk.metadata.get("point") or "") for chunk in chunks]
    scores = iter(treated([embedded_text(chunk) for chunk, point in zip(chunks, own, strict=True) if not point]))
    return [{point: 2.0} if point in points() else {} if point else next(scores) for point in own]


def _restored(source: str, entry: Mapping[str, Any]) -> _Found:
    pages = tuple(
        (str(i), CoveredPage(source, str(document), int(page), float(score), str(chunk), bool(note)))
        for i, document, page, score, chunk, note in entry["pages"]
        if str(i) in points()
    )
    return _Found(str(entry["state"]), pages)


def _state(record: DocumentRecord) -> str:
    return f"{record.sha256}/{record.reading}/{record.embedding}/{record.chunks}"


@cache
def _method() -> str:
    """What a finding depends on beside the document: the notes, the syllabus, and how they are compared."""
    told = repr((_METHOD, LEAST, list(points().values()), [(s.point, s.text) for s in note_sections()]))
    return sha256(told.encode()).hexdigest()[:16]
