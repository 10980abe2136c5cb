"""Whether one has to log in, and who has. Looked up in threads, and remembered for a moment: a page asks for dozens of files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.datastructures import Headers

from settings import Settings
from tutoring.accounts import Account, Accounts
from tutoring.clock import Clock
from tutoring.database import Database
from tutoring.given_users import given_users
from tutoring.logins import LASTS, Logins

__all__ = ["COOKIE", "Gate", "cookie_of", "forgotten_cookie", "open_gate", "token_of"]

COOKIE = "tutor408_login"
_MOMENT = timedelta(seconds=2)
"""What another process changes (the command that disables an account) is seen after so long at the latest."""
_REMEMBERED = 5000
_T = TypeVar("_T")
_NO_MANAGER = (
    "注意：现有账号里没有管理员，也没有教师，谁都不能添加资料或更换模型。"
    "请运行 python -m tutoring.accounts add 姓名 --role 管理员，或在 TUTOR_USERS 里写上角色。"
)


def open_gate(settings: Settings, database: Database, clock: Clock) -> Gate:
    """The gate of the accounts in `database`, to which those that the settings give are added first.

    Raises:
        SettingsError: the settings name an account that can't be.
        StorageError: the accounts can't be written.
    """
    accounts = Accounts(database, clock)
    accounts.ensure(given_users(settings))
    if accounts.lack_manager():
        logging.getLogger(__name__).warning(_NO_MANAGER)
    return Gate(accounts, Logins(database, clock), clock)


class Gate:
    """The accounts and logins as the server asks for them.

    Args:
        accounts: without any, nobody has to log in.
        clock: tells the time, aware of its zone.
    """

    def __init__(self, accounts: Accounts, logins: Logins, clock: Clock) -> None:
        self.accounts = accounts
        self.logins = logins
        self._clock = clock
        self._is_on = False
        self._looked: datetime | None = None
        self._owners: dict[str, tuple[str, datetime]] = {}
        self._hashing: anyio.CapacityLimiter | None = None

    async def is_on(self) -> bool:
        """Whether there are accounts. Once there are, that stays so until the program ends: to remove them opens nothing.

        Raises:
            StorageError: nobody knows; then nobody is let in.
        """
        now = self._clock()
        if not self._is_on and not (self._looked and _fresh(self._looked, now)):
            self._is_on = await anyio.to_thread.run_sync(self.accounts.exist)
            self._looked = now
        return self._is_on

    async def owner(self, token: str) -> tuple[str, bool] | None:
        """Whose a browser's token is, and whether it is to keep it for longer; None for nobody's."""
        now = self._clock()
        known = self._owners.get(token)
        if known and _fresh(known[1], now):
            return known[0], False
        found = await anyio.to_thread.run_sync(self.logins.owner, token)
        self._owners.pop(token, None)
        if found:
            while len(self._owners) >= _REMEMBERED:
                del self._owners[next(iter(self._owners))]
            self._owners[token] = (found[0], now)
        return found

    async def account(self, owner: str) -> Account | None:
        """The account of an owner."""
        return await anyio.to_thread.run_sync(self.accounts.of, owner)

    async def may_manage(self, owner: str) -> bool:
        """Whether an owner may change what all share."""
        return await anyio.to_thread.run_sync(self.accounts.may_manage, owner)

    async def hashing(self, work: Callable[..., _T], *given: object) -> _T:
        """Do what computes a password's hash: two at a time, as each takes 64 MB."""
        self._hashing = self._hashing or anyio.CapacityLimiter(2)  # here: it belongs to the running event loop
        return await anyio.to_thread.run_sync(work, *given, limiter=self._hashing)

    async def begin(self, account: Account) -> str:
        """Log a browser in."""
        return await anyio.to_thread.run_sync(self.logins.begin, account)

    async def end(self, token: str) -> None:
        """Log a browser out."""
        self._owners.pop(token, None)
        await anyio.to_thread.run_sync(self.logins.end, token)

    def forget(self) -> None:
        """Look everybody up again: a password was changed."""
        self._owners.clear()


def _fresh(looked: datetime, now: datetime) -> bool:
    return timedelta() <= now - looked < _MOMENT


def token_of(headers: Headers) -> str:
    """The token that a browser sends; '' without one."""
    cookies = (one.strip().partition("=") for one in headers.get("cookie", "").split(";"))
    return next((value for name, _, value in cookies if name == COOKIE), "")


def cookie_of(token: str, secure: bool) -> str:
    """The header that a browser keeps a token by: no script reads it, no other site sends it, and over https nothing else carries it."""
    return f"{COOKIE}={token}; Path=/; Max-Age={int(LASTS.total_seconds())}; HttpOnly; SameSite=Lax{'; Secure' if secure else ''}"


def forgotten_cookie() -> str:
    """The header by which a browser forgets its token."""
    return f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
