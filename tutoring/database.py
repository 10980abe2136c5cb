"""The database that conversations and all of a learner are kept in: opened by its URL, with errors that say what to do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.orm import Session as Connection

from errors import SettingsError, StorageError
from settings import Settings
from tutoring.migrating import upgrade

__all__ = ["Database", "open_database", "url_of"]

_WAIT_SECONDS = 10
"""How long a writer of SQLite waits for another one, and anybody for PostgreSQL to answer a new connection."""


class Database:
    """All tables; made, with their folder, at the first use. Any thread and several processes may use them.

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
    def writing(self, whose: str = "") -> Iterator[Connection]:
        """A connection whose changes are kept together at the end, or not at all after an error.

        What is read through it is still so when it is written: SQLite has one writer at a time, PostgreSQL one for each `whose`.

        Args:
            whose: the owner, if what is written depends on what was read.

        Raises:
            StorageError: as `reading`.
        """
        with self.reading() as connection, connection.begin():
            if self._file:
                connection.connection().exec_driver_sql("BEGIN IMMEDIATE")
            elif whose and self._engine.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(whose, 0))))
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Make the folder, and the tables in today's shape, at the first use."""
        with self._preparing:
            if self._prepared:
                return
            if self._file:
                self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._upgrading():
                upgrade(self._engine)
            self._prepared = True

    @contextmanager
    def _upgrading(self) -> Iterator[None]:
        """A step that fails for another reason than those that any use has: the tables are as they were."""
        try:
            yield
        except DBAPIError as error:
            reached = getattr(error.orig, "sqlstate", None) or (self._file and not _known(error))
            if not reached:
                raise
            raise StorageError(f"数据库 {self._where} {_NOT_UPGRADED.format(' '.join(str(error.orig).split())[:160])}") from error

    @property
    def _file(self) -> Path | None:
        """The file of an SQLite database."""
        url = self._engine.url
        if url.get_backend_name() != "sqlite" or not url.database:
            return None
        return Path(url.database.removeprefix("file:") if url.database.startswith("file:") else url.database)

    @property
    def _where(self) -> Path | str:
        """As it is told: the options after ? may hold a password, or a path, that is nobody's business."""
        return self._file or self._engine.url.set(query={}).render_as_string(hide_password=True)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        where = self._where
        try:
            yield
        except OSError as error:
            raise StorageError(f"数据库 {where} 打不开（{error.strerror}）。{_UNWRITABLE}") from error
        except ValueError as error:  # a column holds what is no value of it, a time say
            raise StorageError(f"数据库 {where} {_DAMAGED}") from error
        except (SQLAlchemyError, ImportError) as error:
            raise StorageError(f"数据库 {where} {_reason(error, self._file is not None)}") from error


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


_NOT_UPGRADED = "没能升级到这个版本的结构（{}）。数据没有改动。请先备份它，再用原来的版本继续，或把它移到别处（会新建一个空的）。"


def _known(error: Exception) -> str | None:
    """Why a file of SQLite can't be used."""
    told = str(getattr(error, "orig", None) or error).lower()
    return next((reason for words, reason in _REASONS if any(word in told for word in words)), None)


def _reason(error: Exception, is_file: bool) -> str:
    if is_file and (known := _known(error)):
        return known
    return (
        f"用不了（{type(getattr(error, 'orig', None) or error).__name__}）。请检查 TUTOR_DATABASE_URL、网络与数据库是否已启动。"
    )


def _engine(url: str | URL) -> Engine:
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return _clean(create_engine(_impatient(parsed), pool_pre_ping=True))
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
    return _clean(engine)


def _impatient(url: URL) -> URL:
    """PostgreSQL's client waits for minutes for a machine that has left the network, and the page with it; unless the URL says how long."""
    if url.get_backend_name() != "postgresql" or "connect_timeout" in url.query:
        return url
    return url.update_query_dict({"connect_timeout": str(_WAIT_SECONDS)})


def _prepare_sqlite(connection: Any, _: object) -> None:
    """Readers don't wait for a writer, and turns go with their conversation."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _clean(engine: Engine) -> Engine:
    """Let no text through that one database takes and another refuses: NUL, and halves of surrogate pairs as broken PDFs give."""

    @event.listens_for(engine, "before_cursor_execute", retval=True)
    def cleaned(_: object, __: object, statement: str, parameters: Any, *___: object) -> tuple[str, Any]:
        return statement, _storable(parameters)

    return engine


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {name: _storable(one) for name, one in value.items()}
    return type(value)(_storable(one) for one in value) if type(value) in (list, tuple) else value


def open_database(settings: Settings) -> Database:
    """The database that `settings` name; nothing is read or made before it is used.

    Raises:
        SettingsError: its URL is unusable.
    """
    return Database(url_of(settings))


def url_of(settings: Settings) -> str | URL:
    """Where the database is."""
    if settings.database_url:
        return settings.database_url.get_secret_value()
    return URL.create("sqlite", database=str(settings.tutoring_dir / "sessions.sqlite3"))
