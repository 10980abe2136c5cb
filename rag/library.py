"""The documents of a course: added, updated, listed and deleted, with a copy of each original for its pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from errors import StoreBusyError, StoreError, UsageError
from knowledge.subjects import AUTO
from rag.arrivals import ADDED, FAILED, UNCHANGED, UPDATED, Arrivals, Incoming, Outcome, Prepared
from rag.originals import Originals
from rag.run import Run, Step
from rag.workers import Inline, WorkerPool, Workers
from settings import Settings
from vector_db.registry import PENDING, DocumentRecord, Registry
from vector_db.store import CourseStore, open_store

__all__ = ["ADDED", "FAILED", "UNCHANGED", "UPDATED", "Incoming", "Library", "Outcome", "Step", "open_library"]

_LOCK_WAIT_SECONDS = 10.0


class Library:
    """Documents, from file to searchable chunks. One process writes at a time; reading needs no lock.

    Wherever a run is killed, the records of the documents in hand say `pending`, and `reconcile` finds them again.
    """

    def __init__(self, settings: Settings, store: CourseStore, registry: Registry) -> None:
        self._settings = settings
        self._store = store
        self._registry = registry
        self._folder = settings.vector_db_dir
        self._originals = Originals(self._folder)

    def documents(self) -> list[DocumentRecord]:
        """All documents with their state."""
        return self._registry.all()

    def original(self, document: str, suffix: str) -> Path:
        """The stored copy of a document, named by its sha256."""
        return self._originals.path(document, suffix)

    def workers(self) -> WorkerPool:
        """The processes that read documents; none is started before the first document."""
        return WorkerPool(self._settings)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write, with all that other processes have written in sight.

        Raises:
            StoreBusyError: another process has held it for ten seconds.
            StoreError: the data folder can't be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / "ingest.lock", timeout=_LOCK_WAIT_SECONDS, thread_local=False)
            lock.acquire()
        except Timeout as error:
            raise StoreBusyError("另一个入库任务正在运行。请等它结束后再试。") from error
        except OSError as error:
            raise StoreError(
                f"数据目录 {self._folder} 不能写入（{error.strerror}）。请检查权限，或用 TUTOR_DATA_DIR 换一个目录。"
            ) from error
        try:
            self._store.refresh()
            yield
        finally:
            lock.release()

    def reconcile(self) -> list[DocumentRecord]:
        """Bring registry, vectors and lexical index together; return the documents that must be read again.

        These are the ones that an earlier run did not finish, and those whose chunks are not (all) in the store under
        the embedding model of now: another model was chosen, or the vectors were lost.
        """
        records = self.documents()
        here = [r for r in records if r.embedding == self._store.embedding]
        whole = self._store.count() == sum(r.chunks for r in here)
        counts = Counter({r.source: r.chunks for r in here}) if whole else self._store.counts()
        for source in counts.keys() - {record.source for record in records}:
            self._store.delete(source)  # the registry was lost: nobody could delete it any more
        for record in records:
            complete = record.embedding == self._store.embedding and counts[record.source] == record.chunks
            if record.chunks and not complete:
                self._registry.save(replace(record, state=PENDING))
        self._store.repair()
        self._sweep()
        return [record for record in self.documents() if record.state == PENDING]

    def _sweep(self) -> None:
        """Delete the copies of files that no record names."""
        self._originals.sweep({(sha, r.suffix) for r in self.documents() for sha in (r.sha256, r.next_sha256) if sha})

    def add(self, path: Path, source: str, subject: str = AUTO, key: str = "") -> Outcome:
        """Read one file into the store in this process, or find it unchanged. Never raises for what is wrong with the file.

        Raises:
            StoreError, ModelLoadError: nothing can be indexed at all.
        """
        steps = list(self.add_all([Incoming(path, source, subject, key)], Inline()))
        return next(outcome for step in steps if (outcome := step.outcome))

    def add_all(self, files: Sequence[Incoming], workers: Workers) -> Iterator[Step]:
        """Read files into the store; a step after each page range, and one with the outcome of each file.

        A file is reported when it is found by every search; if the run is killed, `reconcile` names all others. An outcome
        may come later than that of a file behind it. Files with the same key are one.

        Raises:
            StoreError, ModelLoadError: nothing can be indexed at all.
        """
        files = list({file.key: file for file in files}.values())
        arrivals = Arrivals(self._settings, self._registry, self._originals, self._store.embedding)
        run = Run(self._store, self._registry, arrivals, workers, len(files))
        new = arrivals.announce(files)
        if new:
            workers.start()
        for file in files:
            match arrivals.prepare(file, new):
                case Outcome() as outcome:
                    yield run.step(file, outcome=outcome)
                case Prepared() as ready:
                    run.take(ready)
                    yield run.step(file)
        yield from run.read()
        self._sweep()

    def read_again(self, record: DocumentRecord) -> Incoming | Outcome:
        """How to index a document again: from its latest copy or, if it has none yet, from where it was first read."""
        copies = (self.original(sha, record.suffix) for sha in (record.next_sha256, record.sha256) if sha)
        path = next((copy for copy in copies if copy.exists()), Path(record.path))
        if not path.exists() and not record.chunks:
            self._store.delete(record.source)
            self._registry.remove(record.source)
            return Outcome(record.source, FAILED, None, "上次没有读完，原文件已不在。请重新添加。")
        return Incoming(path, record.source, record.subject or AUTO, record.path, record.source)

    def delete(self, source: str) -> DocumentRecord:
        """Remove a document, its chunks and its original.

        Raises:
            UsageError: there is no such document.
        """
        record = self._registry.get(source)
        if record is None:
            raise UsageError(f"知识库里没有“{source}”。用 python -m rag.ingest --list 查看已有资料的名称。")
        self._store.delete(source)
        self._registry.remove(source)
        self._sweep()
        return record


def open_library(settings: Settings, store: CourseStore | None = None) -> Library:
    """The library that `settings` name, on a store that is open already where one is given."""
    return Library(settings, store or open_store(settings), Registry(settings.vector_db_dir / "registry.sqlite3"))
