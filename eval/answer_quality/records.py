"""What came of each question to the tutor, a line of JSON each: written at once, read again after an interruption."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from errors import ContentError, UsageError
from eval.answer_quality.claims import Checked
from eval.exams.run_folder import write_json
from eval.json_lines import mend, whole_lines

__all__ = ["CONFIG", "RECORDS", "Mark", "Quoted", "TutorRecord", "TutorRecords", "hash_of", "open_run"]

RECORDS, CONFIG = "tutor.jsonl", "config.json"
_TOLD = {
    "model": "回答的模型",
    "knowledge": "知识库",
    "judge": "核对的方式",
    "tokens": "回答长度或窗口的上限",
    "measure": "题目或测量方法",
}


@dataclass(frozen=True)
class Quoted:
    """A citation of an answer, and where its quote stands in the original (eval/answer_quality/pages.py).

    Attributes:
        standing: of the quote, see `Standing`; `found` is the page where it was found.
        boxed: whether the boxes hold its words; None without boxes, or without a text layer.
    """

    n: int
    source: str
    document: str
    page: int
    section: str
    quote: str
    literal: bool
    standing: str
    found: int | None = None
    boxed: bool | None = None


@dataclass(frozen=True)
class Mark:
    """A mark of an answer: the words that it stands for (eval/answer_quality/claims.py), and whether the citation bears these out.

    `by` is `literal` (they are the quote), `quote` or `passage` (the passage around it bears it out, the quote alone does not);
    '' where neither does. `citation` is the position in `citations`.
    """

    n: int
    citation: int
    words: str
    verdict: str
    by: str
    reason: str = ""


@dataclass(frozen=True)
class TutorRecord:
    """What came of one question.

    Attributes:
        sentences, cited: how many sentences say something, and how many of them have a source.
        claims: each with its verdict against the passages that were shown; None where the claims could not be told.
        point: whether the answer holds the words that answer (eval/answer_quality/verdicts.py); '' where these are not known.
        passages: ids of the chunks that were shown, best first.
    """

    id: str
    kind: str
    subject: str
    question: str
    answerable: bool
    refused: bool
    answer: str
    model: str
    seconds: float
    marks: tuple[Mark, ...] = ()
    citations: tuple[Quoted, ...] = ()
    sentences: int = 0
    cited: int = 0
    claims: tuple[Checked, ...] | None = ()
    point: str = ""
    passages: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> TutorRecord:
        """Read one line.

        Raises:
            KeyError, TypeError: it is no record.
        """
        known = {f.name: row[f.name] for f in fields(cls)}
        known["marks"] = tuple(Mark(**one) for one in row["marks"])
        known["citations"] = tuple(Quoted(**one) for one in row["citations"])
        known["claims"] = None if row["claims"] is None else tuple(Checked(**one) for one in row["claims"])
        known["passages"] = tuple(row["passages"])
        return cls(**known)


class TutorRecords:
    """The file of a run's records; one process writes it."""

    def __init__(self, path: Path) -> None:
        """Read what is there, and open it to append; half a line that a killed process has left is cut off.

        Raises:
            ContentError: a whole line is no record; the message has its number.
        """
        self.done = _read(path)
        self._file = path.open("a", encoding="utf-8", errors="replace")  # a model may write half a character

    def add(self, record: TutorRecord) -> None:
        """Write a record so that it outlives the process."""
        self._file.write(json.dumps(asdict(record), ensure_ascii=False) + "\n")
        self._file.flush()
        self.done[record.id] = record

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def hash_of(config: Mapping[str, str]) -> str:
    """12 hex digits of a configuration."""
    told = json.dumps({name: config[name] for name in _TOLD}, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def open_run(folder: Path, config: Mapping[str, str]) -> TutorRecords:
    """The records of a folder, which must be of this configuration or new.

    Raises:
        UsageError: the folder is of another configuration, or can't be written; the message says what differs.
        ContentError: its files are not those of a run.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check(folder / CONFIG, config)
        return TutorRecords(folder / RECORDS)
    except OSError as error:
        raise UsageError(f"结果目录 {folder} 不能用（{error.strerror}）。请用 --out 换一个目录。") from error


def _check(path: Path, config: Mapping[str, str]) -> None:
    if not path.exists():
        write_json(path, dict(config))
        return
    try:
        before = dict(json.loads(path.read_bytes()))
    except (ValueError, TypeError) as error:
        raise ContentError(f"{path} 不是一次测量的配置。请用 --out 换一个目录。") from error
    if differing := [told for name, told in _TOLD.items() if before.get(name) != config[name]]:
        raise UsageError(f"{path.parent} 里是另一次测量：{'、'.join(differing)}不同。请用 --out 换一个目录，或删去这个目录。")


def _read(path: Path) -> dict[str, TutorRecord]:
    found: dict[str, TutorRecord] = {}
    mend(path)
    for number, line in enumerate(whole_lines(path), 1):
        try:
            record = TutorRecord.from_json(json.loads(line))
        except (ValueError, KeyError, TypeError) as error:
            raise ContentError(
                f"{path} 第 {number} 行不是这个命令写的记录。请删去这一行后重新运行，或用 --out 换一个目录。"
            ) from error
        found.setdefault(record.id, record)
    return found
