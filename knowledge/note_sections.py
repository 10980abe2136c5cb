"""The notes, section by section, with the questions that students asked about each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.asked import asked_about
from knowledge.quotes import squeezed

__all__ = ["NoteSection", "note_sections"]

_NOTES = Path(__file__).parent / "notes"
_POINT = re.compile(r"\s*\{#([\w.]+)\}")


@dataclass(frozen=True)
class NoteSection:
    """The text under one heading of a note. `title` is the note's own heading; `asked` are questions that the text answers."""

    point: str
    title: str
    heading: str
    text: str
    asked: tuple[str, ...]


@cache
def note_sections() -> tuple[NoteSection, ...]:
    """All sections with text, in the order of files and lines.

    Raises:
        ContentError: a file of questions holds a line that is none.
    """
    return tuple(section for path in sorted(_NOTES.rglob("*.md")) for section in _sections(path.read_text(encoding="utf-8")))


def _sections(markdown: str) -> Iterator[NoteSection]:
    point = title = ""
    for part in re.split(r"^#+ ", markdown, flags=re.MULTILINE)[1:]:
        first, _, text = part.partition("\n")
        heading = _POINT.sub("", first).strip()
        if found := _POINT.search(first):
            point, title = found[1], heading
        if text.strip():
            plain = squeezed(text)
            asked = tuple(a.question for a in asked_about(point) if squeezed(a.quote) in plain)
            yield NoteSection(point, title, heading, text.strip(), asked)
