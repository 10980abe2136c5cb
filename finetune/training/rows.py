"""Files of a run of one JSON object a line: written at once, and cut back to a checkpoint when a run goes on from there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

__all__ = ["append_row", "cut_back", "read_rows", "replace_text"]


def append_row(file: Path, row: Mapping[str, Any]) -> None:
    """Write one line, so that a kill loses at most half of it."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(row, ensure_ascii=False) + "\n")


def read_rows(file: Path) -> list[dict[str, Any]]:
    """The rows of a file, without what a kill left of the last one; none if there is no file."""
    lines = file.read_bytes().split(b"\n")[:-1] if file.exists() else []
    return [json.loads(line) for line in lines]


def cut_back(file: Path, done: Iterable[str], stage: str, step: int) -> None:
    """Keep the rows of the stages that are done, and of `stage` those through `step`."""
    finished = set(done)
    kept = [row for row in read_rows(file) if row["stage"] in finished or (row["stage"] == stage and row["step"] <= step)]
    replace_text(file, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in kept))


def replace_text(file: Path, text: str) -> None:
    """Replace a file, whole or not at all."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
