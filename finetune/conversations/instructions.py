"""A question given as instruction and input: `instruction`, a line break, `input`; and the two apart again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from finetune.conversations.values import blank, text

__all__ = ["SPLIT", "parts", "question"]

SPLIT = "split"
"""Characters of the instruction, in a note; 0 if all of the question is input."""


def question(entry: Mapping[str, Any], place: str) -> tuple[str, dict[str, int]]:
    """The question, and where it is to be parted; an entry without input is not parted.

    Raises:
        ContentError: one of the two is not text.
    """
    instruction = "" if entry.get("instruction") is None else text(entry["instruction"], "instruction", place)
    if blank(entry.get("input")):
        return instruction, {}
    given = text(entry["input"], "input", place)
    if not instruction.strip():
        return given, {SPLIT: 0}
    return f"{instruction}\n{given}", {SPLIT: len(instruction)}


def parts(asked: str, note: Mapping[str, Any]) -> dict[str, str]:
    """`instruction` and `input` of a question, those that say something; the question itself where the note does not fit."""
    at = note.get(SPLIT)
    if at == 0 and not isinstance(at, bool):
        return {"input": asked}
    if isinstance(at, int) and not isinstance(at, bool) and 0 < at < len(asked) and asked[at] == "\n":
        return {"instruction": asked[:at], "input": asked[at + 1 :]}
    return {"instruction": asked}
