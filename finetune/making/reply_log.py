"""What a chat model answered, kept line by line: whatever ends a run, nothing that was answered is asked again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from errors import ContentError, UsageError

__all__ = ["Reply", "ReplyLog", "digest"]


@dataclass(frozen=True)
class Reply:
    """The answers to one request, as they came: a second one where the first could not be read.

    Attributes:
        key: digest of all that was asked; see `digest`.
        about: what was asked about, for a reader of the file.
        problem: why it can't be used; '' if it can.
    """

    key: str
    about: str
    raw: tuple[str, ...]
    problem: str = ""


class ReplyLog:
    """A JSONL file of replies; one process writes it."""

    def __init__(self, path: Path) -> None:
        """Read it; half a line that a killed process has left is cut off.

        Raises:
            ContentError: another line is damaged; the message has its number.
        """
        self._path = path
        self._found: dict[str, Reply] = {}
        data = path.read_bytes() if path.exists() else b""
        whole = data[: data.rfind(b"\n") + 1]
        if whole != data:
            with path.open("r+b") as file:
                file.truncate(len(whole))
        for number, line in enumerate(whole.split(b"\n")[:-1], 1):
            reply = _read(line, f"{path} 第 {number} 行")
            self._found.setdefault(reply.key, reply)

    def get(self, key: str) -> Reply | None:
        """The reply to this, if there is one."""
        return self._found.get(key)

    def add(self, reply: Reply) -> None:
        """Write a reply at once, so that it outlives the process.

        Raises:
            UsageError: it can't be written.
        """
        row = json.dumps(asdict(reply), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        try:
            with self._path.open("ab") as file:
                file.write(row)
        except OSError as error:
            raise UsageError(
                f"写不了 {self._path}（{error.strerror}）。请检查磁盘空间与权限，再运行同一条命令，已有的回答都在。"
            ) from error
        kept = _read(row, str(self._path))  # as it will be read: half a character is none
        self._found.setdefault(kept.key, kept)


def digest(*told: object) -> str:
    """16 hex digits of anything that JSON can tell."""
    text = json.dumps(told, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def _read(line: bytes, place: str) -> Reply:
    try:
        row = json.loads(line)
        return Reply(str(row["key"]), str(row["about"]), tuple(map(str, row["raw"])), str(row["problem"]))
    except (ValueError, KeyError, TypeError) as error:
        raise ContentError(
            f"{place}已损坏，不是模型的回答。请删去这一行后重新运行（只会重问这一段），或用 --out 换一个目录。"
        ) from error
