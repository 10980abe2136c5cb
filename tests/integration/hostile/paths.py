"""What stands at a path and is no file, and names that file systems allow."""

from __future__ import annotations

import os
from pathlib import Path

from tests.integration.hostile.case import WORDS, Case

__all__ = ["CASES"]

_TEXT = f"# {WORDS}\n\nThe {WORDS} guards the bounded buffer.\n".encode()
_LONG = "名" * 84


def text() -> bytes:
    return _TEXT


def locked(path: Path) -> None:
    path.write_bytes(_TEXT)
    path.chmod(0)


CASES = (
    Case("to nowhere.md", reason="不存在", place=lambda path: path.symlink_to("no such file")),
    Case("to itself.md", reason="指向自己的链接", place=lambda path: path.symlink_to(path.name)),
    Case("pipe.md", reason="不是普通文件", place=os.mkfifo),
    Case("to a device.txt", reason="不是普通文件", place=lambda path: path.symlink_to("/dev/zero")),
    *([Case("forbidden.md", reason="没有读取权限", place=locked)] if os.geteuid() else []),
    Case(f"{_LONG}.md", text),
    Case("信号量".encode("gbk") + b".md", text),
    Case(b"\xff\xfe.md", text),
    Case("two\nlines.md", text),
    Case("-rf.md", text),
    Case("--json.md", text),
    Case("🧵 thread 🧶.md", text),
    Case("x\u202edm.exe.md", text),
    Case(" leading and trailing .md", text),
    Case("'; DROP TABLE documents; --.md", text),
    Case("<img src=x onerror=alert(1)>.md", text),
    Case("%s %d {0} $HOME `id`.md", text),
    Case("CON.md", text),
    Case("UPPER.MD", text),
    Case("no suffix", text, "没有后缀"),
    Case("two.suffixes.pdf.md", text),
    Case("program.exe", text, "另存为可以入库的格式"),
)
