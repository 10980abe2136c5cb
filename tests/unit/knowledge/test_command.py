"""The edge of every command: its messages and exit statuses."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from errors import ContentError, UsageError
from knowledge.command import guarded
from knowledge.printable import printable


def _raising(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "told"),
    [
        (ContentError("第一行\n第二行"), 1, "第一行\n第二行\n"),
        (UsageError("不能用"), 2, "不能用\n"),
        (KeyboardInterrupt(), 130, "已中断"),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "磁盘已满"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), 1, "磁盘配额"),
    ],
)
def test_each_end_has_its_message_and_status(
    error: BaseException, status: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert guarded(_raising(error)) == status
    assert told in capsys.readouterr().err


def test_other_faults_of_the_system_are_not_taken_for_a_full_disk() -> None:
    with pytest.raises(PermissionError):
        guarded(_raising(PermissionError(errno.EACCES, "denied")))


def test_a_message_can_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    guarded(_raising(ContentError("题库\x1b]0;pwned\x07 里\u202e\r的\x9b31m题\n第 2 行")))
    assert capsys.readouterr().err == "题库]0;pwned 里的31m题\n第 2 行\n"


def test_what_may_be_printed_stays() -> None:
    text = "中文，—— ①　“引号” ² ↔ 😀 é\tx\n"
    assert printable(text) == text and printable(text, kept="") == text.replace("\t", "").replace("\n", "")
