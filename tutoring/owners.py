"""Everything that is one owner's, whatever table it is in: handed to an account, or erased with it."""

from __future__ import annotations

from sqlalchemy import Table, delete, update
from sqlalchemy.orm import Session as Connection

from tutoring import learner_records  # noqa: F401 - its tables belong to owners too
from tutoring.tables import Base

__all__ = ["LOCAL", "OWNER_PREFIX", "adopt", "erase"]

LOCAL = "local"
"""The owner on a machine that only its user can reach."""

OWNER_PREFIX = "user:"
"""Before the id of the account whose rows they are."""


def adopt(connection: Connection, old: str, new: str) -> None:
    """Give all rows of `old` to `new`, who has none yet."""
    for table in _owned():
        connection.execute(update(table).where(table.c.owner == old).values(owner=new))


def erase(connection: Connection, owner: str) -> None:
    """Delete all rows of `owner`; what hangs on them goes with them."""
    for table in reversed(_owned()):
        connection.execute(delete(table).where(table.c.owner == owner))


def _owned() -> list[Table]:
    """The tables with an owner, in the order in which they depend on each other."""
    return [table for table in Base.metadata.sorted_tables if "owner" in table.c]
