"""Citation marks such as [1]: finding them in an answer, and keeping what only looks like one in a passage apart."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["checked_pieces", "disarm", "find_marks", "rearm", "unmarked"]

_BRACKETED = re.compile(r"[\[［【](\d{1,3})[\]］】]")
_CODE = re.compile(r"```.*?(?:```|\Z)|(?<!\\)`[^`\n]+`", re.DOTALL)
_LONGEST = 5  # of a mark: [999]
_INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_THINKING = ("<think>", "</think>")


def find_marks(text: str) -> list[tuple[int, int, int]]:
    """The citation marks of an answer as (start, end, number), in order; models write full-width brackets too.

    `a[1]` after a letter, digit or bracket is an index of an array, not a mark; nor is anything in code.
    """
    code = [match.span() for match in _CODE.finditer(text)]
    marks: list[tuple[int, int, int]] = []
    for match in _BRACKETED.finditer(text):
        start, end = match.span()
        before = text[start - 1] if start else ""
        index = (before.isascii() and (before.isalnum() or before in ("_", ")"))) or (
            before == "]" and not (marks and marks[-1][1] == start)
        )
        if not index and not any(a <= start < b for a, b in code):
            marks.append((start, end, int(match.group(1))))
    return marks


def unmarked(text: str) -> str:
    """An answer without its marks: in a later turn their numbers would stand for other passages."""
    for start, end, _ in reversed(find_marks(text)):
        text = text[:start] + text[end:]
    return text


def disarm(text: str) -> str:
    """A passage whose own reference numbers ([2] in a paper) can't be taken for marks: their brackets become 〔〕."""
    for start, end, _ in find_marks(text):
        text = f"{text[:start]}〔{text[start + 1 : end - 1]}〕{text[end:]}"
    return text


def rearm(text: str) -> str:
    """Brackets of either kind as one, for comparing a quote with its passage; the length stays."""
    return re.sub(r"[〔\[［【](\d{1,3})[〕\]］】]", r"[\1]", text)


def checked_pieces(pieces: Iterator[str], passages: int) -> Iterator[str]:
    """A streamed answer without control characters, without a model's thinking, and without marks of no passage.

    Empty pieces pass: they say that the model is still at work, and are the moments at which a reader can leave.
    """
    buffer, begun = "", False
    for piece in pieces:
        if not piece:
            yield ""
            continue
        buffer += _INVISIBLE.sub("", piece)
        if not begun:
            if _thinking(buffer):
                continue
            buffer = _without_thinking(buffer).lstrip()
            begun = bool(buffer)
        ready, buffer = _split(buffer)
        if ready:
            yield _known_marks(ready, passages)
    if rest := buffer if begun else _without_thinking(buffer):
        yield _known_marks(rest, passages)


def _thinking(text: str) -> bool:
    """Whether the answer opens with a thinking block that has not closed yet (or may be opening one)."""
    start = text.lstrip()[: len(_THINKING[0])]
    return bool(start) and _THINKING[0].startswith(start) and _THINKING[1] not in text


def _without_thinking(text: str) -> str:
    if not text.lstrip().startswith(_THINKING[0]):
        return text
    return text.partition(_THINKING[1])[2].lstrip() if _THINKING[1] in text else ""


def _split(text: str) -> tuple[str, str]:
    """What can be shown, and what may still become a mark."""
    at = max(text.rfind(bracket) for bracket in "[［【")
    return (text[:at], text[at:]) if at >= 0 and len(text) - at < _LONGEST else (text, "")


def _known_marks(text: str, passages: int) -> str:
    for start, end, n in reversed(find_marks(text)):
        if not 1 <= n <= passages:
            text = text[:start] + text[end:]
    return text
