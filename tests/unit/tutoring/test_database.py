"""A PostgreSQL that can't be reached: how long it is waited for, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from errors import StorageError
from tutoring.database import Database


@pytest.fixture
def connecting() -> Iterator[list[dict[str, Any]]]:
    """How each connection was to be made; the network is down."""
    seen: list[dict[str, Any]] = []

    def refuse(_: object, __: object, ___: object, given: dict[str, Any]) -> None:
        seen.append(given)
        raise OSError(113, "No route to host")

    event.listen(Engine, "do_connect", refuse)
    yield seen
    event.remove(Engine, "do_connect", refuse)


@pytest.mark.parametrize(("options", "seconds"), [("", 10), ("?connect_timeout=3", 3)])
def test_a_database_that_does_not_answer_is_not_waited_for(connecting: list[dict[str, Any]], options: str, seconds: int) -> None:
    with pytest.raises(StorageError, match="打不开"), Database(f"postgresql+psycopg://me@10.0.0.1/course{options}").reading():
        pass
    assert [int(given["connect_timeout"]) for given in connecting] == [seconds]


def test_what_is_told_of_a_database_holds_no_secret(connecting: list[dict[str, Any]]) -> None:
    url = "postgresql+psycopg://me:secret-1@10.0.0.1/course?password=secret-2&sslpassword=secret-3"
    with pytest.raises(StorageError) as told, Database(url).reading():
        pass
    assert "10.0.0.1/course" in str(told.value) and "secret" not in str(told.value) and connecting
