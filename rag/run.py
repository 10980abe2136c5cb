"""One run over many documents: read in worker processes, written in batches, reported when they are found."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass

from errors import DocumentError
from rag.arrivals import ADDED, FAILED, UPDATED, Arrivals, Incoming, Outcome, Prepared
from rag.assembly import DocumentReading
from rag.indexing import BatchWriter
from rag.parsing.pdf import count_pages
from rag.reading import Facts
from rag.workers import Workers, result_of
from vector_db.registry import Registry
from vector_db.store import CourseStore

__all__ = ["Run", "Step"]

_SMALL = 1 << 20
"""Bytes of a PDF below which its pages are not counted beforehand, for the total: it counts as one until it is begun."""
_AHEAD = 32
"""Documents that each process may have ahead: enough for the time of a write. Their chunks wait on the disk."""

_PATIENCE = 1.0
"""Seconds until what was read is looked through again: it may be due."""


@dataclass(frozen=True)
class Step:
    """Progress: `done` of `total` documents are finished, and `pages` of `total_pages`, as far as their number is known.

    `path` is the document in hand, or, with an `outcome`, the one that was finished. `seconds` since the run began.
    Of the document in hand `file_pages` of `file_total` pages are done, and `ocr` says that some of them went through OCR.
    """

    done: int
    total: int
    path: str
    outcome: Outcome | None = None
    pages: int = 0
    total_pages: int = 0
    seconds: float = 0.0
    file_pages: int = 0
    file_total: int = 0
    ocr: bool = False

    def told(self) -> str:
        """Pages, pages a second and the remaining time at this pace, in Chinese; '' before the first page."""
        if not self.pages or not self.seconds:
            return ""
        pace = self.pages / self.seconds
        left = (self.total_pages - self.pages) / pace
        remaining = f"约剩 {left / 60:.0f} 分钟" if left >= 90 else f"约剩 {left:.0f} 秒"
        return f"{self.pages}/{self.total_pages} 页，每秒 {pace:.1f} 页，{remaining}"


class Run:
    """Reads prepared files into the store. `total` counts also the files that turn out to need no reading."""

    def __init__(
        self,
        store: CourseStore,
        registry: Registry,
        arrivals: Arrivals,
        workers: Workers,
        total: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._registry = registry
        self._arrivals = arrivals
        self._workers = workers
        self._total = total
        self._done = self._pages = 0
        self._clock, self._started = clock, clock()
        self._left: dict[str, int] = {}
        self._counts: dict[str, Future[int]] = {}
        self._unsettled: dict[str, tuple[Prepared, Facts]] = {}
        self._files: list[Prepared] = []
        self._waiting: list[tuple[Prepared, DocumentReading]] = []
        self._coming = deque[Prepared]()

    def step(self, file: Incoming, reading: DocumentReading | None = None, outcome: Outcome | None = None) -> Step:
        """Where the run stands; an outcome counts as one more document done."""
        self._done += outcome is not None
        for source in [s for s, count in self._counts.items() if count.done()]:
            count = self._counts.pop(source)
            if source in self._left and count.exception() is None:
                self._left[source] = result_of(count)
        pages = self._pages + (reading.pages if reading else 0)
        total = self._pages + sum(self._left.values()) + (reading.total_pages if reading else 0)
        seconds = self._clock() - self._started
        if reading is None:
            return Step(self._done, self._total, file.told, outcome, pages, total, seconds)
        ocr = bool(reading.facts.ocr_pages) or reading.pages > reading.facts.pages
        return Step(
            self._done, self._total, file.told, outcome, pages, total, seconds, reading.pages, reading.total_pages, ocr
        )  # fmt: skip

    def take(self, file: Prepared) -> None:
        """A file for `read`. The workers begin with it at once, if they have not too much in hand: others are still made ready."""
        self._files.append(file)
        self._left[file.source] = 1
        if self._total > 1 and file.job.path.suffix == ".pdf" and file.job.path.stat().st_size > _SMALL:
            self._counts[file.source] = self._workers.submit(count_pages, file.job.path)
        self._coming.append(file)
        self._fill()

    def read(self) -> Iterator[Step]:
        """Read the files that were taken into the store, a step after each page range and for each outcome."""
        self._arrivals.mark(self._files)
        with BatchWriter(self._store) as writer:
            while self._waiting:
                ready = next((i for i, (_, reading) in enumerate(self._waiting) if reading.begun.done()), None)
                if ready is None:
                    writing = writer.advance()
                    begun = [reading.begun for _, reading in self._waiting]
                    wait(begun + ([writing] if writing else []), _PATIENCE, FIRST_COMPLETED)
                    yield from self._settle_due(writer)
                else:
                    yield from self._take(*self._waiting.pop(ready), writer)
                    self._fill()
            self._workers.release()
            yield from self._settle(writer)

    def _fill(self) -> None:
        """Let the workers have as many documents in hand as keep them busy."""
        while self._coming and len(self._waiting) < _AHEAD * self._workers.count:
            file = self._coming.popleft()
            self._waiting.append((file, DocumentReading(file.job, self._workers)))

    def _take(self, file: Prepared, reading: DocumentReading, writer: BatchWriter) -> Iterator[Step]:
        """Read one document into the writer. Only what goes wrong in reading is the document's fault."""
        self._left.pop(file.source)
        yield self.step(file.file, reading)
        chunks = reading.chunks()
        while True:
            try:
                batch = next(chunks, None)
            except (DocumentError, OSError) as error:
                self._drop(file, reading, writer)
                yield self.step(file.file, reading, self._arrivals.failed(file.file, error))
                break
            if batch is None:
                writer.close(file.source, reading.facts.subject, file.fresh)
                self._unsettled[file.source] = (file, reading.facts)
                break
            writer.add(batch)
            yield self.step(file.file, reading)
            yield from self._settle_due(writer)
        self._pages += reading.pages

    def _drop(self, file: Prepared, reading: DocumentReading, writer: BatchWriter) -> None:
        """Forget a document that can't be read, but for what the store held of it before."""
        known = file.known
        was = (known.sha256, known.subject, known.embedding)
        now = (file.job.document, reading.facts.subject, self._store.embedding)
        writer.drop(keep=known.chunks > 0 and was == now)
        if not known.chunks and not file.fresh:
            self._store.delete(file.source)  # what a run that was killed had written of it

    def _settle_due(self, writer: BatchWriter) -> Iterator[Step]:
        if writer.is_due:
            yield from self._settle(writer)

    def _settle(self, writer: BatchWriter) -> Iterator[Step]:
        """Make what was read found, then remember it as indexed, then report it."""
        settled = [(*self._unsettled.pop(done.source), len(done.chunks)) for done in writer.flush()]
        records = self._registry.save_all([self._arrivals.indexed(file, facts, chunks) for file, facts, chunks in settled])
        for (file, _, _), record in zip(settled, records, strict=True):
            state = UPDATED if file.known.chunks or file.known.state == FAILED else ADDED
            yield self.step(file.file, outcome=Outcome(file.file.told, state, record))
