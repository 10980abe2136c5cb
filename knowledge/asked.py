"""How students and examinations ask: questions of our own writing, each with words of the note that answers it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from errors import ContentError

__all__ = ["AskedQuestion", "asked_about", "read_asked"]

_FOLDER = Path(__file__).parent / "asked"


@dataclass(frozen=True)
class AskedQuestion:
    """A question about a point of the syllabus; `quote` stands in that point's note, where the answer is."""

    point: str
    question: str
    quote: str


@cache
def read_asked() -> tuple[AskedQuestion, ...]:
    """All questions, in the order of subjects' files and lines.

    Raises:
        ContentError: a line is no question; the message has its place.
    """
    return tuple(_question(path, number, line) for path in sorted(_FOLDER.glob("*.jsonl")) for number, line in _lines(path))


@cache
def asked_about(point: str) -> tuple[AskedQuestion, ...]:
    """The questions about one point of the syllabus."""
    return tuple(asked for asked in read_asked() if asked.point == point)


def _lines(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))


def _question(path: Path, number: int, line: str) -> AskedQuestion:
    try:
        return AskedQuestion(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise ContentError(f"{path.name} 第 {number} 行不是学生的问法（{error}）。请改正后再试。") from error
