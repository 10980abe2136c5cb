"""Databases of all ages are brought to today's shape: on SQLite and PostgreSQL, at once, never by half."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

import tutoring.migrating as migrating
from errors import StorageError
from rag.conversation import Session, Turn
from rag.events import Answer
from settings import ROOT
from tutoring import learner_records
from tutoring.database import Database
from tutoring.records import Base, SessionRow, TurnRow
from tutoring.storage import LOCAL, Storage


def test_the_steps_lead_to_the_tables_of_the_program(database_url: str) -> None:
    assert learner_records.AttemptRow.metadata is Base.metadata
    engine = create_engine(database_url)
    opened = Database(database_url)
    Storage(opened).sessions(LOCAL)
    opened.close()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_last_step_is_written_down() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "tutoring" / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_heads() == [migrating.HEAD]
    assert tuple(one.revision for one in scripts.walk_revisions())[::-1] == migrating.REVISIONS


def old_database(url: str) -> str:
    """A database as the program made it before it knew any steps, with a conversation in it; the conversation's id."""
    engine = create_engine(url)
    Base.metadata.create_all(engine, tables=[SessionRow.__table__, TurnRow.__table__])  # type: ignore[list-item]
    with engine.begin() as connection:
        moment = "2026-01-02 03:04:05.000000"
        connection.execute(
            text("INSERT INTO sessions VALUES ('k', 'local', '死锁', 'os', 'qa', :s, :t, :t)"), {"s": _SWITCHES, "t": moment}
        )
        connection.execute(text("INSERT INTO turns VALUES ('k', 0, '死锁？', :a, 'qa', :t)"), {"a": _ANSWER, "t": moment})
    engine.dispose()
    return "k"


_SWITCHES = '{"retrieval": null, "calculator": true, "web": false}'
_ANSWER = '{"text": "互相等待", "subject": "os", "model": "m"}'


def test_a_database_of_before_loses_nothing(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    key = old_database(database_url)
    opened = Database(database_url)
    storage = Storage(opened)
    assert storage.load(LOCAL, key) == Session("os", "qa", turns=[Turn("死锁？", Answer("互相等待", "os", "m"), "qa")])
    assert storage.append(LOCAL, key, Turn("再来", Answer("答", "os", "m"), "qa"))
    with opened.reading() as connection:
        assert "attempts" in inspect(connection.connection()).get_table_names()
    opened.close()


def test_a_newer_database_asks_for_a_newer_program(database_url: str) -> None:
    opened = Database(database_url)
    with opened.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    opened.close()
    later = Database(database_url)
    with pytest.raises(StorageError, match="9999.*升级程序"):
        Storage(later).sessions(LOCAL)
    later.close()


def test_a_step_that_fails_leaves_everything_as_it_was(database_url: str, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    key = old_database(database_url)
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE exams (x INTEGER)"))  # the last table of the second step can't be made
    opened = Database(database_url)
    for _ in range(2):
        with pytest.raises(StorageError, match="没能升级.*没有改动"):
            Storage(opened).sessions(LOCAL)
    opened.close()
    with engine.begin() as connection:
        assert sorted(inspect(connection).get_table_names()) == ["exams", "sessions", "turns"]
        connection.execute(text("DROP TABLE exams"))
    engine.dispose()
    mended = Database(database_url)
    assert Storage(mended).summary(LOCAL, key) is not None
    mended.close()


def test_a_kill_in_the_middle_of_a_step_leaves_everything_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "sessions.sqlite3"
    key = old_database(f"sqlite:///{path}")
    killed = (
        "import os, sys, tutoring.migrating as m\nfrom alembic import op\nreal = op.create_index\n"
        "def create_index(name, *a, **k):\n    os._exit(9) if name == 'cards_due' else real(name, *a, **k)\n"
        "op.create_index = create_index\nfrom tutoring.database import Database\nfrom tutoring.storage import Storage\n"
        f"Storage(Database('sqlite:///{path}')).sessions('local')"
    )
    assert subprocess.run([sys.executable, "-c", killed], cwd=ROOT).returncode == 9
    with sqlite3.connect(path) as raw:
        assert {row[0] for row in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")} == {"sessions", "turns"}
    raw.close()
    opened = Database(f"sqlite:///{path}")
    assert Storage(opened).summary(LOCAL, key) is not None
    opened.close()


def test_two_processes_may_start_at_once(database_url: str, tmp_path: Path) -> None:
    begun = "from tutoring.database import Database\nfrom tutoring.storage import Storage\nimport sys\n"
    begun += "sys.stdin.readline()\nprint(len(Storage(Database(sys.argv[1])).sessions('local')))"
    command = [sys.executable, "-c", begun, database_url]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    told = [process.communicate("\n", timeout=60) for process in started]
    assert [out.strip() for out, _ in told] == ["0"] * 3, told
    assert all(err == "" for _, err in told), "Alembic says nothing"


def test_threads_of_one_program_prepare_it_once(database_url: str) -> None:
    opened, faults = Database(database_url), []

    def look() -> None:
        try:
            Storage(opened).sessions(LOCAL)
        except StorageError as error:
            faults.append(error)

    threads = [threading.Thread(target=look) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.close()
    assert faults == []


def test_a_database_that_is_up_to_date_needs_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/s.sqlite3"
    look = (
        f"import sys\nfrom tutoring.database import Database\nfrom tutoring.storage import Storage\n"
        f"Storage(Database('{url}')).sessions('local')\nprint('alembic' in sys.modules)"
    )
    told = [
        subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True).stdout.strip() for _ in range(2)
    ]
    assert told == ["True", "False"]
