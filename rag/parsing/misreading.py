"""Texts that are the same but for what OCR misread."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable

__all__ = ["Spelling", "as_digits", "is_near", "spelling_of"]

Spelling = Callable[[str], str]
"""Gives one spelling for all texts that are the same."""
_MIN_LENGTH = 4
_LONG = 8
_AS_DIGITS = str.maketrans("lI|!oOD", "1111000")


def is_near(text: str, other: str) -> bool:
    """Whether two texts differ by one character (two in long ones) that may be misread; numbers must agree."""
    if text == other:
        return True
    shorter, longer = sorted((text, other), key=len)
    allowed = 0 if len(shorter) < _MIN_LENGTH else 1 if len(shorter) < _LONG else 2
    if len(longer) - len(shorter) > allowed or re.findall("[0-9]+", text) != re.findall("[0-9]+", other):
        return False
    return _edits(shorter, longer) <= allowed


def as_digits(text: str) -> str:
    """A number as it would be if the letters that look like digits were those."""
    return text.translate(_AS_DIGITS) if len(text) <= 4 and any(char.isdigit() for char in text) else text


def spelling_of(texts: Iterable[str]) -> Spelling:
    """Gives for each of the texts, and those near them, the most frequent one that is near."""
    frequent = [text for text, _ in Counter(texts).most_common()]
    chosen: dict[str, str] = {}
    for text in frequent:
        chosen[text] = next((known for known in dict.fromkeys(chosen.values()) if is_near(known, text)), text)
    return lambda text: chosen.get(text, text)


def _edits(text: str, other: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(other) + 1))
    for i, char in enumerate(text, 1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (char != against))
    return row[-1]
