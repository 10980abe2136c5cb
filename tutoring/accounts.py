"""Accounts: who may log in, as what, in which class. Without any, the program has one user, who may do everything.

Run as: python -m tutoring.accounts add 姓名 [--role 管理员]
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from errors import UsageError
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import AccountRow, LoginRow
from tutoring.names import clean_name, compared
from tutoring.owners import LOCAL, OWNER_PREFIX, adopt, erase
from tutoring.passwords import Passwords, check_new_password

__all__ = ["ROLE_NAMES", "Account", "Accounts", "Role"]

Role = Literal["learner", "teacher", "admin"]
ROLE_NAMES: Mapping[Role, str] = {"learner": "学员", "teacher": "教师", "admin": "管理员"}
_ID_BYTES = 12
_MANAGING = ("teacher", "admin")


@dataclass(frozen=True)
class Account:
    """Who may log in; `name` as it is shown, `class_name` '' for none."""

    id: str
    name: str
    role: Role
    class_name: str
    disabled: bool
    created_at: datetime

    @property
    def owner(self) -> str:
        """Whose rows are this account's."""
        return f"{OWNER_PREFIX}{self.id}"


class Accounts:
    """The accounts of a database. Every method may raise `StorageError`."""

    def __init__(self, database: Database, clock: Clock = utc_now, passwords: Passwords | None = None) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords or Passwords()

    def exist(self) -> bool:
        """Whether there is any: then nobody comes in without logging in."""
        with self._database.reading() as connection:
            return connection.scalar(select(AccountRow.id).limit(1)) is not None

    def create(
        self, name: str, password: str, role: Role = "learner", class_name: str = "", adopt_local: bool = False
    ) -> Account:
        """Make an account.

        Args:
            adopt_local: it gets what the one user had done before there were accounts.

        Raises:
            UsageError: the name is taken or unusable, or the password is too weak.
        """
        shown = clean_name(name, "姓名")
        group = clean_name(class_name, "班级") if class_name.strip() else ""
        check_new_password(password, shown)
        row = AccountRow(
            id=secrets.token_hex(_ID_BYTES), name=compared(shown), shown_name=shown, password=self._passwords.hashed(password), role=role,
            class_name=group, disabled=False, created_at=self._clock(),
        )  # fmt: skip
        account = _account(row)
        with self._database.writing() as connection:
            connection.add(row)
            try:
                connection.flush()
            except IntegrityError as error:
                raise _taken(shown) from error
            if adopt_local:
                adopt(connection, LOCAL, account.owner)
        return account

    def list(self) -> tuple[Account, ...]:
        """Every account, by class and name."""
        with self._database.reading() as connection:
            return tuple(
                _account(row) for row in connection.scalars(select(AccountRow).order_by(AccountRow.class_name, AccountRow.name))
            )

    def named(self, name: str) -> Account:
        """The account of this name.

        Raises:
            UsageError: there is none.
        """
        with self._database.reading() as connection:
            row = connection.scalar(select(AccountRow).where(AccountRow.name == compared(name)))
            if row is None:
                raise UsageError(f"没有姓名为“{name[:40]}”的账号。用 python -m tutoring.accounts list 查看全部账号。")
            return _account(row)

    def of(self, owner: str) -> Account | None:
        """The account whose rows are `owner`'s; None if there is none."""
        with self._database.reading() as connection:
            row = connection.get(AccountRow, owner.removeprefix(OWNER_PREFIX)) if owner.startswith(OWNER_PREFIX) else None
            return _account(row) if row else None

    def role(self, owner: str) -> Role:
        """What `owner` may do: everything on a machine of one user; no more than a learner, if nobody knows who it is."""
        if owner == LOCAL:
            return "learner" if self.exist() else "admin"
        account = self.of(owner)
        return account.role if account and not account.disabled else "learner"

    def may_manage(self, owner: str) -> bool:
        """Whether someone may change what all share: documents, the model. A teacher and the single user may, a learner may not."""
        return self.role(owner) in _MANAGING

    def lack_manager(self) -> bool:
        """Whether there are accounts, and none of them may change what all share."""
        accounts = self.list()
        return bool(accounts) and not any(one.role in _MANAGING and not one.disabled for one in accounts)

    def check(self, name: str, password: str) -> Account | None:
        """The account with this name and password; None, after the same time, if there is none or it is disabled."""
        with self._database.reading() as connection:
            row = connection.scalar(select(AccountRow).where(AccountRow.name == compared(name)))
            account, kept = (_account(row), row.password) if row else (None, None)
        if not self._passwords.fits(kept, password) or account is None or kept is None or account.disabled:
            return None
        if self._passwords.is_stale(kept):
            self._change(account, {"password": self._passwords.hashed(password)})
        return account

    def set_password(self, account: Account, password: str) -> None:
        """Give an account another password; all its logins end.

        Raises:
            UsageError: the password is too weak.
        """
        check_new_password(password, account.name)
        self._change(account, {"password": self._passwords.hashed(password)}, ends_logins=True)

    def set_disabled(self, account: Account, disabled: bool) -> None:
        """Shut an account out, with all its logins, or let it in again."""
        self._change(account, {"disabled": disabled}, ends_logins=disabled)

    def edit(self, account: Account, role: Role, class_name: str) -> None:
        """Give an account another role or class.

        Raises:
            UsageError: the class has an unusable name.
        """
        group = clean_name(class_name, "班级") if class_name.strip() else ""
        self._change(account, {"role": role, "class_name": group})

    def remove(self, account: Account, keep_data: bool = False) -> None:
        """Delete an account, and all that it has done unless that is to be kept."""
        with self._database.writing() as connection:
            connection.execute(delete(LoginRow).where(LoginRow.account_id == account.id))
            connection.execute(delete(AccountRow).where(AccountRow.id == account.id))
            if not keep_data:
                erase(connection, account.owner)

    def ensure(self, given: Sequence[tuple[str, str, Role, str]]) -> None:
        """Make the accounts (name, password, role, class) that are not there yet; others stay as they are.

        Raises:
            UsageError: one of them is unusable.
        """
        if not given:
            return
        with self._database.reading() as connection:
            there = set(connection.scalars(select(AccountRow.name)))
        for name, password, role, class_name in given:
            if compared(clean_name(name, "姓名")) in there:
                continue
            try:
                self.create(name, password, role, class_name)
            except UsageError:
                if not self._has(name):  # another process may have made it a moment ago
                    raise

    def _has(self, name: str) -> bool:
        with self._database.reading() as connection:
            return bool(connection.scalar(select(func.count()).where(AccountRow.name == compared(name))))

    def _change(self, account: Account, values: dict[str, Any], ends_logins: bool = False) -> None:
        with self._database.writing() as connection:
            connection.execute(update(AccountRow).where(AccountRow.id == account.id).values(**values))
            if ends_logins:
                connection.execute(delete(LoginRow).where(LoginRow.account_id == account.id))


def _account(row: AccountRow) -> Account:
    role: Role = row.role if row.role in ROLE_NAMES else "learner"  # type: ignore[assignment] # a table holds any word
    return Account(row.id, row.shown_name, role, row.class_name, row.disabled, row.created_at)


def _taken(name: str) -> UsageError:
    return UsageError(f"已经有姓名为“{name}”的账号。请换一个姓名，或用 password 命令改它的密码。")


if __name__ == "__main__":
    from tutoring.accounts_command import main

    raise SystemExit(main())
