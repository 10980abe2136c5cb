"""What goes wrong in the middle of ingestion: killed runs, files that change or move, a store that fails."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from errors import StoreError
from rag import reading
from rag.indexing import BatchWriter
from rag.ingest import ingest, reindex
from rag.library import FAILED, UNCHANGED, UPDATED, Incoming, Library, Outcome, open_library
from rag.parsing.page import Page
from rag.workers import Inline
from settings import Settings
from tests.conftest import DOCS
from vector_db.lexical import LexicalIndex
from vector_db.registry import INDEXED, PENDING, Registry
from vector_db.store import CourseStore

LOCKS = "# 死锁\n\n银行家算法用来避免死锁，它检查系统是否处于安全状态。\n"
ROUNDS = "# 调度\n\n时间片轮转调度适用于分时系统，它是公平的。\n"


class Killed(BaseException):
    pass


def die(*_: object, **__: object) -> None:
    raise Killed


def add(library: Library, *files: Incoming) -> list[Outcome]:
    with library.writing():
        library.reconcile()
        return [step.outcome for step in library.add_all(files, Inline()) if step.outcome]


def kept(settings: Settings) -> set[str]:
    return {path.name for path in (settings.vector_db_dir / "originals").iterdir()}


def test_the_right_to_write_ends_in_whatever_thread_the_run_ends(library: Library, write) -> None:
    def run() -> Iterator[object]:
        with library.writing():
            yield from library.add_all([Incoming(write("a.md", LOCKS), "a.md", "os")], Inline())

    steps = run()
    next(steps)
    thread = threading.Thread(target=lambda: list(steps))  # as a page does, whose steps any of its threads may take
    thread.start()
    thread.join()
    other = open_library(library._settings)
    with other.writing():
        pass


def test_a_store_that_fails_ends_the_run_and_nothing_is_called_indexed(
    library: Library, registry: Registry, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    files = [Incoming(write(f"{i}.md", LOCKS), f"{i}.md", "os") for i in range(3)]
    with monkeypatch.context() as patch, pytest.raises(StoreError, match="磁盘空间"):
        patch.setattr("vector_db.store.CourseStore._collection", full)
        add(library, *files)
    assert {r.state for r in registry.all()} == {PENDING}
    assert {o.state for o in add(library, *files)} == {"added"}


def test_files_that_were_renumbered_keep_their_copies(
    library: Library, settings: Settings, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = write("1.md", LOCKS), write("2.md", ROUNDS)
    files = [Incoming(first, "1.md", "os"), Incoming(second, "2.md", "os")]
    add(library, *files)
    second.write_text(LOCKS, encoding="utf-8")
    first.write_text("# 进程\n\n进程是资源分配的基本单位，线程是调度的基本单位。\n", encoding="utf-8")
    monkeypatch.setattr("rag.indexing._UNSETTLED_SECONDS", 0.0)  # each in a batch of its own
    assert [o.state for o in add(library, *files)] == [UPDATED, UPDATED]
    assert kept(settings) == {f"{r.sha256}.md" for r in library.documents()} and len(kept(settings)) == 2


def test_a_short_document_is_found_while_a_long_one_is_read(library: Library, write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.indexing._UNSETTLED_SECONDS", 0.0)
    monkeypatch.setattr(reading, "_AT_ONCE", 1)
    monkeypatch.setattr("rag.assembly._BATCH", 5)
    files = [Incoming(write("a.md", LOCKS), "a.md", "os"), Incoming(DOCS / "操作系统讲义.pdf", "b.pdf", "os")]
    with library.writing():
        steps = [(step.outcome.path if step.outcome else "", step.pages) for step in library.add_all(files, Inline())]
    done = [path for path, _ in steps]
    assert done.index(str(files[0].path)) < len(steps) - 2 and steps[-1] == (str(files[1].path), 17)


def test_what_a_killed_run_wrote_goes_when_the_file_turns_out_unreadable(
    library: Library, store: CourseStore, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Incoming(write("a.md", LOCKS), "a.md", "os")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(LexicalIndex, "replace_all", die)
        add(library, file)
    assert store.count() == 1
    file.path.write_text("  \n", encoding="utf-8")
    assert add(library, file)[0].state == FAILED and store.count() == 0


def test_vectors_that_no_record_names_are_deleted(library: Library, store: CourseStore, registry: Registry, write) -> None:
    add(library, Incoming(write("a.md", LOCKS), "a.md", "os"), Incoming(write("b.md", ROUNDS), "b.md", "os"))
    registry.path.unlink()  # as the message about a damaged one says
    (write("a.md", LOCKS)).write_text("# 新版\n\n银行家算法的新版讲义。\n", encoding="utf-8")
    outcomes = add(library, Incoming(write("a.md", ROUNDS), "a.md", "os"))
    assert outcomes[0].record and store.count() == outcomes[0].record.chunks == 1


def test_an_upload_that_was_being_replaced_is_read_from_its_new_copy(
    library: Library, settings: Settings, store: CourseStore, write, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Incoming(write("a.md", LOCKS), "a.md", "os", "upload:a.md")
    add(library, upload)
    upload.path.write_text(ROUNDS, encoding="utf-8")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(CourseStore, "upsert", die)
        add(library, upload)
    upload.path.unlink()  # the browser's temporary file
    outcomes = [step.outcome for step in reindex(library) if step.outcome]
    assert [(o.state, o.path) for o in outcomes] == [(UPDATED, "a.md")] and len(kept(settings)) == 1
    assert [
        c.page_content for c in store.get([h.chunk_id for h in store.search_lexical("时间片轮转", ["os"], 5)], ["os"]).values()
    ]


def test_a_new_upload_is_known_by_its_copy_at_once(library: Library, write, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = Incoming(write("a.md", LOCKS), "a.md", "os", "upload:a.md")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("rag.arrivals.Arrivals.mark", die)
        add(library, upload)
    upload.path.unlink()
    assert [s.outcome.state for s in reindex(library) if s.outcome] == ["added"]


def test_what_could_not_be_read_is_read_again_when_the_settings_allow_more(
    library: Library, settings: Settings, registry: Registry, write
) -> None:
    file = Incoming(write("a.md", LOCKS), "a.md", "os")
    record = add(library, file)[0].record
    assert record and add(library, file)[0].state == UNCHANGED
    more = Library(settings.model_copy(update={"ocr_images": True}), library._store, registry)
    assert add(more, file)[0].state == UNCHANGED, "everything was read"
    registry.save(replace(record, pictures=2))
    assert add(library, file)[0].state == UNCHANGED and add(more, file)[0].state == UPDATED
    registry.save(replace(record, reading="0|True|False|120"))
    assert add(library, file)[0].state == UPDATED, "the readers have become better"


def test_a_folder_that_was_moved_and_edited_stays_one_document(library: Library, write) -> None:
    old = write("old/a.md", LOCKS)
    add(library, Incoming(old, "c/a.md", "os"))
    new = write("new/a.md", LOCKS)
    old.unlink()
    assert add(library, Incoming(new, "c/a.md", "os"))[0].state == UNCHANGED
    new.write_text(ROUNDS, encoding="utf-8")
    assert add(library, Incoming(new, "c/a.md", "os"))[0].state == UPDATED and len(library.documents()) == 1


def test_a_fault_in_the_parent_is_the_documents_own(library: Library, write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_AT_ONCE", 1)

    def broken(*_: object) -> Iterator[Page]:
        raise RecursionError

    monkeypatch.setattr("rag.assembly.read_pages", lambda *_: [])
    monkeypatch.setattr("rag.assembly.chunks_of", broken)
    outcomes = add(library, Incoming(DOCS / "操作系统讲义.pdf", "b.pdf", "os"), Incoming(write("a.md", LOCKS), "a.md", "os"))
    assert {o.path.rsplit("/", 1)[-1]: o.state for o in outcomes} == {"操作系统讲义.pdf": FAILED, "a.md": "added"}


def test_a_second_ingestion_of_everything_reads_nothing(library: Library, write) -> None:
    files = [(write(f"{i}.md", f"{LOCKS}\n第 {i} 份。\n"), f"{i}.md") for i in range(3)]
    assert {s.outcome.state for s in ingest(library, files, "os") if s.outcome} == {"added"}
    steps = list(ingest(library, files, "os"))
    assert {s.outcome.state for s in steps if s.outcome} == {UNCHANGED} and all(r.state == INDEXED for r in library.documents())
    assert BatchWriter(library._store).flush() == []
