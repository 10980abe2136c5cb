"""Reading a document, piece by piece: pure functions that run in any process, and give the same chunks in one or in many.

`begin` reads a document as a whole, or plans how a long or scanned PDF is read in ranges of pages; `recognise` does the slow
part of scanned ranges ahead; `read_pages` gives the pages of a range; `chunks_of` makes chunks of the pages in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from langchain_core.documents import Document

from errors import DamagedDocumentError, DocumentError, DocumentTooLargeError, EmptyDocumentError
from knowledge.subjects import detect_subject
from rag.parsing import UNREADABLE, check_document, parse
from rag.parsing.furniture import Furniture
from rag.parsing.ocr import LOW_CONFIDENCE, Recogniser
from rag.parsing.page import Page
from rag.parsing.pdf import PdfPlan, count_pages, parse_pdf, parse_range, plan_pdf
from rag.splitting import link, split_pages
from settings import Settings

__all__ = ["UNREADABLE", "Facts", "Job", "Reading", "bare_plan", "begin", "chunks_of", "read_pages", "recognise", "replan"]

_AT_ONCE = 32
"""A PDF of so many pages, none of them scanned, is read by one process at once."""
_TELLING_PAGES = 64
"""So many pages at the beginning tell the subject; all processes that read a document see the same ones."""


@dataclass(frozen=True)
class Job:
    """A document to be read.

    Attributes:
        path: the file, with its suffix.
        source, document: its name in citations, and the sha256 of its bytes.
        subject: '' lets the file's name and text decide.
        hint: the part of the path that may tell the subject.
        ocr_folder: where OCR keeps what it has read; None without OCR.
    """

    path: Path
    source: str
    document: str
    subject: str
    hint: Path
    settings: Settings
    ocr_folder: Path | None = None

    @property
    def recogniser(self) -> Recogniser | None:
        """What reads page images, if they are to be read."""
        return Recogniser(self.ocr_folder) if self.ocr_folder else None


@dataclass
class Facts:
    """What is known of a document from its pages so far."""

    subject: str = ""
    pages: int = 0
    unread: dict[int, str] = field(default_factory=dict)
    ocr_pages: list[int] = field(default_factory=list)
    doubtful_pages: list[int] = field(default_factory=list)
    pictures: int = 0

    def noting(self, pages: Iterable[Page]) -> Iterator[Page]:
        """Pass the pages on, noted."""
        for page in pages:
            self.pages += 1
            self.pictures += page.pictures
            if page.unread:
                self.unread[page.number] = page.unread
            if page.confidence is not None:
                self.ocr_pages.append(page.number)
                if page.confidence < LOW_CONFIDENCE:
                    self.doubtful_pages.append(page.number)
            yield page

    def check(self, chunks: int) -> None:
        """Check, after the last page, that something was read.

        Raises:
            EmptyDocumentError: nothing was.
        """
        if len(self.unread) == self.pages:
            reasons = "、".join(dict.fromkeys(self.unread.values()))
            raise EmptyDocumentError(
                f"全部 {self.pages} 页都没有读到文字：{reasons}。请检查扫描是否清晰，或换成带文字层的版本再入库。"
            )
        if not chunks:
            raise EmptyDocumentError("文件里没有可以检索的文字。请检查是否选对了文件。")


@dataclass(frozen=True)
class Reading:
    """A document that was read as a whole."""

    facts: Facts
    chunks: list[Document]


def begin(job: Job) -> Reading | PdfPlan:
    """Read a document, or, if it is a PDF that is worth more than one process, plan its reading.

    Raises:
        DocumentError: it can't be read; whatever the libraries that read it raise becomes one.
    """
    try:
        if job.path.suffix.lower() != ".pdf":
            return _whole(job, parse(job.path, job.settings, job.recogniser))
        check_document(job.path, job.settings)
        if count_pages(job.path) <= _AT_ONCE:
            pages = list(parse_pdf(job.path, job.settings.max_pages))
            if job.recogniser is None or not any(page.unread for page in pages):
                return _whole(job, pages)
        return plan_pdf(job.path, job.settings.max_pages)
    except (DocumentError, OSError):
        raise
    except MemoryError as error:
        raise DocumentTooLargeError(
            f"读这份文件要用超过 {job.settings.max_memory_mb} MB 内存。请拆分文件，或调大 TUTOR_MAX_MEMORY_MB。"
        ) from error
    except Exception as error:  # noqa: BLE001 - parsers raise errors of a dozen libraries; one file must not end the run
        raise DamagedDocumentError(UNREADABLE) from error


def bare_plan(job: Job) -> PdfPlan:
    """A plan that looks into no page: for a PDF with a page that can't even be looked at."""
    return PdfPlan(count_pages(job.path), (), True, Furniture(), 0.0)


def replan(job: Job) -> PdfPlan:
    """A plan that knows what OCR has read, for headers and page numbers of scanned pages."""
    return plan_pdf(job.path, job.settings.max_pages, job.recogniser)


def recognise(job: Job, plan: PdfPlan, start: int, stop: int) -> int:
    """Let OCR read the scanned ones among the pages [start, stop) (from 0) and keep what it read; return their number."""
    return sum(page.confidence is not None for page in parse_range(job.path, plan, start, stop, job.recogniser))


def read_pages(job: Job, plan: PdfPlan, start: int, stop: int) -> list[Page]:
    """The pages [start, stop), from 0."""
    return list(parse_range(job.path, plan, start, stop, job.recogniser))


def chunks_of(job: Job, pages: Iterable[Page], facts: Facts) -> Iterator[Document]:
    """The chunks of a document's pages, which must come in their order; `facts` are complete after the last one."""
    noted = facts.noting(pages)
    first = list(islice(noted, _TELLING_PAGES))
    text = "\n".join(block.text for page in first for block in page.blocks)
    facts.subject = job.subject or detect_subject(job.hint, text)
    yield from link(split_pages(chain(first, noted), job.source, job.document, facts.subject))


def _whole(job: Job, pages: Iterable[Page]) -> Reading:
    facts = Facts()
    chunks = list(chunks_of(job, pages, facts))
    facts.check(len(chunks))
    return Reading(facts, chunks)
