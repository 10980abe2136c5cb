"""Browsers that are logged in. A browser holds a token of 256 bits; the table only its digest."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select, update

from tutoring.accounts import Account, Accounts
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import AccountRow, LoginRow
from tutoring.owners import OWNER_PREFIX

__all__ = ["LASTS", "Logins"]

LASTS = timedelta(days=30)
"""How long a browser stays logged in after its last visit."""
_RENEWED_AFTER = timedelta(days=1)
_TOKEN_BYTES = 32


class Logins:
    """The logins of a database. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def begin(self, account: Account) -> str:
        """Log a browser in; the token that it is to keep."""
        token, now = secrets.token_urlsafe(_TOKEN_BYTES), self._clock()
        with self._database.writing() as connection:
            connection.execute(delete(LoginRow).where(LoginRow.expires_at <= now))
            connection.add(LoginRow(digest=_digest(token), account_id=account.id, created_at=now, expires_at=now + LASTS))
        return token

    def owner(self, token: str) -> tuple[str, bool] | None:
        """Whose a browser's token is, and whether its time was just prolonged; None if it is nobody's, or no longer."""
        wanted = select(LoginRow.expires_at, AccountRow.id).join(AccountRow, AccountRow.id == LoginRow.account_id)
        wanted = wanted.where(LoginRow.digest == _digest(token), AccountRow.disabled.is_(False))
        with self._database.reading() as connection:
            found = connection.execute(wanted).first()
        now = self._clock()
        if found is None or found[0] <= now:
            return None
        return f"{OWNER_PREFIX}{found[1]}", self._renew(token, found[0], now)

    def end(self, token: str) -> None:
        """Log a browser out."""
        with self._database.writing() as connection:
            connection.execute(delete(LoginRow).where(LoginRow.digest == _digest(token)))

    def account(self, token: str) -> Account | None:
        """The account of a browser's token."""
        found = self.owner(token)
        return Accounts(self._database, self._clock).of(found[0]) if found else None

    def _renew(self, token: str, expires: datetime, now: datetime) -> bool:
        if expires - now > LASTS - _RENEWED_AFTER:
            return False
        with self._database.writing() as connection:
            connection.execute(update(LoginRow).where(LoginRow.digest == _digest(token)).values(expires_at=now + LASTS))
        return True


def _digest(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
