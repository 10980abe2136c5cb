"""What came of each asking, a line of JSON each: written at once, read again after an interruption."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from errors import ContentError, UsageError
from eval.exams.samples import MODES
from eval.json_lines import mend, replace_text, whole_lines
from knowledge.questions import LETTERS

__all__ = ["RECORDS", "Record", "Records", "Retrieved", "read_records", "rewrite"]

RECORDS = "records.jsonl"
_ENDLESS = float("inf")


@dataclass(frozen=True)
class Retrieved:
    """A passage that was shown with the question; `text` is what was shown of it."""

    chunk_id: str
    source: str
    page: int
    section: str
    text: str


@dataclass(frozen=True)
class Record:
    """What came of asking a question once.

    Attributes:
        qhash: of stem, options and key (eval/exams/samples.py): the same in every run.
        config: hash of everything else that the answer depends on.
        prompt: hash of the prompt, 16 hex digits.
        raw: what the model wrote; '' where nothing is written (logprob, evidence).
        parsed: letter that was read from it, as shown; None where none could be.
        chosen: the same option's letter in the question itself.
        gold: letter of the right option, as shown.
        reason: why nothing was parsed; '' otherwise.
        scores: of each letter as shown: log-probability (nats), or weight of its evidence; None for one that the server didn't tell.
        input_tokens, output_tokens: as the model tells them, else an estimate; 0 where there is no model.
        seconds: from asking to answer, retrieval included.
        finish_reason: `stop`, `length` (cut off), or what the endpoint says.
    """

    qid: str
    qhash: str
    config: str
    subject: str
    rotation: int
    mode: str
    rag: bool
    prompt: str
    raw: str
    parsed: str | None
    chosen: str | None
    gold: str
    correct: bool
    reason: str = ""
    scores: Mapping[str, float | None] = field(default_factory=dict)
    input_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    finish_reason: str = "stop"
    retrieved: tuple[Retrieved, ...] = ()

    @property
    def key(self) -> tuple[str, str, int, str, bool]:
        """That of its `Sample`."""
        return self.qhash, self.qid, self.rotation, self.mode, self.rag

    @property
    def truncated(self) -> bool:
        """Whether the answer was cut off by the limit of tokens."""
        return self.finish_reason == "length"

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> Record:
        """Read one line.

        Raises:
            KeyError, TypeError: it is no record.
        """
        if not isinstance(row, dict):
            raise TypeError("not an object")
        known = {f.name: row[f.name] for f in fields(cls) if f.name in row}
        known["retrieved"] = tuple(Retrieved(**one) for one in row.get("retrieved", ()))
        record = cls(**known)
        record.check()
        return record

    def check(self) -> None:
        """Make sure that each field holds what it says.

        Raises:
            ValueError: one does not.
        """
        texts = (
            self.qid,
            self.qhash,
            self.config,
            self.subject,
            self.mode,
            self.prompt,
            self.raw,
            self.reason,
            self.finish_reason,
        )
        numbers = (self.rotation, self.input_tokens, self.output_tokens, self.seconds)
        letters = {self.gold, self.parsed or "A", self.chosen or "A"}
        if not (
            all(isinstance(text, str) for text in texts)
            and all(isinstance(n, int | float) and not isinstance(n, bool) and 0 <= n < _ENDLESS for n in numbers)
            and isinstance(self.rag, bool)
            and isinstance(self.correct, bool)
            and isinstance(self.scores, dict)
            and letters <= set(LETTERS)
            and self.rotation in range(len(LETTERS))
            and self.mode in MODES
        ):
            raise ValueError("a field holds what it can't")


class Records:
    """The file of a run's records; one process writes it."""

    def __init__(self, path: Path) -> None:
        """Open it to append; half a line that a killed process has left is cut off."""
        mend(path)
        self._file = path.open("a", encoding="utf-8")

    def add(self, record: Record) -> None:
        """Write a record so that it outlives the process.

        Raises:
            UsageError: it can't be written.
        """
        try:
            self._file.write(_line(record))
            self._file.flush()
        except OSError as error:
            raise UsageError(f"写不了 {self._file.name}：磁盘可能已满。请腾出空间后再运行同一条命令，已有的记录都在。") from error

    def close(self) -> None:
        """Close the file; what could not be written was told by `add`."""
        with suppress(OSError):
            self._file.close()


def read_records(path: Path) -> list[Record]:
    """The records of a file, a half-written last line left out; of two for one asking the first.

    Raises:
        ContentError: another line is no record; the message has its number.
    """
    found: dict[Any, Record] = {}
    for number, line in enumerate(whole_lines(path), 1):
        try:
            record = Record.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ContentError(
                f"{path} 第 {number} 行不是答题记录（{type(error).__name__}）。请删去这一行后重新运行，或用 --out 换一个目录。"
            ) from error
        found.setdefault(record.key, record)
    return list(found.values())


def rewrite(path: Path, records: Iterable[Record]) -> None:
    """Replace the file by these records, whole or not at all."""
    replace_text(path, "".join(map(_line, records)))


def _line(record: Record) -> str:
    return json.dumps(asdict(record), ensure_ascii=False) + "\n"
