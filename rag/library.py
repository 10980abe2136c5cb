"""The documents of a course: added, updated, listed and deleted, with a copy of each original for its pages."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout
from langchain_core.documents import Document

from errors import DocumentError, EmptyDocumentError, StoreBusyError, TutorError, UsageError
from knowledge.subjects import AUTO, detect_subject
from rag.parsing import parse
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
    """Documents, from file to searchable chunks. One process writes at a time; reading needs no lock."""

    def __init__(self, settings: Settings, store: CourseStore, registry: Registry) -> None:
        self._settings = settings
        self._store = store
        self._registry = registry
        self._folder = settings.vector_db_dir

    def documents(self) -> list[DocumentRecord]:
        """All documents with their state."""
        return self._registry.all()

    def is_empty(self) -> bool:
        """Whether no document has been indexed yet."""
        return not any(record.state == INDEXED for record in self.documents())

    def outdated(self) -> list[DocumentRecord]:
        """Indexed documents whose vectors were made with another embedding model."""
        return [r for r in self.documents() if r.state == INDEXED and r.embedding != self._store.embedding]

    def repair(self) -> bool:
        """Bring the lexical index in line with the vectors (after it was lost, or a kill between the two)."""
        return self._store.repair()

    def original(self, document: str, suffix: str) -> Path:
        """The stored copy of a document, named by its sha256."""
        return self._folder / "originals" / f"{document}{suffix.lower()}"

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the right to write.

        Raises:
            StoreBusyError: another process has held it for ten seconds.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self._folder / "ingest.lock", timeout=_LOCK_WAIT_SECONDS):
                yield
        except Timeout as error:
            raise StoreBusyError("另一个入库任务正在运行。请等它结束后再试。") from error

    def add(self, path: Path, source: str, subject: str = AUTO, key: str = "") -> Outcome:
        """Read one file into the store, or find it unchanged. Never raises for what is wrong with the file.

        Args:
            source: its name in citations; made longer if another file has it already.
            key: what makes it the same document the next time; the resolved path by default.
        """
        key = key or str(path.absolute())
        known = self._registry.by_path(key) or self._moved(path, source)
        source = known.source if known else self._free_source(source, key)
        try:
            return self._add(path, source, subject, key, known)
        except (TutorError, OSError) as error:
            return self._failed(path, source, subject, key, known, _explain(error))
        except Exception as error:  # noqa: BLE001 - parsers raise errors of a dozen libraries; one file must not end the run
            reason = f"读取时出错（{type(error).__name__}），文件可能已损坏。请用相应软件打开并另存一份后再试。"
            return self._failed(path, source, subject, key, known, reason)

    def reindex(self, record: DocumentRecord) -> Outcome:
        """Index a document again from its stored original (after a change of the embedding model)."""
        path = self.original(record.sha256, record.suffix)
        self._registry.save(replace(record, state=PENDING))
        return self.add(path, record.source, record.subject, key=record.path)

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
        for twin in self._registry.by_sha256(record.sha256)[:1]:
            self.reindex(twin)  # the same content under another name: its chunks went with this one's
        self._drop_original(record)
        return record

    def _add(self, path: Path, source: str, subject: str, key: str, known: DocumentRecord | None) -> Outcome:
        sha256 = _sha256(path)
        if known and self._is_current(known, sha256, subject):
            return Outcome(str(path), UNCHANGED, known)
        if known is None and (twin := self._twin(sha256)):
            return Outcome(str(path), ADDED, self._registry.save(replace(twin, source=source, path=key)))
        record = known or DocumentRecord(source, key, sha256, "" if subject == AUTO else subject)
        self._registry.save(replace(record, state=PENDING))
        pages = list(parse(path, self._settings))
        chosen = self._subject(path, key, subject, known, pages)
        chunks = self._chunks(pages, source, sha256, chosen)
        self._keep_original(path, sha256)
        self._store.replace(source, chosen, chunks)
        indexed = DocumentRecord(
            source, key, sha256, chosen, INDEXED, "", self._store.embedding, len(pages), len(chunks),
            tuple(page.number for page in pages if page.unread),
        )  # fmt: skip
        self._registry.save(indexed)
        if known and known.sha256 != sha256:
            self._drop_original(known)
        return Outcome(str(path), UPDATED if known and (known.chunks or known.state != PENDING) else ADDED, indexed)

    def _chunks(self, pages: list[Page], source: str, sha256: str, subject: str) -> list[Document]:
        if all(page.unread for page in pages):
            reasons = "、".join(dict.fromkeys(page.unread for page in pages))
            raise EmptyDocumentError(
                f"全部 {len(pages)} 页都没有读到文字：{reasons}。请换成带文字层的版本（先用 OCR 软件识别）再入库。"
            )
        chunks = link(list(split_pages(pages, source, sha256, subject)))
        if not chunks:
            raise EmptyDocumentError("文件里没有可以检索的文字。请检查是否选对了文件。")
        return chunks

    def _subject(self, path: Path, key: str, subject: str, known: DocumentRecord | None, pages: list[Page]) -> str:
        if subject != AUTO:
            return subject
        if known and known.subject:
            return known.subject
        text = "\n".join(block.text for page in pages for block in page.blocks)
        return detect_subject(Path(key), text)

    def _is_current(self, record: DocumentRecord, sha256: str, subject: str) -> bool:
        same = record.state == INDEXED and record.sha256 == sha256 and record.embedding == self._store.embedding
        return same and subject in (AUTO, record.subject)

    def _twin(self, sha256: str) -> DocumentRecord | None:
        """An indexed document with the same content under another name; its chunks serve for both."""
        same = self._registry.by_sha256(sha256)
        return next((r for r in same if r.state == INDEXED and r.embedding == self._store.embedding), None)

    def _moved(self, path: Path, source: str) -> DocumentRecord | None:
        """The document of this name and content that was read from another place before: its folder was moved."""
        record = self._registry.get(source)
        if record and not Path(record.path).exists() and path.is_file() and record.sha256 == _sha256(path):
            return record
        return None

    def _failed(self, path: Path, source: str, subject: str, key: str, known: DocumentRecord | None, error: str) -> Outcome:
        if known and known.chunks:
            error += "（知识库里仍是上一次成功入库的内容。）"
        record = known or DocumentRecord(source, key, "", "" if subject == AUTO else subject)
        return Outcome(str(path), FAILED, self._registry.save(replace(record, state=FAILED, error=error)), error)

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
        if record.sha256 and not self._registry.by_sha256(record.sha256):
            self.original(record.sha256, record.suffix).unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _explain(error: TutorError | OSError) -> str:
    if isinstance(error, DocumentError | TutorError):
        return str(error)
    known = {
        FileNotFoundError: "文件或文件夹不存在。请检查路径。",
        PermissionError: "没有读取权限。请检查文件权限。",
        IsADirectoryError: "这是一个文件夹，不是文件。请去掉它的后缀或换一个路径。",
    }
    fallback = f"无法读取（{error.strerror or type(error).__name__}）。请检查文件名是否过长、磁盘是否正常。"
    return next((text for kind, text in known.items() if isinstance(error, kind)), fallback)


def open_library(settings: Settings) -> Library:
    """The library that `settings` name."""
    return Library(settings, open_store(settings), Registry(settings.vector_db_dir / "registry.sqlite3"))
