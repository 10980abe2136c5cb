"""The documents and their state, in SQLite: `pending` before indexing, `indexed` or `failed` after.

A kill at any point leaves a document `pending`, and the next run indexes it again.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from errors import StoreError

__all__ = ["FAILED", "INDEXED", "PENDING", "DocumentRecord", "Registry"]

PENDING, INDEXED, FAILED = "pending", "indexed", "failed"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    source TEXT PRIMARY KEY, path TEXT NOT NULL, sha256 TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
    error TEXT NOT NULL, embedding TEXT NOT NULL, pages INTEGER NOT NULL, chunks INTEGER NOT NULL,
    unread_pages TEXT NOT NULL, updated_at TEXT NOT NULL,
    ocr_pages TEXT NOT NULL DEFAULT '[]', doubtful_pages TEXT NOT NULL DEFAULT '[]',
    reasons TEXT NOT NULL DEFAULT '{}', pictures INTEGER NOT NULL DEFAULT 0,
    next_sha256 TEXT NOT NULL DEFAULT '', reading TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS documents_sha256 ON documents (sha256);
CREATE INDEX IF NOT EXISTS documents_path ON documents (path);
"""


_LISTS = ("unread_pages", "ocr_pages", "doubtful_pages")
"""Columns that hold page numbers as JSON."""
_ADDED = {
    "ocr_pages": "TEXT NOT NULL DEFAULT '[]'",
    "doubtful_pages": "TEXT NOT NULL DEFAULT '[]'",
    "reasons": "TEXT NOT NULL DEFAULT '{}'",
    "pictures": "INTEGER NOT NULL DEFAULT 0",
    "next_sha256": "TEXT NOT NULL DEFAULT ''",
    "reading": "TEXT NOT NULL DEFAULT ''",
}
"""Columns that tables of earlier versions lack."""


@dataclass(frozen=True)
class DocumentRecord:
    """One document.

    Attributes:
        source: its name in citations and for `--delete`; unique.
        path: where it was read from; the same path is the same document.
        sha256: of its bytes; names the copy in `originals/`.
        unread_pages: 1-based physical pages that hold no text that could be read.
        ocr_pages, doubtful_pages: those read by OCR, and among them those of low confidence.
        reasons: why a page was not read, by its number.
        pictures: number of pictures in the document that were not read.
        next_sha256: of the bytes that are being read to replace these; '' when nothing is.
        reading: identity of the way it was read: the version of the readers, and the settings that matter.
        embedding: identity of the model that its vectors were made with.
    """

    source: str
    path: str
    sha256: str
    subject: str
    state: str = PENDING
    error: str = ""
    embedding: str = ""
    pages: int = 0
    chunks: int = 0
    unread_pages: tuple[int, ...] = ()
    updated_at: str = field(default="")
    ocr_pages: tuple[int, ...] = ()
    doubtful_pages: tuple[int, ...] = ()
    reasons: dict[int, str] = field(default_factory=dict, hash=False)
    pictures: int = 0
    next_sha256: str = ""
    reading: str = ""

    @property
    def suffix(self) -> str:
        """File suffix in lower case, with its dot."""
        return Path(self.source).suffix.lower()


class Registry:
    """The documents table. Every call opens and closes its own connection, so any thread or process may use it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def save(self, record: DocumentRecord) -> DocumentRecord:
        """Insert or replace a record; the time of writing (UTC) is set here."""
        return self.save_all([record])[0]

    def save_all(self, records: Sequence[DocumentRecord]) -> list[DocumentRecord]:
        """Insert or replace records, all or none of them; the time of writing (UTC) is set here."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        stamped = [replace(record, updated_at=now) for record in records]
        rows = [asdict(r) | {name: json.dumps(getattr(r, name)) for name in (*_LISTS, "reasons")} for r in stamped]
        columns = ",".join(f.name for f in fields(DocumentRecord))
        values = ",".join(f":{f.name}" for f in fields(DocumentRecord))
        with self._connect() as db:
            db.executemany(f"INSERT OR REPLACE INTO documents ({columns}) VALUES ({values})", rows)
        return stamped

    def get(self, source: str) -> DocumentRecord | None:
        """The record of a source, if there is one."""
        return next(iter(self._select("source = ?", source)), None)

    def by_path(self, path: str) -> DocumentRecord | None:
        """The record of a file that was read from `path`."""
        return next(iter(self._select("path = ?", path)), None)

    def by_sha256(self, sha256: str) -> list[DocumentRecord]:
        """All records with the same content."""
        return self._select("sha256 = ?", sha256)

    def all(self) -> list[DocumentRecord]:
        """All records, by subject and source."""
        return self._select("1 = 1")

    def remove(self, source: str) -> None:
        """Forget a source."""
        with self._connect() as db:
            db.execute("DELETE FROM documents WHERE source = ?", (source,))

    def _select(self, where: str, *parameters: str) -> list[DocumentRecord]:
        if not self.path.exists():
            return []
        with self._connect() as db:
            rows = db.execute(f"SELECT * FROM documents WHERE {where} ORDER BY subject, source", parameters).fetchall()
        return [_record(row) for row in rows]

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self.path, timeout=30)
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"资料登记表打不开（{self.path}：{error}）。请检查目录权限，或用 TUTOR_DATA_DIR 换一个目录。"
            ) from error
        db.row_factory = sqlite3.Row
        try:
            with db:
                db.execute("PRAGMA journal_mode=WAL")
                db.executescript(_SCHEMA)
                _add_columns(db)
                yield db
        except sqlite3.DatabaseError as error:
            raise StoreError(f"资料登记表打不开（{self.path}：{error}）。请检查磁盘；若文件已损坏，删除它再重新入库。") from error
        finally:
            db.close()


def _add_columns(db: sqlite3.Connection) -> None:
    """Give a table of an earlier version the columns that it lacks."""
    present = {row["name"] for row in db.execute("PRAGMA table_info(documents)")}
    for name in [n for n in _ADDED if n not in present]:
        db.execute(f"ALTER TABLE documents ADD COLUMN {name} {_ADDED[name]}")


def _record(row: sqlite3.Row) -> DocumentRecord:
    values = {f.name: row[f.name] for f in fields(DocumentRecord)}
    lists = {name: tuple(json.loads(row[name])) for name in _LISTS}
    reasons = {int(page): reason for page, reason in json.loads(row["reasons"]).items()}
    return DocumentRecord(**values | lists | {"reasons": reasons})
