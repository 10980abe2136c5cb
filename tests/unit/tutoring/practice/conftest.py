"""What the tests of practice share: a database of their own, a clock that is moved by hand, questions."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.generators import families
from knowledge.questions import Question
from tutoring.bank import every_question
from tutoring.database import Database

MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


class Hand:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'learner.sqlite3'}")
    yield made
    made.close()


@pytest.fixture
def written() -> Question:
    return next(q for q in every_question() if q.subject == "os")


@pytest.fixture
def computed() -> Question:
    return families()["os-srtf"].generate(7, 3)


def wrong(question: Question) -> str:
    """A letter that is not the key."""
    return "B" if question.key == "A" else "A"
