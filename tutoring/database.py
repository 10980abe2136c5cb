"""The database that conversations are kept in: opened by its URL, with errors that say what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session as Connection

from errors import SettingsError, StorageError
from tutoring.records import Base

__all__ = ["Database"]

_WAIT_SECONDS = 10
"""How long a writer of SQLite waits for another one."""


class Database:
    """Tables of conversations; made, with their folder, at the first use. Any thread and several processes may use them.

    Raises:
        SettingsError: the URL is unusable, or its driver is not installed.
    """

    def __init__(self, url: str | URL) -> None:
        self._engine = _engine(url)
        self._prepared = False
        self._preparing = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for looking.

        Raises:
            StorageError: the database can't be used; the message says what to do.
        """
        with self._explained():
            self._prepare()
            with Connection(self._engine) as connection:
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection whose changes are kept together at the end, or not at all after an error.

        Raises:
            StorageError: as `reading`.
        """
        with self.reading() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Make folder and tables at the first use. Two processes may do so at once: the second look finds the other's."""
        with self._preparing:
            if self._prepared:
                return
            if self._file:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            try:
                Base.metadata.create_all(self._engine)
            except SQLAlchemyError:
                Base.metadata.create_all(self._engine)
            self._prepared = True

    @property
    def _file(self) -> Path | None:
        """The file of an SQLite database."""
        url = self._engine.url
        if url.get_backend_name() != "sqlite" or not url.database:
            return None
        return Path(url.database.removeprefix("file:") if url.database.startswith("file:") else url.database)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        where = self._file or self._engine.url.render_as_string(hide_password=True)
        try:
            yield
        except OSError as error:
            raise StorageError(f"对话数据库 {where} 打不开（{error.strerror}）。{_UNWRITABLE}") from error
        except ValueError as error:  # a column holds what is no value of it, a time say
            raise StorageError(f"对话数据库 {where} {_DAMAGED}") from error
        except (SQLAlchemyError, ImportError) as error:
            raise StorageError(f"对话数据库 {where} {_reason(error, self._file is not None)}") from error


_UNWRITABLE = "请检查权限，或用 TUTOR_DATA_DIR（SQLite）、TUTOR_DATABASE_URL（其他数据库）换一处。"
_DAMAGED = "已损坏。请把它移到别处（会新建一个空的），或从备份恢复。"
_REASONS = (
    (("readonly", "unable to open", "read-only"), f"不能写入。{_UNWRITABLE}"),
    (("not a database", "malformed", "corrupt"), _DAMAGED),
    (("locked", "busy"), "正被另一个程序占用。请稍后再试。"),
    (("full",), "所在的磁盘已满。请腾出空间后再试。"),
    (
        ("no such column", "has no column", "no such table"),
        "由别的版本写入，表的结构不同。请升级程序，或把它移到别处（会新建一个空的）。",
    ),
)


def _reason(error: Exception, is_file: bool) -> str:
    told = str(getattr(error, "orig", None) or error).lower()
    for words, reason in _REASONS:
        if is_file and any(word in told for word in words):
            return reason
    return (
        f"用不了（{type(getattr(error, 'orig', None) or error).__name__}）。请检查 TUTOR_DATABASE_URL、网络与数据库是否已启动。"
    )


def _engine(url: str | URL) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True)
        if not parsed.database or ":memory:" in parsed.database:
            raise SettingsError(
                "内存里的 SQLite 存不住对话。请在 TUTOR_DATABASE_URL 里写文件路径，如 sqlite:////data/sessions.sqlite3。"
            )
        engine = create_engine(parsed, connect_args={"timeout": _WAIT_SECONDS})
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(
            "TUTOR_DATABASE_URL 不是 SQLAlchemy 认识的数据库地址。例如 postgresql+psycopg://用户:密码@主机/库；去掉它就用本机 SQLite。"
        ) from error
    except ImportError as error:
        raise SettingsError(f"TUTOR_DATABASE_URL 需要的驱动没有安装（{error.name}）。请用 pip 安装它。") from error
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers don't wait for a writer, and turns go with their conversation."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
