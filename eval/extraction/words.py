"""An answer in an option's own words instead of its letter: equal words, never a part of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from knowledge.questions import LETTERS

__all__ = ["is_own_option", "option_in_words"]

_NOISE = re.compile(r"[\s\"'“”‘’「」『』《》【】,;:。、!?\\{}$«»]+")
_SPARE = 24
"""Characters beyond an option's length that signs and blanks may take."""


def option_in_words(words: str, options: Sequence[str]) -> str:
    """The letter of the one option that has these words; '' if none has, or several have. A lone letter names an option."""
    told = _words(words)
    if told in tuple(LETTERS.lower()):
        return ""
    same = [letter for letter, option in zip(LETTERS, options, strict=False) if told and _words(option) == told]
    return same[0] if len(same) == 1 else ""


def _words(text: str) -> str:
    """Words to compare: no blanks, quotation marks and closing signs; signs of arithmetic stay, or 1/2 would be 12."""
    return _NOISE.sub("", unicodedata.normalize("NFKC", text).lower()).rstrip(".)]")


def is_own_option(text: str, end: int, letter: str, options: Sequence[str]) -> bool:
    """Whether the option's words follow its letter."""
    if len(options) != len(LETTERS) or letter not in LETTERS or not (own := _words(options[LETTERS.index(letter)])):
        return False
    return _words(text[end : end + 2 * len(own) + _SPARE]).lstrip(".)").startswith(own)
