"""Answers kept for other runs: a system is not asked again because another judge, or the same in another folder, reads its answers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path

from errors import UsageError
from eval.exams.run_folder import write_json
from eval.judging.folder import Answered

__all__ = ["KeptAnswers"]


class KeptAnswers:
    """A folder of answers, each a file named after the hash of all that it depends on (`Answered.config`).

    Each file is written whole under another name first: a killed process leaves no half, and several may work at once.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        """Nothing is read or made yet.

        Args:
            fresh: pass over what is there; it is replaced as new answers come.
        """
        self._folder = folder
        self._fresh = fresh

    def get(self, config: str, system: str) -> Answered | None:
        """The answer, under the name that this run gives the system; None if there is none that can be read."""
        if self._fresh:
            return None
        try:
            row = json.loads(self._path(config).read_bytes())
            return replace(Answered(**row | {"replies": tuple(row["replies"])}), system=system)
        except (OSError, ValueError, TypeError, KeyError):
            return None  # asked again, and written again

    def since(self, config: str) -> date:
        """The day on which the answer was written.

        Raises:
            OSError: there is none.
        """
        return datetime.fromtimestamp(self._path(config).stat().st_mtime, UTC).astimezone().date()

    def add(self, answer: Answered) -> None:
        """Keep it.

        Raises:
            UsageError: the folder can't be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_json(self._path(answer.config), asdict(answer))
        except OSError as error:
            raise UsageError(
                f"写不了 {self._folder}（{error.strerror}）。请检查磁盘空间与权限，再用同样的命令接着做。"
            ) from error

    def _path(self, config: str) -> Path:
        return self._folder / f"{config}.json"
