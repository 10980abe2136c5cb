"""The queue of uploads, with a library that tells its steps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest

from errors import StorageError, StoreBusyError, StoreError
from rag.library import Incoming, Outcome, Step
from ui.uploads import Uploads
from vector_db.registry import DocumentRecord

Script = Callable[[Sequence[Incoming]], Iterator[Step]]


class FakeLibrary:
    """Reads by a script; `busy` is how often the right to write is refused before."""

    def __init__(self, script: Script, busy: int = 0) -> None:
        self.script, self.busy, self.read = script, busy, list[str]()

    @contextmanager
    def writing(self) -> Iterator[None]:
        if self.busy:
            self.busy -= 1
            raise StoreBusyError("另一个入库任务正在运行。")
        yield

    @contextmanager
    def workers(self) -> Iterator[None]:
        yield

    def reconcile(self) -> list[DocumentRecord]:
        return []

    def documents(self) -> list[DocumentRecord]:
        return []

    def add_all(self, files: Sequence[Incoming], _: object) -> Iterator[Step]:
        files = list({file.key: file for file in files}.values())
        self.read += [f"{file.source}:{file.path.read_text()}:{file.subject}" for file in files]
        yield from self.script(files)


def all_well(files: Sequence[Incoming]) -> Iterator[Step]:
    for file in files:
        record = DocumentRecord(file.source, file.key, "00ff", "os", "indexed", pages=3)
        yield Step(1, 1, file.told, Outcome(file.told, "added", record))


def ready() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


def settled(uploads: Uploads) -> list[tuple[str, str, str]]:
    """Name, state and words of each upload, when nothing moves any more."""
    deadline = monotonic() + 20
    while uploads.busy and monotonic() < deadline:
        threading.Event().wait(0.005)
    return sorted((upload.name, upload.state, upload.said) for upload in uploads.shown())


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "甲.txt", tmp_path / "乙.txt"]
    for path in paths:
        path.write_text(path.stem)
    return paths


def test_files_are_read_with_their_subject_and_nothing_is_left_in_the_folder(tmp_path: Path, files: list[Path]) -> None:
    library = FakeLibrary(all_well)
    uploads = Uploads(library, tmp_path / "incoming", ready())
    uploads.add(files, "os")
    assert settled(uploads) == [("乙.txt", "done", ""), ("甲.txt", "done", "")]
    assert library.read == ["甲.txt:甲:os", "乙.txt:乙:os"] or sorted(library.read) == ["乙.txt:乙:os", "甲.txt:甲:os"]
    uploads.clear()
    assert uploads.shown() == []


def test_pages_are_counted_and_ocr_is_told(tmp_path: Path, files: list[Path]) -> None:
    seen, go = threading.Event(), threading.Event()

    def script(batch: Sequence[Incoming]) -> Iterator[Step]:
        yield Step(0, 1, batch[0].told, file_pages=4, file_total=9, ocr=True)
        seen.set()
        go.wait(20)
        yield from all_well(batch)

    uploads = Uploads(FakeLibrary(script), tmp_path / "incoming", ready())
    uploads.add(files[:1])
    assert seen.wait(20)
    (now,) = uploads.shown()
    assert (now.state, now.pages, now.total_pages, now.ocr) == ("reading", 4, 9, True)
    go.set()
    assert settled(uploads)[0][1] == "done"


def test_what_a_killed_app_left_is_taken_up_by_the_next(tmp_path: Path, files: list[Path]) -> None:
    first = Uploads(FakeLibrary(all_well), tmp_path / "incoming", threading.Event())  # never ready: killed before
    first.add(files, "ds")
    first.stop()
    library = FakeLibrary(all_well)
    second = Uploads(library, tmp_path / "incoming", ready())
    second.start()
    assert [state for _, state, _ in settled(second)] == ["done", "done"]
    assert sorted(library.read) == ["乙.txt:乙:ds", "甲.txt:甲:ds"]


def test_another_ingest_is_waited_for(tmp_path: Path, files: list[Path]) -> None:
    uploads = Uploads(FakeLibrary(all_well, busy=3), tmp_path / "incoming", ready())
    uploads.add(files[:1])
    assert settled(uploads) == [("甲.txt", "done", "")]


def test_a_store_that_fails_leaves_the_files_for_another_try(tmp_path: Path, files: list[Path]) -> None:
    broken = [True]

    def script(batch: Sequence[Incoming]) -> Iterator[Step]:
        if broken.pop() if broken else False:
            raise StoreError("磁盘满了。")
        yield from all_well(batch)

    uploads = Uploads(FakeLibrary(script), tmp_path / "incoming", ready())
    uploads.add(files[:1])
    assert settled(uploads) == [("甲.txt", "failed", "磁盘满了。")]
    (failed,) = uploads.shown()
    assert uploads.retry(failed.key) and not uploads.retry("nonsense")
    assert settled(uploads) == [("甲.txt", "done", "")] and not list((tmp_path / "incoming").iterdir())


def test_a_bug_ends_neither_the_thread_nor_the_other_files(tmp_path: Path, files: list[Path]) -> None:
    def script(batch: Sequence[Incoming]) -> Iterator[Step]:
        if batch[0].source == "甲.txt":
            raise RuntimeError("boom")
        yield from all_well(batch)

    uploads = Uploads(FakeLibrary(script), tmp_path / "incoming", ready())
    uploads.add(files[:1])
    assert "RuntimeError" in settled(uploads)[0][2]
    uploads.add(files[1:])
    assert settled(uploads)[0][1] == "done"


def test_of_two_files_with_one_name_the_first_says_so(tmp_path: Path, files: list[Path]) -> None:
    other = tmp_path / "another" / "甲.txt"
    other.parent.mkdir()
    other.write_text("新")
    library = FakeLibrary(all_well)
    uploads = Uploads(library, tmp_path / "incoming", ready())
    uploads.add([files[0], other])
    assert [state for _, state, _ in settled(uploads)] == ["done", "failed"] and library.read == ["甲.txt:新:auto"]


def test_a_file_that_can_not_be_kept_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"没有.txt 没能保存"):
        Uploads(FakeLibrary(all_well), tmp_path / "incoming", ready()).add([tmp_path / "没有.txt"])
