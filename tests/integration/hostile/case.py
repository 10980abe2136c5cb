"""A hostile or broken file, and what must become of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["WORDS", "Case"]

WORDS = "semaphore"
"""Stands in every file that must be readable."""


@dataclass(frozen=True)
class Case:
    """A file and its fate.

    `name`: the file's name (bytes where it is no UTF-8). `build`: its bytes. `place`: what puts something else at the path.
    `reason`: part of the message that refuses it; '' if it must be read. `unread`: the reason for which its second page is
    not. `words`: what is found in it. `hangs`: its reader comes to no end by itself.
    """

    name: str | bytes
    build: Callable[[], bytes] = bytes
    reason: str = ""
    unread: str = ""
    words: str = WORDS
    place: Callable[[Path], None] | None = None
    hangs: bool = False

    def path(self, folder: Path) -> Path:
        """Where it stands in a folder."""
        name = self.name if isinstance(self.name, bytes) else os.fsencode(self.name)
        return Path(os.fsdecode(os.fsencode(folder) + b"/" + name))

    def put(self, folder: Path) -> Path:
        """Build it in a folder."""
        path = self.path(folder)
        if self.place:
            self.place(path)
        else:
            path.write_bytes(self.build())
        return path
