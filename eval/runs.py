"""Runs of the exam on disk, as somebody looks at them who does not hold them: which there are, how far each is, what came of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from errors import ContentError, TutorError, UsageError
from eval.exams.records import RECORDS
from eval.exams.run_folder import CONFIG, QUESTIONS, read_config, read_questions
from eval.exams.samples import samples_of
from eval.exams.summary import ALL, condition_name
from eval.metrics import Proportion
from eval.reporting.report import REPORT
from eval.reporting.summary_file import RUN_AGAIN, read_summary
from knowledge.locks import is_locked

__all__ = ["LAUNCH", "ExamRun", "Tally", "exam_runs", "find_run", "held", "total_of"]

LAUNCH = ".launch.json"
"""What the page writes into the folder of a run that it has started; hidden, so that the folder counts as empty."""
_DEPTH = ("*", "*/*")


@dataclass(frozen=True)
class ExamRun:
    """A folder with a run in it.

    Attributes:
        name: path below the evaluator's folder; what the page calls it by.
        config: of config.json; empty before the run has begun to ask.
        summary: of summary.json; None as long as there is none, or none that can be read.
        fault: why a file of it can't be read.
    """

    folder: Path
    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] | None = None
    fault: str = ""

    @property
    def model(self) -> str:
        """What answered."""
        return str(self.config.get("model", ""))

    @property
    def is_baseline(self) -> bool:
        """Whether it measured retrieval, without any model: never to be shown as a model's score."""
        return bool(self.config.get("baseline"))

    @property
    def source(self) -> str:
        """Which questions."""
        return str(self.config.get("source", ""))

    @property
    def created(self) -> str:
        """When it began, as it is written (ISO 8601); '' if that is not known."""
        return str(self.config.get("created", ""))

    @property
    def is_finished(self) -> bool:
        """Whether every asking has its answer, and the figures are those of all."""
        return bool(self.summary and self.summary["run"]["pending"] == 0)

    @property
    def report(self) -> Path | None:
        """The report, if there is one."""
        path = self.folder / REPORT
        return path if path.is_file() else None


def exam_runs(root: Path) -> list[ExamRun]:
    """All runs below the evaluator's folder, the latest first."""
    found = [_run(root, folder) for folder in _folders(root)]
    return sorted(found, key=lambda run: (_moment(run), run.name), reverse=True)


def find_run(root: Path, name: str | None) -> ExamRun:
    """The run of this name; only one that is listed, so that no name leads out of the folder.

    Raises:
        UsageError: there is none.
    """
    for folder in _folders(root):
        if _name(root, folder) == name:
            return _run(root, folder)
    raise UsageError("没有选中评测，或它的目录已被移走。请刷新列表后再选。")


def held(folder: Path) -> bool:
    """Whether a process is writing into a run's folder."""
    return is_locked(folder / ".lock")


def total_of(folder: Path) -> int:
    """How many askings the run in a folder consists of; 0 as long as that is not known."""
    try:
        config, questions = read_config(folder), read_questions(folder)
        rotations = config.get("rotations", [0])
        return sum(1 for _ in samples_of([*questions.values()], config["modes"], config["rag"], rotations))
    except (TutorError, OSError, KeyError, TypeError):
        return 0


class Tally:
    """Counts a run's records while they are being written; each look reads only what is new.

    Attributes:
        counts: right and all, by what the table calls a way of asking.
        rotated: whether options were moved: then one question gives several records, which are not independent.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORDS
        self._file: tuple[int, int] = (0, 0)  # which file, and how far it was read
        self.counts: dict[str, tuple[int, int]] = {}
        self.rotated = False

    @property
    def done(self) -> int:
        """How many records there are."""
        return sum(n for _, n in self.counts.values())

    def look(self) -> None:
        """Count what has come since the last look; all of it where the file was replaced."""
        try:
            with self._path.open("rb") as file:
                self._count(file)
        except OSError:
            self._forget(0)

    def shares(self) -> dict[str, Proportion | None]:
        """Accuracy of each way of asking; None where its interval would be a false one."""
        return {name: None if self.rotated else Proportion(right, n) for name, (right, n) in self.counts.items()}

    def _count(self, file: Any) -> None:
        about = os.fstat(file.fileno())
        if about.st_ino != self._file[0] or about.st_size < self._file[1]:
            self._forget(about.st_ino)
        file.seek(self._file[1])
        for line in file:
            if not line.endswith(b"\n"):
                break  # being written
            self._file = self._file[0], self._file[1] + len(line)
            self._add(line)

    def _forget(self, inode: int) -> None:
        self._file, self.counts, self.rotated = (inode, 0), {}, False

    def _add(self, line: bytes) -> None:
        try:
            row = json.loads(line)
            name = condition_name(row["mode"], row["rag"])
            right, n = self.counts.get(name, (0, 0))
            self.counts[name] = right + bool(row["correct"]), n + 1
            self.rotated = self.rotated or bool(row["rotation"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return  # the evaluator itself will say which line is damaged


def _folders(root: Path) -> Iterator[Path]:
    for pattern in _DEPTH:
        for folder in root.glob(pattern):
            if (folder / LAUNCH).is_file() or all((folder / name).is_file() for name in (CONFIG, QUESTIONS)):
                yield folder


def _name(root: Path, folder: Path) -> str:
    return folder.relative_to(root).as_posix()


def _run(root: Path, folder: Path) -> ExamRun:
    config: dict[str, Any] = {}
    summary: dict[str, Any] | None = None
    fault = ""
    try:
        config = read_config(folder) if (folder / CONFIG).exists() else {}
        summary = _figures(folder / "summary.json") if (folder / "summary.json").exists() else None
    except (UsageError, ContentError) as error:
        fault = str(error)
    return ExamRun(folder, _name(root, folder), config, summary, fault)


def _figures(file: Path) -> dict[str, Any]:
    """The summary of a run, if all figures that a list of runs shows are figures: one damaged run must not hide the others.

    Raises:
        ContentError: the file is damaged.
        UsageError: it can't be read.
    """
    summary = read_summary(file)
    try:
        whole = all(map(_is_whole, summary["conditions"])) and isinstance(summary["run"]["pending"], int)
    except (KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise ContentError(f"{file} 里的数字读不出来，可能已经损坏。{RUN_AGAIN}")
    return summary


def _is_whole(way: Mapping[str, Any]) -> bool:
    """Whether a way of asking has its name and its figures."""
    rows = [way["table"][ALL], *way["table"].values()]
    named = bool(condition_name(way["mode"], way["rag"])) and isinstance(way["name"], str)
    return named and all(_is_row(row) for row in rows)


def _is_row(row: Mapping[str, Any]) -> bool:
    ends = (row["low"], row["high"])
    numbers = isinstance(row["n"], int) and isinstance(row["accuracy"], int | float)
    return numbers and all(end is None or isinstance(end, int | float) for end in ends)


def _moment(run: ExamRun) -> float:
    """When a run was begun, for the order: the folder's first file is as old as that."""
    for name in (CONFIG, LAUNCH):
        try:
            return (run.folder / name).stat().st_mtime
        except OSError:
            continue
    return 0.0
