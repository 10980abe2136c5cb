"""Checkpoints of a stage: which are whole, which is the newest, which are to go.

A kill in the middle of saving leaves half a folder, so a mark is written when all else is on the disk; what has none is
never gone on from.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

__all__ = ["MARK", "checkpoint", "complete", "half", "mark", "newest", "prune"]

MARK = "complete"
_NAME = re.compile(r"checkpoint-(\d+)")


def checkpoint(stage: Path, step: int) -> Path:
    """The folder of a step's checkpoint."""
    return stage / f"checkpoint-{step}"


def mark(folder: Path) -> None:
    """Say that a checkpoint is whole."""
    (folder / MARK).touch()


def complete(stage: Path) -> list[int]:
    """Steps of the whole checkpoints, in order."""
    return sorted(step for step, folder in _all(stage) if (folder / MARK).is_file())


def half(stage: Path) -> list[Path]:
    """Checkpoints that a kill cut short."""
    return [folder for _, folder in sorted(_all(stage)) if not (folder / MARK).is_file()]


def newest(stage: Path) -> Path | None:
    """The last whole checkpoint."""
    steps = complete(stage)
    return checkpoint(stage, steps[-1]) if steps else None


def prune(stage: Path, keep: int, best: int | None) -> None:
    """Delete all whole checkpoints but the last `keep` and the best; the mark goes first."""
    for step in complete(stage)[:-keep]:
        if step != best:
            folder = checkpoint(stage, step)
            (folder / MARK).unlink()
            shutil.rmtree(folder)


def _all(stage: Path) -> list[tuple[int, Path]]:
    if not stage.is_dir():
        return []
    found = [(_NAME.fullmatch(folder.name), folder) for folder in stage.iterdir() if folder.is_dir()]
    return [(int(name.group(1)), folder) for name, folder in found if name]
