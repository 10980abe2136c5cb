"""Bringing the tables of a database to the shape that this program uses, without losing a row."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from errors import StorageError

__all__ = ["HEAD", "upgrade"]

REVISIONS = ("0001", "0002")
HEAD = REVISIONS[-1]
"""Written here as well, so that a database which is up to date is known without loading Alembic."""

_FOLDER = Path(__file__).parent / "migrations"
_FIRST_TABLES = {"sessions", "turns"}
_LOCK = 408_0009
"""The number of PostgreSQL's lock that only one program at a time may hold while it changes tables."""


def upgrade(engine: Engine) -> None:
    """Make the tables, or change them to today's shape: all together or, after an error, not at all.

    Several processes may do so at once: the others wait, and find nothing left to do.

    Raises:
        StorageError: the database was written by a newer program, or a step failed; then it is as it was.
    """
    with engine.connect() as connection:
        if _revision(connection) == HEAD:
            return
    with engine.connect() as connection, connection.begin():
        _lock(connection)
        if _revision(connection) != HEAD:
            _run(connection)


def _lock(connection: Connection) -> None:
    """Nobody else changes anything until the transaction ends. SQLite's driver begins one for DDL only if it is told to."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})


def _revision(connection: Connection) -> str | None:
    """The step that the database is at; None before the first.

    Raises:
        StorageError: it is one that this program does not know.
    """
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and found not in REVISIONS:
        raise StorageError(
            f"数据库由更新的程序写入（版本 {str(found)[:20]}，这个程序认识到 {HEAD}）。请升级程序（git pull 并重新安装依赖）后再启动；数据没有改动。"
        )
    return str(found) if found else None


def _run(connection: Connection) -> None:
    """All steps that are missing. Tables of a program that knew no steps yet are those of the first."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    if _revision(connection) is None and _FIRST_TABLES <= set(inspect(connection).get_table_names()):
        command.stamp(config, REVISIONS[0])
    command.upgrade(config, HEAD)
