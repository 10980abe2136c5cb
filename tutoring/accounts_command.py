"""The command that makes, lists, changes and removes accounts: python -m tutoring.accounts."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable, Sequence

from errors import UsageError
from knowledge.command import Parser, guarded
from settings import load_settings
from tutoring.accounts import ROLE_NAMES, Accounts, Role
from tutoring.database import open_database
from tutoring.given_users import role_named
from tutoring.names import clean_name
from tutoring.passwords import check_new_password

__all__ = ["main"]


def main(argv: Sequence[str] | None = None, ask: Callable[[str], str] = getpass.getpass) -> int:
    """Run one of the commands; `ask` reads a password without showing it."""
    return guarded(lambda: _run(_parser().parse_args(argv), ask))


def _parser() -> Parser:
    parser = Parser(
        prog="python -m tutoring.accounts", description="管理登录账号。没有账号时程序只供本机的一个人用，不需要登录。"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    add = commands.add_parser("add", help="新建账号")
    add.add_argument("name", metavar="姓名")
    add.add_argument("--role", default="学员", help="学员（默认）、教师或管理员")
    add.add_argument("--class", dest="class_name", default="", help="班级；教师只看得到自己班级的学员")
    add.add_argument("--adopt-local", action="store_true", help="把没有账号时的对话和学习记录交给这个账号")
    _stdin(add)
    commands.add_parser("list", help="列出全部账号")
    _stdin(_named(commands.add_parser("password", help="改密码（已登录的浏览器都要重新登录）")))
    edit = _named(commands.add_parser("edit", help="改角色或班级"))
    edit.add_argument("--role", help="学员、教师或管理员")
    edit.add_argument("--class", dest="class_name", help="班级；写成空的就是没有班级")
    _named(commands.add_parser("disable", help="停用账号（立即退出登录，数据保留）"))
    _named(commands.add_parser("enable", help="重新启用账号"))
    remove = _named(commands.add_parser("remove", help="删除账号和它的全部数据"))
    remove.add_argument("--keep-data", action="store_true", help="只删账号，对话和学习记录留在数据库里")
    return parser


def _named(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("name", metavar="姓名")
    return parser


def _stdin(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--password-stdin", action="store_true", help="从标准输入读密码（一行），不提问")


def _run(options: argparse.Namespace, ask: Callable[[str], str]) -> int:
    database = open_database(load_settings())
    try:
        accounts = Accounts(database)
        {"add": _add, "list": _list, "password": _password, "edit": _edit}.get(options.command, _change)(accounts, options, ask)
    finally:
        database.close()
    return 0


def _add(accounts: Accounts, options: argparse.Namespace, ask: Callable[[str], str]) -> None:
    role = _role(options.role)
    name, first = clean_name(options.name, "姓名"), not accounts.exist()
    if first and role != "admin":
        raise UsageError("第一个账号必须是管理员，否则没有人能管理资料和模型。请加 --role 管理员。")
    if options.adopt_local and not first:
        raise UsageError("--adopt-local 只能用在第一个账号上：之后本机的记录已经有了主人，或由第一个账号留下了。")
    account = accounts.create(name, _new_password(name, options, ask), role, options.class_name, options.adopt_local)
    _say(f"已建立账号：{account.name}（{ROLE_NAMES[role]}{_of_class(account.class_name)}）。")
    if first:
        adopted = (
            "已交给这个账号"
            if options.adopt_local
            else "仍在数据库里，但登录后看不到（要交给这个账号，删除它再用 --adopt-local 新建）"
        )
        _say(f"从现在起打开网页要先登录。没有账号时的对话和学习记录{adopted}。")


def _list(accounts: Accounts, options: argparse.Namespace, ask: Callable[[str], str]) -> None:
    found = accounts.list()
    for one in found:
        state = "　已停用" if one.disabled else ""
        _say(f"{one.name}　{ROLE_NAMES[one.role]}{_of_class(one.class_name)}　{one.created_at.astimezone():%Y-%m-%d} 建立{state}")
    if not found:
        _say("还没有账号：程序只供本机的一个人用。用 python -m tutoring.accounts add 姓名 --role 管理员 建立第一个。")


def _password(accounts: Accounts, options: argparse.Namespace, ask: Callable[[str], str]) -> None:
    account = accounts.named(options.name)
    accounts.set_password(account, _new_password(account.name, options, ask))
    _say(f"{account.name} 的密码已改；已登录的浏览器都要重新登录。")


def _edit(accounts: Accounts, options: argparse.Namespace, ask: Callable[[str], str]) -> None:
    account = accounts.named(options.name)
    role = account.role if options.role is None else _role(options.role)
    accounts.edit(account, role, account.class_name if options.class_name is None else options.class_name)
    account = accounts.named(options.name)
    _say(f"{account.name} 现在是{ROLE_NAMES[account.role]}{_of_class(account.class_name)}。")


def _role(word: str) -> Role:
    role = role_named(word)
    if role is None:
        raise UsageError(f"角色“{word[:20]}”不存在，可选：{'、'.join(ROLE_NAMES.values())}。")
    return role


def _change(accounts: Accounts, options: argparse.Namespace, ask: Callable[[str], str]) -> None:
    account = accounts.named(options.name)
    if options.command == "remove":
        accounts.remove(account, options.keep_data)
        left = "对话和学习记录还在数据库里" if options.keep_data else "对话和学习记录一并删除"
        _say(f"已删除账号 {account.name}，{left}。")
        if not accounts.exist():
            _say("现在一个账号也没有了：重新启动程序后，它又只供本机的一个人用，不需要登录。")
        return
    accounts.set_disabled(account, options.command == "disable")
    _say(f"{account.name} 已{'停用，不能再登录' if options.command == 'disable' else '启用'}。")


def _new_password(name: str, options: argparse.Namespace, ask: Callable[[str], str]) -> str:
    """A password that may be taken, asked for twice."""
    if options.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        check_new_password(password, name)
        return password
    if not sys.stdin.isatty() and ask is getpass.getpass:
        raise UsageError("这里不是终端，没法不显示地输入密码。请加 --password-stdin，从标准输入给出。")
    password = ask(f"{name} 的密码（至少 8 个字符，输入时不显示）：")
    check_new_password(password, name)
    if ask("再输入一次：") != password:
        raise UsageError("两次输入的密码不一样，什么都没有改。请重新运行这条命令。")
    return password


def _of_class(class_name: str) -> str:
    return f"，{class_name}" if class_name else ""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
