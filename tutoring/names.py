"""Names of accounts and classes, as they are shown and as they are compared."""

from __future__ import annotations

import unicodedata

from errors import UsageError

__all__ = ["clean_name", "compared"]

_MOST = 40
_MARKS = ":：;；"
"""What stands between the parts of TUTOR_USERS."""


def compared(text: str) -> str:
    """A form that is the same for what a reader takes for the same: ａnn, ANN and Ann are one."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def clean_name(text: str, what: str) -> str:
    """A name as it is shown: one line, spaces put together.

    Args:
        what: 姓名 or 班级, for the message.

    Raises:
        UsageError: it is empty, too long, or holds characters that can't be read or have a meaning in TUTOR_USERS.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not compared(name):
        raise UsageError(f"{what}是空的。请写一个{what}。")
    if len(name) > _MOST or len(compared(name)) > 2 * _MOST:
        raise UsageError(f"{what}太长（{len(name)} 个字），最多 {_MOST} 个字。请写短一些。")
    if any(mark in name for mark in _MARKS) or any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") for c in name):
        raise UsageError(f"{what}里不能有冒号、分号或看不见的字符。请改一改。")
    return name
