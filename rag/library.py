"""The documents of a course: added, updated, listed and deleted, with a copy of each original for its pages."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout
from langchain_core.documents import Document

from errors import DamagedDocumentError, DocumentError, EmptyDocumentError, StoreBusyError, StoreError, UsageError
from knowledge.subjects import AUTO, detect_subject
from rag.parsing import SUFFIXES, check_file, parse
from rag.parsing.ocr import LOW_CONFIDENCE, Recogniser
from rag.parsing.page import Page
from rag.splitting import link, split_pages
from settings import Settings
from vector_db.registry import FAILED, INDEXED, PENDING, DocumentRecord, Registry
from vector_db.store import CourseStore, open_store

__all__ = ["ADDED", "FAILED", "UNCHANGED", "UPDATED", "Library", "Outcome", "open_library"]

ADDED, UPDATED, UNCHANGED = "added", "updated", "unchanged"
_LOCK_WAIT_SECONDS = 10.0


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `state` is added, updated, unchanged or failed."""

    path: str
    state: str
    record: DocumentRecord | None = None
    error: str = ""


class Library:
    """Documents, from file to searchable chunks. One process writes at a time; reading needs no lock.

    Wherever a run is killed, the record of the document in hand says `pending`, and `reconcile` finds it again.
    """

    def __init__(self, settings: Settings, store: CourseStore, registry: Registry) -> None:
        self._settings = settings
        self._store = store
        self._registry = registry
        self._folder = settings.vector_db_dir

    def documents(self) -> list[DocumentRecord]:
        """All documents with their state."""
        return self._registry.all()

    def original(self, document: str, suffix: str) -> Path:
        """The stored copy of a document, named by its sha256."""
        return self._folder / "originals" / f"{document}{suffix.lower()}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write, with all that other processes have written in sight.

        Raises:
            StoreBusyError: another process has held it for ten seconds.
            StoreError: the data folder can't be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self._folder / "ingest.lock", timeout=_LOCK_WAIT_SECONDS)
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
        for record in records:
            complete = record.embedding == self._store.embedding and counts[record.source] == record.chunks
            if record.chunks and not complete:
                self._registry.save(replace(record, state=PENDING))
        self._store.repair()
        return [record for record in self.documents() if record.state == PENDING]

    def announce(self, documents: Sequence[tuple[Path, str]], subject: str = AUTO) -> None:
        """Register files that are not known yet as `pending`, so that a killed run is finished by the next."""
        for path, source in documents:
            key = _readable(os.path.realpath(path))
            readable = os.path.isfile(path) and path.suffix.lower() in SUFFIXES
            if readable and not self._registry.by_path(key) and not self._moved(path, source):
                chosen = "" if subject == AUTO else subject
                self._registry.save(DocumentRecord(self._free_source(source, key), key, "", chosen))

    def add(self, path: Path, source: str, subject: str = AUTO, key: str = "") -> Outcome:
        """Read one file into the store, or find it unchanged. Never raises for what is wrong with the file.

        Args:
            source: its name in citations; made longer if another file has it already.
            key: what makes it the same document the next time; the resolved path by default.

        Raises:
            StoreError, ModelLoadError: nothing can be indexed at all.
        """
        key, source = key or _readable(os.path.realpath(path)), _readable(source)
        known = self._registry.by_path(key)
        try:
            check_file(path, self._settings)
            known = known or self._moved(path, source)
            source = known.source if known else self._free_source(source, key)
            return self._add(path, source, subject, key, known)
        except (DocumentError, OSError) as error:
            return self._failed(path, self._registry.by_path(key), _explain(error))

    def read_again(self, record: DocumentRecord) -> Outcome:
        """Index a document again, from its stored original or, if it has none yet, from where it was first read."""
        original = self.original(record.sha256, record.suffix)
        path = original if record.sha256 and original.exists() else Path(record.path)
        if not path.exists() and not record.chunks:
            self._registry.remove(record.source)
            return Outcome(record.path, FAILED, None, "上次没有读完，原文件已不在。请重新添加。")
        return self.add(path, record.source, record.subject or AUTO, key=record.path)

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
        self._drop_original(record)
        return record

    def _add(self, path: Path, source: str, subject: str, key: str, known: DocumentRecord | None) -> Outcome:
        sha256 = _sha256(path)
        if known and self._is_current(known, sha256, subject):
            return Outcome(str(path), UNCHANGED, known)
        record = known or DocumentRecord(source, key, sha256, "" if subject == AUTO else subject)
        self._registry.save(replace(record, path=key, state=PENDING, sha256=record.sha256 or sha256))
        self._keep_original(path, sha256)
        chosen, pages, chunks = self._read(path, source, sha256, key, subject if subject != AUTO else record.subject)
        self._store.replace(source, chosen, chunks)
        indexed = DocumentRecord(
            source, key, sha256, chosen, INDEXED, "", self._store.embedding, len(pages), len(chunks),
            unread_pages=tuple(p.number for p in pages if p.unread),
            ocr_pages=tuple(p.number for p in pages if p.confidence is not None),
            doubtful_pages=tuple(p.number for p in pages if p.confidence is not None and p.confidence < LOW_CONFIDENCE),
        )  # fmt: skip
        self._registry.save(indexed)
        if known and known.sha256 != sha256:
            self._drop_original(known)
        return Outcome(str(path), UPDATED if known and (known.chunks or known.state == FAILED) else ADDED, indexed)

    def _read(self, path: Path, source: str, sha256: str, key: str, subject: str) -> tuple[str, list[Page], list[Document]]:
        """Subject, pages and chunks of a file.

        Raises:
            DocumentError: whatever goes wrong in the libraries that read it.
        """
        try:
            recogniser = Recogniser(self._ocr_folder(sha256)) if self._settings.ocr else None
            pages = list(parse(path, self._settings, recogniser))
            chosen = subject or detect_subject(_hint(key, source), "\n".join(b.text for page in pages for b in page.blocks))
            chunks = link(list(split_pages(pages, source, sha256, chosen)))
        except (DocumentError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - parsers raise errors of a dozen libraries; one file must not end the run
            raise DamagedDocumentError(
                f"读取时出错（{type(error).__name__}），文件可能已损坏。请用相应软件打开并另存一份后再试。"
            ) from error
        if all(page.unread for page in pages):
            reasons = "、".join(dict.fromkeys(page.unread for page in pages))
            raise EmptyDocumentError(
                f"全部 {len(pages)} 页都没有读到文字：{reasons}。请检查扫描是否清晰，或换成带文字层的版本再入库。"
            )
        if not chunks:
            raise EmptyDocumentError("文件里没有可以检索的文字。请检查是否选对了文件。")
        return chosen, pages, chunks

    def _is_current(self, record: DocumentRecord, sha256: str, subject: str) -> bool:
        same = record.state == INDEXED and record.sha256 == sha256 and record.embedding == self._store.embedding
        return same and subject in (AUTO, record.subject)

    def _moved(self, path: Path, source: str) -> DocumentRecord | None:
        """The document of this name and content that was read from another place before: its folder was moved."""
        record = self._registry.get(source)
        if record and not Path(record.path).exists() and record.sha256 == _sha256(path):
            return record
        return None

    def _failed(self, path: Path, known: DocumentRecord | None, error: str) -> Outcome:
        """Note a failure. What was never registered (no such file, no such format) is only reported."""
        if known is None:
            return Outcome(str(path), FAILED, None, error)
        if known.chunks:
            error += "（知识库里仍是上一次成功入库的内容。）"
        record = self._registry.save(replace(known, state=FAILED, error=error))
        return Outcome(str(path), FAILED, record, error)

    def _free_source(self, source: str, key: str) -> str:
        """`source`, with more of the path's folders before it while another document has that name."""
        folders = list(Path(key).parts[: -len(Path(source).parts)])
        while self._registry.get(source):
            source = f"{folders.pop()}/{source}" if folders else f"另一份/{source}"
        return source

    def _keep_original(self, path: Path, sha256: str) -> None:
        target = self.original(sha256, path.suffix)
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, part := target.with_suffix(".part"))
            part.replace(target)

    def _drop_original(self, record: DocumentRecord) -> None:
        others = (r for r in self._registry.by_sha256(record.sha256) if r.suffix == record.suffix)
        if record.sha256 and not any(others):
            self.original(record.sha256, record.suffix).unlink(missing_ok=True)
            shutil.rmtree(self._ocr_folder(record.sha256), ignore_errors=True)

    def _ocr_folder(self, sha256: str) -> Path:
        """What OCR has read of a document so far, a file a page."""
        return self._folder / "ocr" / sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _readable(name: str) -> str:
    """A file name as text; names from old Chinese archives are GBK bytes, which Python holds as surrogates."""
    data = os.fsencode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _hint(key: str, source: str) -> Path:
    """The part of the path that may tell the subject: what was named and below, and the folder around a single file."""
    return Path(*Path(key).parts[-max(2, len(Path(source).parts)) :])


def _explain(error: DocumentError | OSError) -> str:
    if isinstance(error, DocumentError):
        return str(error)
    known = {
        FileNotFoundError: "文件或文件夹不存在。请检查路径。",
        PermissionError: "没有读取权限。请检查文件权限。",
    }
    fallback = f"无法读取（{error.strerror or type(error).__name__}）。请检查文件名是否过长、磁盘是否正常。"
    return next((text for kind, text in known.items() if isinstance(error, kind)), fallback)


def open_library(settings: Settings) -> Library:
    """The library that `settings` name."""
    return Library(settings, open_store(settings), Registry(settings.vector_db_dir / "registry.sqlite3"))
