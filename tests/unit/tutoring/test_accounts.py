"""Accounts, logins and what belongs to them, on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, text

from errors import UsageError
from rag.conversation import Session, Turn
from rag.events import Answer
from tutoring.accounts import Account, Accounts
from tutoring.attempts import Attempts
from tutoring.bank import every_question
from tutoring.database import Database
from tutoring.learner_records import AccountRow, AttemptRow, LoginRow, PlanRow
from tutoring.logins import LASTS, Logins
from tutoring.passwords import Passwords
from tutoring.records import SessionRow, TurnRow
from tutoring.storage import LOCAL, Storage

PASSWORD = "correct horse 408"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
"""A test need not be slow to guess at."""
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def accounts(database: Database, clock: Clock) -> Accounts:
    return Accounts(database, clock, Passwords(QUICK))


def turn(question: str) -> Turn:
    return Turn(question, Answer("答", "os", "m"), "qa")


def test_without_accounts_the_single_user_may_do_everything_and_with_them_nobody_unknown(accounts: Accounts) -> None:
    assert not accounts.exist() and accounts.role(LOCAL) == "admin" and accounts.list() == ()
    ann = accounts.create("Ann", PASSWORD, "teacher", "一班")
    assert accounts.exist() and accounts.role(LOCAL) == "learner"
    assert accounts.role(ann.owner) == "teacher" and accounts.of(ann.owner) == ann == accounts.named(" ＡNN ")
    for nobody in ("user:", "user:x", "key:abc", "", ann.id):
        assert accounts.role(nobody) == "learner" and accounts.of(nobody) is None


def test_a_password_is_kept_as_argon2id_and_no_other_opens(accounts: Accounts, database: Database) -> None:
    ann = accounts.create("安", PASSWORD)
    with database.reading() as connection:
        kept = connection.scalar(select(AccountRow.password)) or ""
    assert kept.startswith("$argon2id$") and PASSWORD not in kept
    assert not Passwords(PasswordHasher()).is_stale(Passwords().hashed(PASSWORD)), "the library's own defaults"
    assert accounts.check("安", PASSWORD) == ann
    for name, password in (
        ("安", PASSWORD + " "),
        ("安", ""),
        ("安 ", PASSWORD.upper()),
        ("不", PASSWORD),
        ("", ""),
        ("安", "\0\ud83d"),
    ):
        assert accounts.check(name, password) is None


def test_a_hash_of_other_parameters_is_made_anew(accounts: Accounts, database: Database) -> None:
    accounts.create("安", PASSWORD)
    weak = PasswordHasher(time_cost=2, memory_cost=512, parallelism=1).hash(PASSWORD)
    with database.writing() as connection:
        connection.execute(text("UPDATE accounts SET password = :weak"), {"weak": weak})
    assert accounts.check("安", "wrong " + PASSWORD) is None
    with database.reading() as connection:
        assert connection.scalar(select(AccountRow.password)) == weak
    assert accounts.check("安", PASSWORD)
    with database.reading() as connection:
        assert connection.scalar(select(AccountRow.password)) != weak
    assert accounts.check("安", PASSWORD)


@pytest.mark.parametrize(
    ("password", "why"),
    [("short 7", "太短"), ("12345678", "太常见"), ("aaaaaaaaaa", "太常见"), ("小明小明小明小", "太短"), ("x y " * 100, "太长"),
     ("ＱＷＥＲＴＹＵＩＯＰ", "太常见"), ("Ann Somebody", "姓名")],
)  # fmt: skip
def test_a_password_that_is_soon_guessed_is_not_taken(accounts: Accounts, password: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        accounts.create("ann  somebody", password)
    assert not accounts.exist()


@pytest.mark.parametrize("name", ["", "  ", "a" * 41, "甲:乙", "甲；乙", "a\u200bb", "a\x00b", "\u202eabc"])
def test_a_name_that_nobody_could_read_is_not_taken(accounts: Accounts, name: str) -> None:
    with pytest.raises(UsageError, match="姓名"):
        accounts.create(name, PASSWORD)


def test_a_name_is_there_once_however_it_is_written(accounts: Accounts) -> None:
    accounts.create("Ann", PASSWORD)
    for same in ("ann", "ＡＮＮ", " Ann "):
        with pytest.raises(UsageError, match="已经有"):
            accounts.create(same, PASSWORD)
    assert len(accounts.list()) == 1


def test_of_two_who_make_the_same_account_at_once_one_is_told(accounts: Accounts) -> None:
    made: list[object] = []

    def make() -> None:
        try:
            made.append(accounts.create("安", PASSWORD))
        except UsageError as error:
            made.append(str(error))

    threads = [Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Account) for one in made) == 1 and sum("已经有" in str(one) for one in made) == 3


def test_the_first_admin_may_take_over_what_was_done_before(accounts: Accounts, database: Database, clock: Clock) -> None:
    storage, attempts = Storage(database, clock), Attempts(database, clock)
    question = every_question()[0]
    key = storage.create(LOCAL, Session(turns=[turn("甲")]))
    other = storage.create("key:x", Session(turns=[turn("乙")]))
    attempts.add(LOCAL, question, "A", 10, "practice")
    with database.writing() as connection:
        connection.add(PlanRow(owner=LOCAL, exam_date=None, daily_goal=30, retention=0.9, updated_at=START))
    ann = accounts.create("安", PASSWORD, "admin", adopt_local=True)
    assert storage.load(ann.owner, key) and storage.load(LOCAL, key) is None and attempts.count(ann.owner) == 1
    assert storage.load(ann.owner, other) is None and storage.load("key:x", other)
    with database.reading() as connection:
        plan = connection.get(PlanRow, ann.owner)
        assert plan and plan.daily_goal == 30


def test_removing_an_account_erases_all_of_it_and_nothing_else(accounts: Accounts, database: Database, clock: Clock) -> None:
    storage, attempts, logins = Storage(database, clock), Attempts(database, clock), Logins(database, clock)
    ann, bob, eve = (accounts.create(name, PASSWORD) for name in ("安", "波", "夏"))
    for one in (ann, bob, eve):
        storage.create(one.owner, Session(turns=[turn("甲")]))
        attempts.add(one.owner, every_question()[0], "A", 10, "practice")
        logins.begin(one)
    accounts.remove(ann)
    accounts.remove(bob, keep_data=True)
    with database.reading() as connection:
        assert set(connection.scalars(select(AttemptRow.owner))) == {bob.owner, eve.owner}
        assert set(connection.scalars(select(SessionRow.owner))) == {bob.owner, eve.owner}
        assert len(connection.scalars(select(TurnRow)).all()) == 2
        assert set(connection.scalars(select(LoginRow.account_id))) == {eve.id}
    with pytest.raises(UsageError, match="没有姓名"):
        accounts.named("安")


def test_a_token_opens_for_thirty_days_from_the_last_visit(accounts: Accounts, database: Database, clock: Clock) -> None:
    logins, ann = Logins(database, clock), accounts.create("安", PASSWORD)
    token = logins.begin(ann)
    assert len(token) >= 43 and logins.owner(token) == (ann.owner, False)
    clock.now += timedelta(days=20)
    assert logins.owner(token) == (ann.owner, True), "prolonged"
    assert logins.owner(token) == (ann.owner, False)
    clock.now += LASTS - timedelta(seconds=1)
    assert logins.owner(token) == (ann.owner, True)
    clock.now += LASTS
    assert logins.owner(token) is None
    assert logins.owner("") is None and logins.owner("x" * 43) is None and logins.owner("\ud83d\0") is None
    with database.reading() as connection:
        assert token not in (connection.scalar(select(LoginRow.digest)) or "")


def test_a_clock_that_was_put_back_locks_nobody_out(accounts: Accounts, database: Database, clock: Clock) -> None:
    logins = Logins(database, clock)
    token = logins.begin(accounts.create("安", PASSWORD))
    clock.now -= timedelta(days=400)
    assert logins.owner(token) is not None


def test_another_password_and_a_disabled_account_end_every_login(accounts: Accounts, database: Database, clock: Clock) -> None:
    logins = Logins(database, clock)
    ann, bob = accounts.create("安", PASSWORD), accounts.create("波", PASSWORD)
    tokens, other = [logins.begin(ann), logins.begin(ann)], logins.begin(bob)
    accounts.set_password(ann, PASSWORD + "!")
    assert [logins.owner(token) for token in tokens] == [None, None] and logins.owner(other)
    assert accounts.check("安", PASSWORD) is None and accounts.check("安", PASSWORD + "!") == ann
    with pytest.raises(UsageError):
        accounts.set_password(ann, "short")
    accounts.set_disabled(bob, True)
    assert logins.owner(other) is None and accounts.check("波", PASSWORD) is None and accounts.role(bob.owner) == "learner"
    assert logins.owner(logins.begin(bob)) is None, "not even one that was begun a moment later"
    accounts.set_disabled(bob, False)
    assert accounts.check("波", PASSWORD)


def test_one_browser_logs_out_alone(accounts: Accounts, database: Database, clock: Clock) -> None:
    logins, ann = Logins(database, clock), accounts.create("安", PASSWORD)
    first, second = logins.begin(ann), logins.begin(ann)
    logins.end(first)
    assert logins.owner(first) is None and logins.owner(second)


def test_given_accounts_are_made_once_and_their_passwords_left_alone(accounts: Accounts) -> None:
    given = [("安", PASSWORD, "admin", ""), ("波", PASSWORD, "learner", "一班")]
    accounts.ensure(given)  # type: ignore[arg-type]
    accounts.set_password(accounts.named("安"), "another one 408")
    accounts.ensure([("安", "given again 408", "learner", "二班"), *given[1:]])  # type: ignore[list-item]
    assert [(one.name, one.role, one.class_name) for one in accounts.list()] == [("安", "admin", ""), ("波", "learner", "一班")]
    assert accounts.check("安", "another one 408") and accounts.check("安", "given again 408") is None
    with pytest.raises(UsageError, match="太短"):
        accounts.ensure([("夏", "x", "learner", "")])


def test_role_and_class_are_changed(accounts: Accounts) -> None:
    accounts.edit(accounts.create("安", PASSWORD), "teacher", " 一 班 ")
    assert (accounts.named("安").role, accounts.named("安").class_name) == ("teacher", "一 班")
    accounts.edit(accounts.named("安"), "learner", "")
    assert accounts.named("安").class_name == ""


def test_a_role_that_nobody_knows_is_a_learners(accounts: Accounts, database: Database) -> None:
    ann = accounts.create("安", PASSWORD, "admin")
    with database.writing() as connection:
        connection.execute(text("UPDATE accounts SET role = 'root'"))
    assert accounts.role(ann.owner) == "learner"


def test_text_that_a_database_refuses_is_kept_as_far_as_it_can_be(database: Database, clock: Clock) -> None:
    storage = Storage(database, clock)
    key = storage.create(
        LOCAL, Session(turns=[Turn("空\0字节\ud83d", Answer("答\0案\ud83d", "os", "m\0", memory={"x": "\0"}), "qa")])
    )
    kept = storage.load(LOCAL, key)
    assert kept and kept.turns[0].question == "空字节?" and "\0" in kept.turns[0].answer.text, (
        "inside JSON it is written as an escape"
    )
    assert storage.rename(LOCAL, key, "题\0目\ud83d") and storage.sessions(LOCAL)[0].title == "题目?"
    assert storage.load("\0", "\ud83d") is None
