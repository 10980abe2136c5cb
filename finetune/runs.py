"""Training runs on disk, as somebody looks at them: which there are, how far each is, what it learned from, how to go on."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from errors import ContentError, UsageError
from finetune.lineage import Lineage, Made, read_lineage
from finetune.training.processes import command
from finetune.training.run_folder import RunFolder
from knowledge.locks import is_locked

__all__ = ["State", "TrainingRun", "ancestry", "curves", "find_training", "resume_command", "training_runs"]

State = Literal["running", "finished", "interrupted", "damaged"]
_DEPTH = ("*", "*/*", "*/*/*")
_FIGURES = ("loss", "eval_loss")


@dataclass(frozen=True)
class TrainingRun:
    """A folder with a run of `finetune.train` in it.

    Attributes:
        name: path below the workshop's folder; what the page calls it by.
        record: of run.json; empty if that is damaged.
        state: `running` while a process holds the folder's lock.
    """

    folder: Path
    name: str
    record: Mapping[str, Any]
    state: State

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """The lines of metrics.jsonl that can be read: a step each, and one an evaluation."""
        return _rows(self.folder / "metrics.jsonl")

    @cached_property
    def answers(self) -> list[dict[str, Any]]:
        """What the model answered at the last evaluation."""
        rows = _rows(self.folder / "samples.jsonl")
        return [row for row in rows if (row.get("stage"), row.get("step")) == (rows[-1].get("stage"), rows[-1].get("step"))]

    @property
    def card(self) -> str:
        """The card that a finished run has (Markdown); '' if there is none."""
        try:
            return (self.folder / "README.md").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    @property
    def lineage(self) -> Lineage | None:
        """Where its weights come from; None before they are published, and where that can't be read."""
        try:
            return read_lineage(RunFolder(self.folder).result(str(self.record.get("method", ""))))
        except ContentError:
            return None


def training_runs(root: Path) -> list[TrainingRun]:
    """All runs below the workshop's folder, the latest first."""
    found = [_run(root, folder) for folder in _folders(root)]
    return sorted(found, key=lambda run: (str(run.record.get("started", "")), run.name), reverse=True)


def find_training(root: Path, name: str | None) -> TrainingRun:
    """The run of this name; only one that is listed, so that no name leads out of the folder.

    Raises:
        UsageError: there is none.
    """
    for folder in _folders(root):
        if folder.relative_to(root).as_posix() == name:
            return _run(root, folder)
    raise UsageError("没有选中训练，或它的目录已被移走。请刷新列表后再选。")


def curves(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[float, float]]]:
    """(step, value) of the losses in training and evaluation, the steps counted through all stages."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in _FIGURES}
    before, last, stage = 0, 0, None
    for row in rows:
        if row["stage"] != stage:
            before, stage = before + last, row["stage"]
        last = int(row["step"])
        for name in _FIGURES:
            if isinstance(row.get(name), int | float):
                found[name].append((float(before + last), float(row[name])))
    return found


def ancestry(lineage: Lineage) -> list[tuple[str, Made]]:
    """What weights came from, the oldest first: what it was, and the folder as it was then."""
    under = [("底座", lineage.under[0]), *(("合并进底座的适配器", one) for one in lineage.under[1:])] if lineage.under else []
    base = [("合并成的底座" if under else "底座", lineage.base)]
    between = [("接着训练的适配器", one) for one in (*lineage.earlier, *lineage.contains)]
    return [*under, *base, *between, *(("训练数据", one) for one in lineage.data)]


def resume_command(run: TrainingRun) -> str:
    """The command that goes on with an unfinished run, from the configuration that the run itself has written down."""
    config = run.folder / "config.yaml"
    identity = run.record.get("identity", {})
    told = _config(config)
    start = command(
        str(told.get("parallel") or "none"),
        shlex.quote(str(config)),
        int(identity.get("processes", 1)),
        told.get("device") == "cpu",
    )
    parts = ["--resume", "--out", str(run.folder)]
    return f"{start} {shlex.join(parts)}" + (" --from-adapter 原来的适配器目录" if identity.get("parent") else "")


def _folders(root: Path) -> Iterator[Path]:
    for pattern in _DEPTH:
        for file in root.glob(f"{pattern}/run.json"):
            if (file.parent / "config.yaml").is_file():  # the run.json of another command has none beside it
                yield file.parent


def _run(root: Path, folder: Path) -> TrainingRun:
    name = folder.relative_to(root).as_posix()
    try:
        record = RunFolder(folder).read() or {}
    except (ContentError, OSError):
        return TrainingRun(folder, name, {}, "damaged")
    state: State = "finished" if record.get("state") == "finished" else "running" if _is_training(folder) else "interrupted"
    return TrainingRun(folder, name, record, state)


def _is_training(folder: Path) -> bool:
    """Whether a process is training into a folder."""
    return is_locked(folder.parent / f".{folder.name}.lock")


def _rows(file: Path) -> list[dict[str, Any]]:
    """The rows that are whole: of one that is being written, or was hurt, the others are shown all the same."""
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        return []
    return [row for line in lines if (row := _row(line)) is not None]


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(line)
        return dict(row, stage=str(row["stage"]), step=int(row["step"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _config(file: Path) -> Mapping[str, Any]:
    try:
        told = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    return told if isinstance(told, dict) else {}
