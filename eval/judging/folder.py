"""A judging on disk: its configuration, each answer and each judgement a line of JSON, written at once; what is killed goes on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from errors import ContentError, UsageError
from eval.exams.run_folder import CONFIG, read_config, write_json
from eval.json_lines import mend

__all__ = ["ANSWERS", "JUDGEMENTS", "Answered", "Judged", "Rows", "digest", "open_judging"]

ANSWERS, JUDGEMENTS = "answers.jsonl", "judgements.jsonl"
_NAMES = {"judge": "评委模型", "tasks": "评测题", "prompts": "评分的提示词", "max_tokens": "回答长度（TUTOR_CHAT_MAX_TOKENS）"}
"""What a configuration consists of beside its systems, as a message calls it."""


class Row(Protocol):
    """A line of a file."""

    @property
    def key(self) -> tuple[object, ...]:
        """What it is about; of two lines about the same the first counts."""
        ...


R = TypeVar("R", bound=Row)


@dataclass(frozen=True)
class Answered:
    """What a system answered in each turn of a task, as it came; `config` is the hash of all that this depends on."""

    system: str
    task: str
    config: str
    replies: tuple[str, ...]
    output_tokens: int
    finish_reason: str
    seconds: float

    @property
    def key(self) -> tuple[object, ...]:
        return self.system, self.task, self.config


@dataclass(frozen=True)
class Judged:
    """What the judge decided on a task: of one system a score, of two, shown in this order, a winner.

    Attributes:
        repeat: from 0; a score can be asked for several times.
        score: 0 to 10; None where there is none, or where two were compared.
        winner: name of the better system, '' for a tie; None where there is none, or where one was scored.
        problem: why the judge's answers could not be read; '' where they could.
        raw: its answers, as they came.
    """

    systems: tuple[str, ...]
    task: str
    config: str
    repeat: int
    score: float | None
    winner: str | None
    reason: str
    problem: str
    raw: tuple[str, ...]
    seconds: float

    @property
    def key(self) -> tuple[object, ...]:
        return self.systems, self.task, self.config, self.repeat


class Rows(Generic[R]):
    """The lines of a file, by their key; one process writes it."""

    def __init__(self, path: Path, kind: Callable[..., R]) -> None:
        """Read it; half a line that a killed process has left is cut off.

        Raises:
            ContentError: another line is damaged; the message has its number.
        """
        mend(path)
        self._path = path
        self._found: dict[tuple[object, ...], R] = {}
        lines = path.read_text(encoding="utf-8").split("\n")[:-1] if path.exists() else []
        for number, line in enumerate(lines, 1):
            row = _row(line, kind, f"{path} 第 {number} 行")
            self._found.setdefault(row.key, row)

    def get(self, *key: object) -> R | None:
        """The line about this, if there is one."""
        return self._found.get(key)

    def add(self, row: R) -> None:
        """Write a line so that it outlives the process.

        Raises:
            UsageError: it can't be written.
        """
        try:
            with self._path.open("a", encoding="utf-8", errors="replace") as file:
                file.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")  # type: ignore[call-overload] # a dataclass
        except OSError as error:
            raise UsageError(f"写不了 {self._path}（{error.strerror}）。请检查磁盘空间，再用同样的命令接着做。") from error
        self._found.setdefault(row.key, row)


def digest(*told: object) -> str:
    """16 hex digits of anything that JSON can tell."""
    return hashlib.sha256(json.dumps(told, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def open_judging(folder: Path, config: Mapping[str, Any]) -> None:
    """Make the folder of this configuration, or add systems to it.

    Raises:
        UsageError: it holds another configuration (the message names what differs), or can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        before: Mapping[str, Any] = read_config(folder) if (folder / CONFIG).exists() else {}
        if not before and (others := [path.name for path in folder.iterdir() if not path.name.startswith(".")]):
            raise UsageError(f"{folder} 里已有别的文件（{'、'.join(sorted(others)[:3])}），不会混在一起。请用 --out 换一个目录。")
        if before and (differing := _differing(before, config)):
            raise UsageError(
                f"{folder} 是另一种设置的评测，不同的是：{'；'.join(differing)}。"
                "请用 --out 换一个目录（或不写 --out，按设置自动分开存放）；原来的结果没有动。"
            )
        write_json(folder / CONFIG, {**config, "systems": {**before.get("systems", {}), **config["systems"]}})
    except OSError as error:
        raise UsageError(f"写不了 {folder}（{error.strerror}）。请用 --out 换一个目录。") from error


def _differing(before: Mapping[str, Any], config: Mapping[str, Any]) -> list[str]:
    found = [_told(name, before.get(key), config[key]) for key, name in _NAMES.items() if before.get(key) != config[key]]
    known = before.get("systems", {})
    return found + [
        _told(f"系统 {name}", known[name], told) for name, told in config["systems"].items() if known.get(name, told) != told
    ]


def _told(name: str, before: object, now: object) -> str:
    """What differs; of a model its name, if that is it."""
    old, new = (one.get("model") if isinstance(one, dict) else None for one in (before, now))
    return f"{name}（原来是 {old}，现在是 {new}）" if old and new and old != new else name


def _row(line: str, kind: Callable[..., R], place: str) -> R:
    try:
        row = json.loads(line)
        return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise ContentError(f"{place}已损坏（{type(error).__name__}）。请删去这一行后重新运行，或用 --out 换一个目录。") from error
