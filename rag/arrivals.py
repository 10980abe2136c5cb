"""Files on their way into the library: known or new, changed or not, readable or not."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from errors import DocumentError
from knowledge.subjects import AUTO
from rag.originals import Originals, sha256_of
from rag.parsing import SUFFIXES, check_file
from rag.reading import Facts, Job
from settings import Settings
from vector_db.registry import FAILED, INDEXED, PENDING, DocumentRecord, Registry

__all__ = ["ADDED", "FAILED", "UNCHANGED", "UPDATED", "Arrivals", "Incoming", "Outcome", "Prepared", "explain"]

ADDED, UPDATED, UNCHANGED = "added", "updated", "unchanged"
_READERS_VERSION = "2"
"""Counts the changes of parsing and splitting that are worth reading every document again."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: `state` is added, updated, unchanged or failed."""

    path: str
    state: str
    record: DocumentRecord | None = None
    error: str = ""


@dataclass(frozen=True)
class Incoming:
    """A file to be read.

    Attributes:
        source: its name in citations; made longer if another file has it already.
        identity: what makes it the same document the next time; the resolved path by default.
        label: what messages call it; the path by default.
    """

    path: Path
    source: str
    subject: str = AUTO
    identity: str = ""
    label: str = ""

    @property
    def told(self) -> str:
        """What messages call it."""
        return self.label or str(self.path)

    @property
    def key(self) -> str:
        """The identity, as the registry has it."""
        return self.identity or _readable(os.path.realpath(self.path))

    @property
    def name(self) -> str:
        """The source as text."""
        return _readable(self.source)


@dataclass(frozen=True)
class Prepared:
    """A file that must be read. `known` is its record so far; `fresh`: nothing of it was ever written."""

    file: Incoming
    known: DocumentRecord
    job: Job
    fresh: bool

    @property
    def source(self) -> str:
        """Its name in citations."""
        return self.job.source


class Arrivals:
    """Registers files as `pending` before they are read. `embedding` is the identity of the model of now."""

    def __init__(self, settings: Settings, registry: Registry, originals: Originals, embedding: str) -> None:
        self._settings = settings
        self._for_workers = settings.model_copy(update={"chat_api_key": None})
        self._registry = registry
        self._originals = originals
        self._embedding = embedding
        self._known: dict[str, DocumentRecord] = {}
        self._reading = f"{_READERS_VERSION}|{settings.ocr}|{settings.ocr_images}|{settings.page_timeout_seconds:g}"

    def announce(self, files: Sequence[Incoming]) -> set[str]:
        """Register files that are not known yet, so that a killed run is finished by the next; return their sources."""
        records = self._registry.all()
        self._known = {record.path: record for record in records}
        taken, new = {r.source for r in records}, list[DocumentRecord]()
        for file in files:
            readable = os.path.isfile(file.path) and file.path.suffix.lower() in SUFFIXES
            if not readable or file.key in self._known:
                continue
            if file.name in taken and (moved := self._moved(file)):
                del self._known[moved.path]
                self._known[file.key] = self._registry.save(replace(moved, path=file.key))
            else:
                source = _free_source(file.name, file.key, taken)
                taken.add(source)
                new.append(DocumentRecord(source, file.key, "", "" if file.subject == AUTO else file.subject))
        self._known |= {record.path: record for record in self._registry.save_all(new)}
        return {record.source for record in new}

    def prepare(self, file: Incoming, new: set[str]) -> Prepared | Outcome:
        """Keep a copy of a file that must be read, or tell why it needn't or can't be. `new`: just announced."""
        try:
            check_file(file.path, self._settings)
            known = self._known.get(file.key) or DocumentRecord(file.name, file.key, "", "")
            if self._is_current(known, file):
                return Outcome(file.told, UNCHANGED, known)
            sha256, copy = self._originals.keep(file.path)
        except (DocumentError, OSError) as error:
            return self.failed(file, error)
        if file.identity:  # an upload can't be read again from where it came: its copy must be known at once
            self._registry.save(_pending(known, sha256))
        subject = known.subject if file.subject == AUTO else file.subject
        ocr = self._originals.ocr_folder(sha256) if self._settings.ocr else None
        job = Job(copy, known.source, sha256, subject, _hint(file.key, known.source), self._for_workers, ocr)
        return Prepared(file, known, job, fresh=known.source in new)

    def mark(self, files: Sequence[Prepared]) -> None:
        """Remember that these are being read; from now on their copies are enough to read them again."""
        self._registry.save_all([_pending(file.known, file.job.document) for file in files])

    def failed(self, file: Incoming, error: DocumentError | OSError) -> Outcome:
        """Note a failure. What was never registered (no such file, no such format) is only reported."""
        known, reason = self._registry.by_path(file.key), explain(error)
        if known is None:
            return Outcome(file.told, FAILED, None, reason)
        if known.chunks:
            reason += "（知识库里仍是上一次成功入库的内容。）"
        record = self._registry.save(replace(known, state=FAILED, error=reason, next_sha256=""))
        return Outcome(file.told, FAILED, record, reason)

    def indexed(self, file: Prepared, facts: Facts, chunks: int) -> DocumentRecord:
        """The record of a document that was read."""
        return DocumentRecord(
            file.source, file.file.key, file.job.document, facts.subject, INDEXED, "", self._embedding, facts.pages, chunks,
            unread_pages=tuple(facts.unread), ocr_pages=tuple(facts.ocr_pages), doubtful_pages=tuple(facts.doubtful_pages),
            reasons=facts.unread, pictures=facts.pictures, reading=self._reading,
        )  # fmt: skip

    def _is_current(self, record: DocumentRecord, file: Incoming) -> bool:
        """Whether the store has all that reading the file now would give."""
        if record.state != INDEXED or record.embedding != self._embedding or file.subject not in (AUTO, record.subject):
            return False
        version = self._reading.partition("|")[0]
        whole = not (record.unread_pages or record.pictures) and record.reading.partition("|")[0] == version
        copied = self._originals.path(record.sha256, record.suffix).exists()
        return copied and (whole or record.reading == self._reading) and record.sha256 == sha256_of(file.path)

    def _moved(self, file: Incoming) -> DocumentRecord | None:
        """The document of this name and content that was read from another place before: its folder was moved."""
        record = next((r for r in self._known.values() if r.source == file.name), None)
        try:
            if record and not Path(record.path).exists() and record.sha256 == sha256_of(file.path):
                return record
        except OSError:  # `prepare` will say what is wrong with the file
            pass
        return None


def _pending(record: DocumentRecord, sha256: str) -> DocumentRecord:
    """The record while the bytes with this sha256 are being read; the first ones count as the document's own."""
    if not record.sha256 or record.sha256 == sha256:
        return replace(record, state=PENDING, sha256=sha256, next_sha256="")
    return replace(record, state=PENDING, next_sha256=sha256)


def _free_source(source: str, key: str, taken: set[str]) -> str:
    """`source`, with more of the path's folders before it while another document has that name."""
    folders = list(Path(key).parts[: -len(Path(source).parts)])
    while source in taken:
        source = f"{folders.pop()}/{source}" if folders else f"另一份/{source}"
    return source


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


def explain(error: DocumentError | OSError) -> str:
    """An error of reading a file as a user may see it."""
    if isinstance(error, DocumentError):
        return str(error)
    known = {
        FileNotFoundError: "文件或文件夹不存在。请检查路径。",
        PermissionError: "没有读取权限。请检查文件权限。",
    }
    numbered = {
        errno.ENAMETOOLONG: "文件名过长。请改短后再试。",
        errno.ELOOP: "这是一个指向自己的链接。请改成真正的文件。",
        errno.ENOSPC: "磁盘已满。请腾出空间后再试。",
    }
    fallback = numbered.get(error.errno or 0, "无法读取文件。请检查磁盘是否正常、文件名是否过长。")
    return next((text for kind, text in known.items() if isinstance(error, kind)), fallback)
