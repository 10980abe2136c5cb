"""Which points the bundled handouts treat, against a teacher's reading; and that the table follows the documents."""

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from errors import StoreError
from knowledge.syllabus import points
from rag.library import Library
from rag.retrieval import Retriever, open_retriever
from settings import ROOT, Settings
from tests.conftest import DOCS
from tutoring.coverage import Coverage
from tutoring.treatment import treated
from vector_db.entries import embedded_text
from vector_db.registry import Registry
from vector_db.store import open_store

HANDOUTS = {"ds": "数据结构讲义.pdf", "co": "计算机组成原理讲义.pdf", "os": "操作系统讲义.pdf", "cn": "计算机网络讲义.pdf"}
POLICY = "国家级一流本科课程建设指南.pdf"
NOTE = ROOT / "knowledge" / "notes" / "os" / "3-同步、互斥与死锁.md"
_SECTION = re.compile(r"> (\d+\.\d+) ")


class Shelf:
    """A library with what reads its documents and keeps the table of them."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(_env_file=None, data_dir=folder)
        store = open_store(self.settings)
        self.library = Library(self.settings, store, Registry(self.settings.vector_db_dir / "registry.sqlite3"))
        self.retriever = open_retriever(self.settings, store)

    def add(self, path: Path, source: str) -> None:
        with self.library.writing():
            assert not self.library.add(path, source).error

    def coverage(self, ready: bool = True) -> Coverage:
        event = threading.Event()
        if ready:
            event.set()
        return Coverage(self.retriever, self.library.documents, self.settings.vector_db_dir, event)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    shelf = Shelf(tmp_path_factory.mktemp("coverage"))
    for name in (*HANDOUTS.values(), POLICY):
        shelf.add(DOCS / name, name)
    yield shelf


def truth() -> dict[tuple[str, str], tuple[set[str], set[str]]]:
    """Section → points that it treats, and those that it touches."""
    lines = Path(__file__).with_name("coverage_truth.txt").read_text("utf-8").splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith("#"):
            treats, _, touches = line.partition("/")
            subject, section, *names = treats.split()
            found[subject, section] = set(names), set(touches.split())
    return found


def test_the_reading_names_points_of_the_syllabus() -> None:
    assert {point for treats, touches in truth().values() for point in treats | touches} <= set(points())


def test_what_is_found_is_treated_there_and_little_is_missed(shelf: Shelf) -> None:
    right = wrong = 0
    found: dict[tuple[str, str], set[str]] = {}
    for subject, name in HANDOUTS.items():
        chunks = list(shelf.retriever.chunks_of(name))
        for chunk, scores in zip(chunks, treated([embedded_text(c) for c in chunks]), strict=True):
            section = _SECTION.search(chunk.metadata["section"])
            if section is None or "易错点" in chunk.metadata["section"]:  # such a section sums up its chapter
                continue
            treats, touches = truth()[subject, section[1]]
            right += len(scores.keys() & (treats | touches))
            wrong += len(scores.keys() - treats - touches)
            found.setdefault((subject, section[1]), set()).update(scores)
    wanted = [(section, point) for section, (treats, _) in truth().items() for point in treats]
    held = sum(point in found.get(section, ()) for section, point in wanted)
    assert right / (right + wrong) >= 0.95
    assert held / len(wanted) >= 0.88


def test_a_document_on_something_else_treats_no_point(shelf: Shelf) -> None:
    coverage = shelf.coverage()
    coverage.update()
    assert coverage.points_of(POLICY) == []
    assert treated(["红烧肉先焯水，再用小火慢炖一个小时。", "", "Lorem ipsum dolor sit amet."]) == [{}, {}, {}]


def test_pages_documents_and_gaps(shelf: Shelf) -> None:
    coverage = shelf.coverage()
    coverage.update()
    (best, *_) = coverage.pages("os.3.9")
    assert best.source == HANDOUTS["os"] and not best.note
    citation = coverage.citation(best)
    assert citation is not None and "必要条件" in citation.quote and citation.page == best.page and citation.boxes
    assert "os.3.9" in {point.id for point, pages in coverage.points_of(HANDOUTS["os"]) if pages >= 1}
    missing = {point.id for point in coverage.uncovered()}
    assert {"os.3.8", "ds.7.5", "cn.4.16"} <= missing, "管程, 红黑树, 组播: the handouts leave them out"
    assert not missing & {"os.3.9", "cn.5.4", "co.2.8", "ds.5.10"}
    assert coverage.pages("nothing") == () and coverage.points_of("nothing.pdf") == []


def test_a_note_counts_as_a_note_and_only_what_is_new_is_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf(tmp_path)
    read: list[str] = []
    whole = Retriever.chunks_of
    monkeypatch.setattr(Retriever, "chunks_of", lambda self, source: (read.append(source), whole(self, source))[1])
    shelf.add(NOTE, "notes/死锁.md")
    coverage = shelf.coverage()
    coverage.update()
    assert coverage.pages("os.3.9")[0].note and "os.3.9" in {p.id for p in coverage.uncovered()}
    shelf.add(DOCS / HANDOUTS["os"], "讲义.pdf")
    coverage.update()
    assert [page.note for page in coverage.pages("os.3.9")][0] is False and "os.3.9" not in {p.id for p in coverage.uncovered()}
    again = shelf.coverage()
    again.update()
    assert read == ["notes/死锁.md", "讲义.pdf"], "another start of the app has it from the file"
    assert again.pages("os.3.9") == coverage.pages("os.3.9")
    with shelf.library.writing():
        shelf.library.delete("讲义.pdf")
    gone = again.pages("os.3.9")[0]
    again.update()
    assert all(page.note for page in again.pages("os.3.9")) and again.points_of("讲义.pdf") == []
    assert again.citation(gone) is None


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"method": "another", "documents": {}}', '{"method": 1}'])
def test_a_damaged_file_or_one_of_another_syllabus_is_made_anew(tmp_path: Path, damage: str) -> None:
    shelf = Shelf(tmp_path)
    shelf.add(NOTE, "死锁.md")
    file = shelf.settings.vector_db_dir / "coverage.json"
    file.write_text(damage, "utf-8")
    coverage = shelf.coverage()
    coverage.update()
    assert coverage.pages("os.3.9")
    assert "死锁.md" in json.loads(file.read_text("utf-8"))["documents"]


def test_asking_begins_the_work_but_not_before_the_app_is_ready(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add(NOTE, "死锁.md")
    early = shelf.coverage(ready=False)
    assert early.pages("os.3.9") == () and early.busy and early.status == ""
    coverage = shelf.coverage()
    done = threading.Event()
    coverage.update, update = lambda: (update(), done.set())[0], coverage.update  # type: ignore[method-assign]
    assert coverage.pages("os.3.9") == ()
    assert done.wait(60)
    assert coverage.pages("os.3.9")


def test_documents_that_cant_be_read_just_now_leave_what_is_known(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.add(NOTE, "死锁.md")
    coverage = shelf.coverage()
    coverage.update()

    def broken() -> list[object]:
        raise StoreError("资料登记表打不开")

    coverage._documents = broken  # type: ignore[assignment]
    coverage._looked = float("-inf")
    assert coverage.pages("os.3.9")
    with pytest.raises(StoreError):
        coverage.update()
    assert coverage.pages("os.3.9")
