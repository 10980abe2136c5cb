"""Files of one line a result, written at once: what a killed process leaves of a line is cut off and done again."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from errors import UsageError

__all__ = ["mend", "replace_text", "whole_lines"]


def whole_lines(path: Path) -> list[bytes]:
    """The lines of a file, a half-written last one left out; none if there is no file."""
    return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


def mend(path: Path) -> None:
    """Cut half a line off the end of a file, so that the next one begins anew."""
    data = path.read_bytes() if path.exists() else b""
    if data and not data.endswith(b"\n"):
        with path.open("r+b") as file:
            file.truncate(data.rfind(b"\n") + 1)


def replace_text(path: Path, text: str) -> None:
    """Replace a file, whole or not at all.

    Raises:
        UsageError: it can't be written.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UsageError(f"写不了 {path}：磁盘可能已满，或没有权限。请腾出空间后再运行同一条命令，已有的记录都在。") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
