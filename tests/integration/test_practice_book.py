"""After an answer the learner's own page is opened, although the bundled notes are nearer to every question."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.questions import Question
from rag.library import Library
from rag.tutor import Tutor, open_tutor
from settings import ROOT, Settings
from tests.conftest import DOCS
from tutoring.bank import every_question
from tutoring.coverage import Coverage
from tutoring.exercise import book_page
from tutoring.mock_exam.pages import page_on
from tutoring.practice.book import page_to_read
from vector_db.registry import Registry
from vector_db.store import open_store

NOTES = ROOT / "knowledge" / "notes" / "os" / "3-同步、互斥与死锁.md"
BOOK = "我的讲义.pdf"
DEADLOCK, MONITOR = "os.3.9", "os.3.8"


class Desk:
    """A library, what reads it, and the table of its pages."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(_env_file=None, data_dir=folder)
        store, ready = open_store(settings), threading.Event()
        self.library = Library(settings, store, Registry(settings.vector_db_dir / "registry.sqlite3"))
        self.tutor: Tutor = open_tutor(settings, store)
        self.coverage = Coverage(self.tutor.retriever, self.library.documents, settings.vector_db_dir, ready)

    def add(self, path: Path, source: str) -> None:
        with self.library.writing():
            assert not self.library.add(path, source).error
        self.coverage.update()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path)


def asked_on(point: str) -> list[Question]:
    return [question for question in every_question() if question.points == (point,)]


def test_the_own_book_comes_before_the_notes_and_these_before_nothing(desk: Desk) -> None:
    question, left_out = asked_on(DEADLOCK)[0], asked_on(MONITOR)[0]
    assert page_to_read(question, desk.tutor, desk.coverage) is None, "there is no document yet"
    desk.add(NOTES, "notes/3.md")
    found = page_to_read(question, desk.tutor, desk.coverage)
    assert found and found.source == "notes/3.md"
    desk.add(DOCS / "操作系统讲义.pdf", BOOK)
    treated = {
        point: {p.page for p in desk.coverage.pages(point) if p.source == BOOK} for point in ("os.3.1", "os.3.4", DEADLOCK)
    }
    assert all(treated.values())
    asked = [(one, pages) for point, pages in treated.items() for one in asked_on(point)]
    for one, pages in asked:
        found = page_to_read(one, desk.tutor, desk.coverage)
        assert found and found.source == BOOK and found.page in pages and found.boxes and found.quote
    nearest = [citation.source for one, _ in asked if (citation := book_page(one, desk.tutor))]
    assert nearest.count("notes/3.md") > len(nearest) / 3, "what a search alone opens"
    found = page_to_read(left_out, desk.tutor, desk.coverage)
    assert found and found.source == "notes/3.md", "the book does not treat it"
    lost = page_on(DEADLOCK, [question], desk.tutor, desk.coverage)
    assert lost and lost.source == BOOK and lost.page in treated[DEADLOCK], "the report of an exam names the same page"


def test_a_book_that_is_gone_is_not_opened(desk: Desk) -> None:
    desk.add(DOCS / "操作系统讲义.pdf", BOOK)
    question = asked_on(DEADLOCK)[0]
    with desk.library.writing():
        desk.library.delete(BOOK)
    assert desk.coverage.pages(DEADLOCK), "the table has not followed yet"
    assert page_to_read(question, desk.tutor, desk.coverage) is None
