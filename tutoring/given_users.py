"""The accounts that TUTOR_USERS asks for: 姓名:密码[:角色[:班级]], several separated by ; or line breaks, or @ and the path of such a file."""

from __future__ import annotations

import re
from pathlib import Path

from errors import SettingsError
from settings import Settings
from tutoring.accounts import ROLE_NAMES, Accounts, Role
from tutoring.database import open_database

__all__ = ["GivenUser", "given_users", "has_accounts", "role_named"]

GivenUser = tuple[str, str, Role, str]
"""Name, password, role, class."""
_FORM = "每个账号写成 姓名:密码 或 姓名:密码:角色:班级（角色是学员、教师或管理员；密码里不能有冒号和分号）"


def given_users(settings: Settings) -> list[GivenUser]:
    """The accounts of the settings; lines that begin with # are remarks.

    Raises:
        SettingsError: the file can't be read, or an entry is not of that form; a password is never in the message.
    """
    text = settings.users.get_secret_value().strip() if settings.users else ""
    if text.startswith("@"):
        text = _content(Path(text[1:].strip()).expanduser())
    entries = [entry.strip() for entry in re.split(r"[;\n]", text)]
    return [_user(entry, n) for n, entry in enumerate((e for e in entries if e and not e.startswith("#")), 1)]


def has_accounts(settings: Settings) -> bool:
    """Whether one has to log in: an account is there, or will be made at the start."""
    database = open_database(settings)
    try:
        return bool(given_users(settings)) or Accounts(database).exist()
    finally:
        database.close()


def role_named(name: str) -> Role | None:
    """The role that a Chinese or English word means."""
    return next((role for role, shown in ROLE_NAMES.items() if name.strip() in (role, shown)), None)


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise SettingsError(
            f"TUTOR_USERS 指定的文件 {path} 读不出来。请检查路径与权限，并把它存成 UTF-8；{_FORM}，一行一个。"
        ) from error


def _user(entry: str, number: int) -> GivenUser:
    name, password, role, group, *more = [*(part.strip() for part in entry.split(":")), "", "", ""][: entry.count(":") + 4]
    meant = role_named(role) if role else "learner"
    if not name or not password or meant is None or any(more):
        raise SettingsError(f"TUTOR_USERS 的第 {number} 个账号看不懂。{_FORM}。")
    return name, password, meant, group
