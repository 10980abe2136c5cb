"""Passwords: which ones are taken, and how they are kept — by argon2id with the defaults of argon2-cffi (RFC 9106, low memory)."""

from __future__ import annotations

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from errors import UsageError
from tutoring.names import compared

__all__ = ["Passwords", "check_new_password"]

_LEAST, _MOST = 8, 256
_COMMON = frozenset(
    "12345678 123456789 1234567890 0123456789 11111111 00000000 88888888 66666666 12341234 87654321 11223344 12344321 "
    "password password1 passw0rd p@ssw0rd qwertyui qwerty123 qwertyuiop 1q2w3e4r 1qaz2wsx abcd1234 abc12345 abcdefgh a1234567 "
    "aa123456 iloveyou admin123 administrator letmein1 welcome1 woaini520 woaini1314 5201314520 tutor408 kaoyan408".split()
)
"""What is tried first by who guesses."""


def check_new_password(password: str, name: str) -> None:
    """Whether an account of this name may have this password.

    Raises:
        UsageError: it is too short, too long, the name, or one that everybody tries.
    """
    if len(password) < _LEAST:
        raise UsageError(f"密码太短（{len(password)} 个字符），至少要 {_LEAST} 个字符。请换一个。")
    if len(password) > _MOST:
        raise UsageError(f"密码太长（{len(password)} 个字符），最多 {_MOST} 个字符。请换一个。")
    plain = compared(password)
    if plain == compared(name):
        raise UsageError("密码不能和姓名相同。请换一个。")
    if plain in _COMMON or len(set(plain)) < 3:
        raise UsageError("这个密码太常见，很容易被猜到。请换一个，例如几个不相关的词连在一起。")


class Passwords:
    """Keeps passwords as hashes.

    Args:
        hasher: the parameters of argon2id; argon2-cffi's defaults if it is not given.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    def hashed(self, password: str) -> str:
        """How a password is kept."""
        return self._hasher.hash(_bytes(password))

    def fits(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one that is kept so. With None (nobody of that name) it takes as long, and is not."""
        try:
            self._hasher.verify(self._nobodys if kept is None else kept, _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def is_stale(self, kept: str) -> bool:
        """Whether it was kept with other parameters than are used today."""
        return self._hasher.check_needs_rehash(kept)

    @cached_property
    def _nobodys(self) -> str:
        return self.hashed("the password of nobody")


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
