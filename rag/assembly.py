"""One document in the hands of the worker processes: its page ranges are sent out, and come back as chunks in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from langchain_core.documents import Document

from errors import DamagedDocumentError, TutorError
from rag.parsing.page import Page
from rag.parsing.pdf import PdfPlan
from rag.reading import UNREADABLE, Facts, Job, Reading, bare_plan, begin, chunks_of, read_pages, recognise, replan
from rag.workers import Crashed, TooSlow, Workers, result_of

__all__ = ["BROKEN_PAGE", "CRASHED_PAGE", "DocumentReading"]

_R = TypeVar("_R")

_RANGE = 32
"""Pages of a text PDF that one process reads in one go: some 0.1 s."""
_SCANNED_RANGE = 2
"""Pages that one process reads by OCR in one go: some 5 s, so that progress is seen to move."""
_AHEAD = 8
"""Ranges that each process may have ahead. Their pages wait on the disk."""
_BATCH = 250
_WHOLE = 5
"""A file without pages, or the first look at a PDF, may take as long as so many pages; ten times that with its pictures."""

CRASHED_PAGE = "读取这一页时程序意外退出（页面多半已损坏）"
BROKEN_PAGE = "这一页读取出错（页面多半已损坏）"


class DocumentReading:
    """A document that is being read: when `begun` is done, `chunks` has something to give. `facts` are complete at its end."""

    def __init__(self, job: Job, workers: Workers) -> None:
        self.job = job
        self.facts = Facts()
        self.total_pages = 1
        self._recognised = 0
        self._workers = workers
        self._whole = _WHOLE * (10 if job.settings.ocr_images else 1)
        self.begun = workers.submit(begin, job, pages=self._whole)

    @property
    def pages(self) -> int:
        """Pages done so far: read, or, while a scanned book goes through OCR, recognised."""
        return max(self.facts.pages, self._recognised)

    def chunks(self) -> Iterator[list[Document]]:
        """The chunks in their order; a batch may be empty: then some pages were recognised.

        Raises:
            DocumentError: the document can't be read, or holds nothing to read.
        """
        begun = self._begin()
        if isinstance(begun, Reading):
            self.facts, self.total_pages = begun.facts, begun.facts.pages
            yield begun.chunks
            return
        self.total_pages = begun.pages
        if self.job.recogniser and begun.scanned:
            yield from self._recognise(begun)
            begun = self._planned_again(begun)
        chunks, count = self._chunks(begun), 0
        while batch := list(islice(chunks, _BATCH)):
            count += len(batch)
            yield batch
        self.facts.check(count)

    def _chunks(self, plan: PdfPlan) -> Iterator[Document]:
        try:
            yield from chunks_of(self.job, self._pages(plan), self.facts)
        except (TutorError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - as in `begin`: one file must not end the run
            raise DamagedDocumentError(UNREADABLE) from error

    def _begin(self) -> Reading | PdfPlan:
        """What `begin` made of the document. A PDF that ends its process is looked at again, page by page.

        Raises:
            DocumentError: it can't be read.
        """
        try:
            try:
                return result_of(self.begun)
            except (Crashed, TooSlow):
                if self.job.path.suffix.lower() != ".pdf":
                    raise
                return result_of(self._workers.submit(bare_plan, self.job))
        except Crashed as error:
            raise DamagedDocumentError("读取时程序意外退出，文件多半已损坏。请用相应软件打开并另存一份后再试。") from error
        except TooSlow as error:
            raise DamagedDocumentError(
                f"{self._limit(self._whole)}没有读完，已放弃。请把文件拆小后再试，或调大 TUTOR_PAGE_TIMEOUT_SECONDS。"
            ) from error

    def _recognise(self, plan: PdfPlan) -> Iterator[list[Document]]:
        """Let all processes run OCR over the pages; it keeps what it read in a folder, where `read_pages` finds it."""
        for start, stop, future in self._ahead(plan, _SCANNED_RANGE, recognise):
            _settled(future)  # a page that failed is met again by `_pages`, which names it
            self._recognised += stop - start
            yield []

    def _planned_again(self, plan: PdfPlan) -> PdfPlan:
        future = self._workers.submit(replan, self.job, pages=self._whole)
        return result_of(future) if _settled(future) else plan

    def _pages(self, plan: PdfPlan) -> Iterator[Page]:
        for start, stop, future in self._ahead(plan, 4 * _SCANNED_RANGE if plan.scanned else _RANGE, read_pages):
            if _settled(future):
                yield from result_of(future)
            elif stop - start == 1:  # it was read alone already
                yield self._page(future, start)
            else:
                alone = (self._workers.submit(read_pages, self.job, plan, index, index + 1) for index in range(start, stop))
                yield from map(self._page, alone, range(start, stop))

    def _page(self, future: Future[list[Page]], index: int) -> Page:
        """A page of a range that came to no end, read alone; the guilty ones are named."""
        try:
            return result_of(future)[0]
        except Crashed:
            return Page(index + 1, unread=CRASHED_PAGE)
        except TooSlow:
            return Page(index + 1, unread=f"{self._limit(1)}没有读完这一页")
        except (TutorError, OSError):
            raise
        except Exception:  # noqa: BLE001 - parsers raise errors of a dozen libraries; one page must not end the document
            return Page(index + 1, unread=BROKEN_PAGE)

    def _ahead(
        self, plan: PdfPlan, size: int, function: Callable[[Job, PdfPlan, int, int], _R]
    ) -> Iterator[tuple[int, int, Future[_R]]]:
        """Ranges with their futures, in order: as many under way as keep all processes busy while the store is written to."""
        waiting = deque[tuple[int, int, Future[_R]]]()
        for start in range(0, plan.pages, size):
            stop = min(start + size, plan.pages)
            waiting.append((start, stop, self._workers.submit(function, self.job, plan, start, stop, pages=stop - start)))
            if len(waiting) > _AHEAD * self._workers.count:
                yield waiting.popleft()
        yield from waiting

    def _limit(self, pages: int) -> str:
        return f"{self.job.settings.page_timeout_seconds * pages:g} 秒内"


def _settled(future: Future[_R]) -> bool:
    """Wait for a function; whether it has a result.

    Raises:
        WorkersError: no process could be started for it.
    """
    error = future.exception()
    if isinstance(error, BrokenProcessPool):
        result_of(future)
    return error is None
