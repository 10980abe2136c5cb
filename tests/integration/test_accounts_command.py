"""python -m tutoring.accounts and the start of app.py with accounts, as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from errors import SettingsError
from settings import ROOT, Settings
from tutoring.accounts_command import main
from tutoring.given_users import given_users, has_accounts

PASSWORD = "correct horse 408"


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "data"))


def asked(*words: str) -> list[str]:
    """What is typed when a password is asked for."""
    return list(words)


def run(capsys: pytest.CaptureFixture[str], *argv: str, typed: tuple[str, ...] = (PASSWORD, PASSWORD)) -> tuple[int, str]:
    answers = asked(*typed)
    try:
        status = main(argv, lambda prompt: answers.pop(0))
    except SystemExit as left:
        status = int(left.code or 0)
    told = capsys.readouterr()
    assert PASSWORD not in told.out + told.err and "Traceback" not in told.err
    return status, told.out + told.err


def test_from_the_first_admin_to_the_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert "还没有账号" in run(capsys, "list")[1]
    status, told = run(capsys, "add", "小明")
    assert status == 2 and "第一个账号必须是管理员" in told
    status, told = run(capsys, "add", "管理", "--role", "管理员")
    assert status == 0 and "已建立账号：管理（管理员）" in told and "要先登录" in told
    assert run(capsys, "add", "小明", "--class", "一班") == (0, "已建立账号：小明（学员，一班）。\n")
    assert run(capsys, "add", "ｘ", "--role", "校长")[0] == 2
    assert "两次输入" in run(capsys, "password", "小明", typed=(PASSWORD, "other"))[1]
    assert "教师，二班" in run(capsys, "edit", "小明", "--role", "教师", "--class", "二班")[1]
    assert "已停用" in run(capsys, "disable", "小明")[1] and "已停用" in run(capsys, "list")[1]
    assert "已启用" in run(capsys, "enable", "小明")[1]
    assert run(capsys, "remove", "谁")[0] == 2
    assert "一并删除" in run(capsys, "remove", "小明")[1]
    assert "不需要登录" in run(capsys, "remove", "管理", "--keep-data")[1]


def test_what_is_wrong_is_said_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    for argv, told in (
        (("add", "管理", "--role", "管理员", "--password-stdin", "--zzz"), "不认识"),
        (("add",), "缺少"),
        ((), "缺少"),
    ):
        status, text = run(capsys, *argv)
        assert status == 2 and told in text
    status, text = run(capsys, "add", "管理", "--role", "管理员", typed=("12345678", "12345678"))
    assert status == 2 and "太常见" in text


def test_a_password_may_come_through_a_pipe_and_help_is_quick(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tutoring.accounts"]
    environment = os.environ | {"TUTOR_DATA_DIR": str(tmp_path / "data")}

    def said(*argv: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *argv], cwd=ROOT, env=environment, input=text, capture_output=True, text=True)

    done = said("add", "管理", "--role", "管理员", "--password-stdin", text=f"{PASSWORD}\r\n")
    assert done.returncode == 0 and "已建立账号" in done.stdout and done.stderr == ""
    refused = said("add", "小明", text=f"{PASSWORD}\n")
    assert refused.returncode == 2 and "--password-stdin" in refused.stderr


def test_a_public_address_without_accounts_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "app.py", "--host", "0.0.0.0", "--port", "7999"]
    done = subprocess.run(command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and "python -m tutoring.accounts add 姓名 --role 管理员" in done.stderr


def given(text: str) -> Settings:
    return Settings(_env_file=None, users=text)


def test_accounts_of_the_settings(tmp_path: Path) -> None:
    assert given_users(Settings(_env_file=None)) == given_users(given(" ; \n")) == []
    two = [("管理", "p w-1", "admin", ""), ("小明", "秘密秘密", "learner", "一班")]
    assert given_users(given("管理:p w-1:管理员; 小明:秘密秘密:学员:一班 ;")) == two
    file = tmp_path / "用户.txt"
    file.write_text("# 姓名:密码\n管理:p w-1:admin\n\n小明:秘密秘密::一班\n", encoding="utf-8-sig")
    assert given_users(given(f"@{file}")) == two


@pytest.mark.parametrize("text", ["秘密", "小明:", ":秘密", "小明:秘密:校长", "小明:秘密:学员:一班:多"])
def test_an_entry_that_makes_no_sense_is_named_by_its_number_alone(text: str) -> None:
    with pytest.raises(SettingsError, match="第 2 个账号看不懂") as refused:
        given_users(given(f"管理:p w-1:管理员;{text}"))
    assert "秘密" not in str(refused.value)


def test_a_file_of_accounts_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gbk.txt").write_bytes("小明:秘密秘密".encode("gbk"))
    for path in (tmp_path / "missing", tmp_path, tmp_path / "gbk.txt"):
        with pytest.raises(SettingsError, match="TUTOR_USERS 指定的文件"):
            given_users(given(f"@{path}"))


def test_whether_one_has_to_log_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(_env_file=None, data_dir=tmp_path / "data")
    assert not has_accounts(settings) and has_accounts(settings.model_copy(update={"users": given("安:秘密秘密").users}))
    run(capsys, "add", "管理", "--role", "admin")
    assert has_accounts(settings)
