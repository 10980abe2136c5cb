"""Fixtures for all that is stored: `database` runs a test twice, on SQLite and on a real PostgreSQL of its own.

A test that wants one of them alone takes `sqlite_database` or `postgres_url`. Without Debian's postgresql the second run is skipped.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tutoring.database import Database

_USER = "postgres"
_UNDURABLE = "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=60"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, the newest that is installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Path]:
    """The folder of a running PostgreSQL's socket. It refuses to run as root, so root runs it as Debian's user `postgres`."""
    found = programs()
    if found is None:
        pytest.skip("需要 PostgreSQL（Debian：apt-get install postgresql）")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    data = folder / "data"
    who: list[str] = []
    if os.geteuid() == 0:
        user = pwd.getpwnam(_USER)
        os.chown(folder, user.pw_uid, user.pw_gid)
        who = ["runuser", "-u", _USER, "--"]

    def run(*command: str) -> None:
        done = subprocess.run([*who, *command], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    try:
        run(str(found / "initdb"), "-D", str(data), "-U", _USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run(str(found / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log"), "-o", f"{_UNDURABLE} -k {folder}", "start")
        try:
            yield folder
        finally:
            run(str(found / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def new_postgres(postgres_cluster: Path) -> Callable[[], str]:
    """A maker of empty databases: each call gives the URL of a new one."""
    made: list[str] = []

    def make() -> str:
        made.append(f"test_{os.getpid()}_{len(made)}")
        engine = create_engine(_address(postgres_cluster, _USER), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {made[-1]}")
        engine.dispose()
        return _address(postgres_cluster, made[-1])

    return make


@pytest.fixture
def postgres_url(new_postgres: Callable[[], str]) -> str:
    """The URL of an empty PostgreSQL database."""
    return new_postgres()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/deep/sessions.sqlite3"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database of each kind in turn."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[Database]:
    """An empty database in a file."""
    opened = Database(f"sqlite:///{tmp_path}/deep/sessions.sqlite3")
    yield opened
    opened.close()


def _address(cluster: Path, name: str) -> str:
    return f"postgresql+psycopg://{_USER}@/{name}?host={cluster}"
