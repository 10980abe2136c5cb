"""Whether an answer is the reference answer, word for word."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["same"]

_BLANKS = re.compile(r"\s+")
_TYPOGRAPHY = re.compile(r"(?<=[^\x00-\x7f])\s|\s(?=[^\x00-\x7f])")
"""A blank beside a Chinese character says nothing: `B 树` is `B树`."""
_THOUGHT_ENDS = "</think>"


def same(one: str, other: str) -> bool:
    """Whether two answers say the same to the letter; width of characters, blanks and a thought before the answer aside."""
    return _plain(one) == _plain(other)


def _plain(text: str) -> str:
    answer = unicodedata.normalize("NFKC", text.rpartition(_THOUGHT_ENDS)[2])
    return _TYPOGRAPHY.sub("", _BLANKS.sub(" ", answer)).strip()
