"""What a teacher sees of a class, and what nobody else does."""

from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from errors import UsageError
from rag.conversation import Session
from tutoring.accounts import Accounts
from tutoring.attempts import Attempts
from tutoring.bank import every_question
from tutoring.classes import EVERYBODY, Classes
from tutoring.database import Database
from tutoring.passwords import Passwords
from tutoring.practice.remarks import Remarks
from tutoring.storage import LOCAL, Storage

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PASSWORD = "correct horse 408"
QUICK = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


class School:
    """Two classes, their teachers, an admin, and three learners."""

    def __init__(self, database: Database) -> None:
        self.now = NOW
        self.database = database
        self.accounts = Accounts(database, self.clock, Passwords(QUICK))
        self.attempts, self.classes = Attempts(database, self.clock), Classes(database, self.clock)
        one = ("一班", "learner"), ("二班", "learner")
        self.ann, self.bob, self.eve = (self._made(n, *c) for n, c in zip("安波夏", (one[0], one[0], one[1]), strict=True))
        self.teacher, self.admin = self._made("王老师", "一班", "teacher"), self._made("管理", "", "admin")
        self.lost = self._made("李老师", "", "teacher")

    def clock(self) -> datetime:
        return self.now

    def _made(self, name: str, class_name: str, role: str) -> str:
        return self.accounts.create(name, PASSWORD, role, class_name).owner  # type: ignore[arg-type]


@pytest.fixture
def school(database: Database) -> School:
    return School(database)


def test_who_sees_which_class(school: School) -> None:
    assert school.classes.names(school.teacher) == ("一班",)
    assert school.classes.names(school.admin) == (EVERYBODY, "一班", "二班")
    for nobody in (school.ann, school.lost, LOCAL, "user:x", ""):
        assert school.classes.names(nobody) == ()
        for wanted in ("一班", "", EVERYBODY):
            with pytest.raises(UsageError, match="看不到"):
                school.classes.picture(nobody, wanted)
            with pytest.raises(UsageError):
                school.classes.reports(nobody, wanted)
            with pytest.raises(UsageError):
                school.classes.settle(nobody, wanted, 1)
    for foreign in ("二班", EVERYBODY, ""):
        with pytest.raises(UsageError):
            school.classes.picture(school.teacher, foreign)


def test_a_class_in_numbers(school: School) -> None:
    question = every_question()[0]
    wrong = next(letter for letter in "ABCD" if letter != question.key)
    school.now = NOW - timedelta(days=8)
    school.attempts.add(school.ann, question, wrong, 10, "practice")
    school.now = NOW - timedelta(days=1)
    school.attempts.add_all(school.ann, [(q, q.key, 10) for q in every_question()[1:4]] + [(question, wrong, 5)], "practice")
    school.attempts.add(school.eve, question, question.key, 10, "practice")
    school.now = NOW
    Storage(school.database, school.clock).create(school.bob, Session())
    picture = school.classes.picture(school.teacher, "一班")
    told = {one.name: (one.attempts, one.right, one.seen) for one in picture.learners}
    assert told == {"安": (4, 3, NOW - timedelta(days=1)), "波": (0, 0, NOW)}
    assert all(0 <= one.low < one.mean < one.high <= 1 for one in picture.learners)
    assert picture.weakest[0].point in question.points and all(one.learners == 1 for one in picture.weakest)
    assert [one.name for one in school.classes.picture(school.admin, EVERYBODY).learners] == ["夏", "安", "波"] or len(
        school.classes.picture(school.admin, EVERYBODY).learners
    ) == 3
    school.accounts.set_disabled(school.accounts.named("安"), True)
    assert [one.name for one in school.classes.picture(school.teacher, "一班").learners] == ["波"]


def test_reported_errors_are_settled_by_their_teacher_alone(school: School) -> None:
    remarks = Remarks(school.database, school.clock)
    question = every_question()[0]
    remarks.report(school.ann, question, "B 也对 <script>")
    remarks.report(school.eve, question, "题干不清楚")
    remarks.report(LOCAL, question, "以前的")
    (mine,) = school.classes.reports(school.teacher, "一班")
    assert (mine.learner, mine.question, mine.text) == ("安", question.id, "B 也对 <script>")
    everything = school.classes.reports(school.admin, EVERYBODY)
    assert len(everything) == 3
    other = next(one.id for one in everything if one.learner == "夏")
    school.classes.settle(school.teacher, "一班", other)
    assert len(school.classes.reports(school.admin, EVERYBODY)) == 3, "another class's report stays"
    school.classes.settle(school.teacher, "一班", mine.id)
    school.classes.settle(school.teacher, "一班", 10**6)
    assert school.classes.reports(school.teacher, "一班") == () and len(school.classes.reports(school.admin, EVERYBODY)) == 2
    school.classes.settle(school.admin, EVERYBODY, other)
    assert [one.text for one in school.classes.reports(school.admin, EVERYBODY)] == ["以前的"]


def test_an_empty_class(school: School) -> None:
    school.accounts.remove(school.accounts.named("夏"))
    assert school.classes.names(school.admin) == (EVERYBODY, "一班")
    nothing = school.classes.picture(school.teacher, "一班")
    assert nothing.weakest == () and [one.seen for one in nothing.learners] == [None, None]
