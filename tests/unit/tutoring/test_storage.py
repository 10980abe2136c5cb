import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from errors import SettingsError, StorageError
from rag.citations import Citation
from rag.conversation import Session, Switches, Turn
from rag.events import Answer
from settings import Settings
from tutoring.database import Database, open_database
from tutoring.records import answer_from_json, answer_json
from tutoring.storage import LOCAL, Storage

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Clock:
    """One second passes at each look."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def full_answer() -> Answer:
    places = (
        Citation(
            1,
            "os.pdf",
            "00ff",
            3,
            "死锁",
            "银行家算法",
            "……银行家算法……",
            ((1.5, 2.0, 3.25, 4.1), (0.1, 0.2, 0.3, 0.4)),
            True,
            0.91,
        ),
        Citation(2, "cn.md", "11ee", 1, "", "三次握手"),
    )
    return Answer(
        "避免死锁[1]，握手[2][1]。\n公式 $a<b$ 🙂", "os", "测试模型", places, (0, 1, 0), places[1:], False, "请核对", 0.75,
        {"rung": 2, "items": [{"key": "A", "done": None}]}, {"step": 1, "ids": ["os.1", "os.2"], "里": {"x": 0.1}},
    )  # fmt: skip


def turn(question: str, mode: str = "qa") -> Turn:
    return Turn(question, Answer(f"答{question}", "os", "测试模型"), mode)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "sessions.sqlite3"


@pytest.fixture
def storage(database: Database) -> Storage:
    return Storage(database, Clock())


@pytest.fixture
def in_file(path: Path) -> Iterator[Storage]:
    """For what looks into the file of SQLite."""
    database = Database(f"sqlite:///{path}")
    yield Storage(database, Clock())
    database.close()


def test_an_answer_goes_to_json_and_back_without_loss() -> None:
    assert answer_from_json(answer_json(full_answer())) == full_answer()
    refused = Answer("没有找到", "auto", "m", nearest=full_answer().citations, refused=True)
    assert answer_from_json(answer_json(refused)) == refused


def test_half_a_surrogate_pair_is_no_obstacle() -> None:
    assert answer_from_json(answer_json(Answer("坏\ud83d字", "os", "m"))).text == "坏?字"


def test_a_conversation_is_kept_whole(storage: Storage) -> None:
    session = Session("os", "socratic", Switches(False, False, True))
    key = storage.create("ann", session)
    session.turns += [Turn("死锁是什么？", full_answer(), "qa"), turn("再来", "socratic")]
    assert all(storage.append("ann", key, one) for one in session.turns)
    assert storage.load("ann", key) == session
    about = storage.summary("ann", key)
    assert about and (about.title, about.turns, about.mode) == ("死锁是什么？", 2, "socratic")
    assert START < about.created_at < about.updated_at and about.created_at.tzinfo is UTC


def test_nobody_reaches_another_owners_conversation(storage: Storage) -> None:
    key = storage.create("ann", Session(turns=[turn("甲")]))
    assert storage.load("bob", key) is None and storage.summary("bob", key) is None and storage.sessions("bob") == []
    assert not storage.append("bob", key, turn("乙"))
    assert not storage.rename("bob", key, "我的") and not storage.choose("bob", key, Session("cn"))
    assert not storage.replace("bob", key, 0, []) and not storage.delete("bob", key)
    kept = storage.load("ann", key)
    assert kept and [t.question for t in kept.turns] == ["甲"] and storage.sessions("ann")[0].title == "甲"


def test_ids_cannot_be_guessed_and_an_unknown_one_is_none(storage: Storage) -> None:
    keys = {storage.create(LOCAL, Session()) for _ in range(20)}
    assert len(keys) == 20 and min(map(len, keys)) >= 20
    assert storage.load(LOCAL, "不存在") is None and not storage.append(LOCAL, "x' OR '1'='1", turn("甲"))


def test_list_rename_delete(in_file: Storage, path: Path) -> None:
    first, second = (in_file.create("ann", Session(turns=[turn(q)])) for q in ("甲", "乙"))
    in_file.append("ann", first, turn("丙"))
    assert [one.id for one in in_file.sessions("ann")] == [first, second], "latest first"
    assert [one.id for one in in_file.sessions("ann", limit=1, offset=1)] == [second]
    assert in_file.rename("ann", first, "  期末\n复习 " + "长" * 60)
    assert in_file.sessions("ann")[0].title == ("期末 复习 " + "长" * 60)[:39] + "…"
    assert in_file.delete("ann", first) and not in_file.delete("ann", first)
    with sqlite3.connect(path) as raw:
        assert raw.execute("SELECT count(*) FROM turns").fetchone() == (1,)
    raw.close()


def test_turns_are_replaced_from_one_on(storage: Storage) -> None:
    key = storage.create("ann", Session(turns=[turn("甲"), turn("乙"), turn("丙")]))
    assert storage.replace("ann", key, 1, [turn("丁", "quiz")])
    kept = storage.load("ann", key)
    assert kept and [t.question for t in kept.turns] == ["甲", "丁"] and kept.mode == "quiz"
    assert not storage.replace("ann", key, 5, [turn("戊")]) and storage.replace("ann", key, 2, [])
    kept = storage.load("ann", key)
    assert kept and len(kept.turns) == 2


def test_what_the_student_chose_is_kept(storage: Storage) -> None:
    key = storage.create("ann", Session())
    storage.choose("ann", key, Session("cn", "quiz", Switches(True, True, False)))
    assert storage.load("ann", key) == Session("cn", "quiz", Switches(True, True, False))


def test_two_hundred_turns_and_many_writers_lose_nothing(in_file: Storage, path: Path) -> None:
    key = in_file.create("ann", Session())
    second = Database(f"sqlite:///{path}")
    other = Storage(second, Clock())

    def write(into: Storage, name: str) -> None:
        for n in range(25):
            assert into.append("ann", key, turn(f"{name}{n}"))

    writers = [threading.Thread(target=write, args=(s, f"{i}{s is other}-")) for i in range(4) for s in (in_file, other)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    kept = other.load("ann", key)
    second.close()
    assert kept and len(kept.turns) == len({t.question for t in kept.turns}) == 200


def test_the_pragmas_hold(in_file: Storage, path: Path) -> None:
    in_file.create("ann", Session(turns=[turn("甲")]))
    with in_file._database.reading() as connection:
        ask = connection.connection().exec_driver_sql
        assert ask("PRAGMA journal_mode").scalar() == "wal" and ask("PRAGMA foreign_keys").scalar() == 1


def test_a_damaged_file_says_what_to_do(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 500)
    broken = Database(f"sqlite:///{path}")
    with pytest.raises(StorageError, match=r"sessions\.sqlite3 已损坏.*备份"):
        Storage(broken, Clock()).sessions("ann")
    broken.close()


def test_a_damaged_answer_says_what_to_do(in_file: Storage, path: Path) -> None:
    key = in_file.create("ann", Session(turns=[turn("甲")]))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE turns SET answer = '{\"text\": 1'")
    raw.close()
    with pytest.raises(StorageError, match="读不出来"):
        in_file.load("ann", key)


def test_a_folder_that_cannot_be_made_and_a_file_that_is_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    for where in (tmp_path / "file" / "sessions.sqlite3", tmp_path / "folder"):
        blocked = Database(f"sqlite:///{where}")
        with pytest.raises(StorageError, match="TUTOR_DATA_DIR"):
            Storage(blocked, Clock()).create("ann", Session())
        blocked.close()


def test_a_time_that_is_none_is_damage(in_file: Storage, path: Path) -> None:
    key = in_file.create("ann", Session())
    with sqlite3.connect(path) as damaging:
        damaging.execute("UPDATE sessions SET created_at = 'x'")
    damaging.close()
    for look in (lambda: in_file.sessions("ann"), lambda: in_file.load("ann", key)):
        with pytest.raises(StorageError, match="已损坏"):
            look()


def test_a_read_only_file_says_what_to_do(in_file: Storage, path: Path) -> None:
    key = in_file.create("ann", Session())
    read_only = Database(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(StorageError, match="不能写入"):
        Storage(read_only, Clock()).append("ann", key, turn("甲"))
    read_only.close()
    assert not Path("file:").exists(), "the folder of an address is no folder of that name"


@pytest.mark.parametrize("url", ["不是地址", "nosuch://host/db", "sqlite://", "sqlite:///:memory:", "mysql+nodriver://h/d"])
def test_an_unusable_url_is_a_setting_to_mend(url: str) -> None:
    with pytest.raises(SettingsError, match="TUTOR_DATABASE_URL"):
        Database(url)


def test_opening_writes_nothing_and_the_settings_choose_the_place(settings: Settings, tmp_path: Path) -> None:
    opened = open_database(settings)
    assert not settings.tutoring_dir.exists()
    Storage(opened).create(LOCAL, Session())
    opened.close()
    assert (settings.tutoring_dir / "sessions.sqlite3").exists()
    elsewhere = open_database(Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/else.db"))
    Storage(elsewhere).create(LOCAL, Session())
    elsewhere.close()
    assert (tmp_path / "else.db").exists()


def test_the_tables_are_made_of_what_postgresql_knows() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    from tutoring.records import Base

    told = "".join(str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in Base.metadata.sorted_tables)
    assert "TIMESTAMP WITHOUT TIME ZONE" in told and "ON DELETE CASCADE" in told
