"""The ranges of a document, with workers that die on chosen pages."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from pebble import ProcessExpired

from errors import DamagedDocumentError, EmptyDocumentError
from rag.assembly import BROKEN_PAGE, CRASHED_PAGE, DocumentReading
from rag.parsing.furniture import Furniture
from rag.parsing.page import Block, Page
from rag.parsing.pdf import PdfPlan
from rag.reading import Facts, Job, Reading, begin, chunks_of, read_pages, recognise
from rag.workers import Inline, WorkerPool
from settings import Settings
from tests.conftest import DOCS

BOOK = DOCS / "操作系统讲义.pdf"


def job(path: Path, tmp_path: Path, ocr: bool = False) -> Job:
    return Job(path, "书.pdf", "00" * 32, "os", path, Settings(_env_file=None), tmp_path / "ocr" if ocr else None)


def page(index: int) -> Page:
    return Page(index + 1, (Block("title", f"第 {index + 1} 节", 2), Block("text", f"这是第 {index + 1} 页的内容。")))


class Scripted:
    """Workers whose functions have scripted ends: a plan of `pages` pages, of which some crash, hang or break."""

    count = 1

    def __init__(self, pages: int, scanned: float = 0.0, **ends: tuple[int, ...]) -> None:
        self.plan = PdfPlan(pages, (), True, Furniture(), scanned)
        self.ends = ends
        self.calls: list[tuple[str, tuple[int, ...]]] = []

    def submit(self, function: Callable[..., Any], *arguments: Any, pages: int = 1) -> Future[Any]:
        numbers = tuple(a for a in arguments if isinstance(a, int))
        self.calls.append((function.__name__, numbers))
        future: Future[Any] = Future()
        touched = range(*numbers) if len(numbers) == 2 else ()
        if any(i in self.ends.get("crash", ()) for i in touched) or (function is begin and "begin" in self.ends):
            future.set_exception(ProcessExpired("Abnormal termination", -9))
        elif any(i in self.ends.get("hang", ()) for i in touched):
            future.set_exception(TimeoutError())
        elif any(i in self.ends.get("broken", ()) for i in touched):
            future.set_exception(ZeroDivisionError())
        elif function is read_pages:
            future.set_result([page(i) for i in touched])
        else:
            future.set_result(len(touched) if function is recognise else self.plan)
        return future


def read(workers: Any, tmp_path: Path, ocr: bool = False) -> tuple[DocumentReading, list[str]]:
    reading = DocumentReading(job(tmp_path / "书.pdf", tmp_path, ocr), workers)
    return reading, [chunk.page_content for batch in reading.chunks() for chunk in batch]


def test_ranges_come_back_in_order_and_few_are_under_way(tmp_path: Path) -> None:
    workers = Scripted(200)
    reading, texts = read(workers, tmp_path)
    assert texts == [f"这是第 {i} 页的内容。" for i in range(1, 201)] and reading.facts.pages == reading.pages == 200
    assert [numbers for name, numbers in workers.calls if name == "read_pages"][0] == (0, 32)


def test_only_the_page_that_kills_its_process_is_lost(tmp_path: Path) -> None:
    reading, texts = read(Scripted(70, crash=(40,), broken=(5,), hang=(66,)), tmp_path)
    assert len(texts) == 67 and set(reading.facts.unread) == {6, 41, 67}
    assert reading.facts.unread[41] == CRASHED_PAGE and reading.facts.unread[6] == BROKEN_PAGE
    assert reading.facts.unread[67] == "120 秒内没有读完这一页"


def test_a_pdf_that_kills_the_first_look_is_read_page_by_page(tmp_path: Path) -> None:
    workers = Scripted(3, begin=(), crash=(1,))
    reading, texts = read(workers, tmp_path)
    assert len(texts) == 2 and reading.facts.unread == {2: CRASHED_PAGE} and ("bare_plan", ()) in workers.calls


def test_a_page_that_is_all_there_is_is_not_waited_for_twice(tmp_path: Path) -> None:
    workers = Scripted(1, hang=(0,))
    with pytest.raises(EmptyDocumentError, match="120 秒内没有读完这一页"):
        read(workers, tmp_path)
    assert [numbers for name, numbers in workers.calls if name == "read_pages"] == [(0, 1)]


def test_other_files_that_kill_their_process_are_refused(tmp_path: Path) -> None:
    reading = DocumentReading(job(tmp_path / "书.docx", tmp_path), Scripted(1, begin=()))
    with pytest.raises(DamagedDocumentError, match="程序意外退出"):
        list(reading.chunks())


def test_a_scanned_book_goes_through_ocr_in_all_processes_first(tmp_path: Path) -> None:
    workers = Scripted(9, scanned=1.0)
    reading, texts = read(workers, tmp_path, ocr=True)
    names = [name for name, _ in workers.calls]
    assert names.count("recognise") == 5 and names.index("replan") > names.index("recognise") and len(texts) == 9
    assert reading.pages == 9, "a page counts once"


def test_nothing_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EmptyDocumentError, match="全部 2 页"):
        read(Scripted(2, crash=(0, 1)), tmp_path)


def test_one_process_or_many_make_the_same_chunks(tmp_path: Path) -> None:
    alone = begin(job(BOOK, tmp_path))
    assert isinstance(alone, Reading)
    whole = [(c.id, c.page_content, c.metadata) for c in alone.chunks]
    with WorkerPool(Settings(_env_file=None, ingest_workers=2)) as workers:
        reading = DocumentReading(job(BOOK, tmp_path), workers)
        assert [(c.id, c.page_content, c.metadata) for batch in reading.chunks() for c in batch] == whole
    from rag.parsing.pdf import parse_range, plan_pdf

    plan, facts = plan_pdf(BOOK, 5000), Facts()
    ranged = (p for i in range(0, plan.pages, 3) for p in parse_range(BOOK, plan, i, min(i + 3, plan.pages)))
    assert [(c.id, c.page_content, c.metadata) for c in chunks_of(job(BOOK, tmp_path), ranged, facts)] == whole
    assert facts == alone.facts
    assert isinstance(result := Inline().submit(begin, job(BOOK, tmp_path)).result(), Reading) and result.facts == facts
