"""Whether a page's text layer can be trusted, or its image must be read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from rag.parsing.layout import Line

__all__ = ["holds_little", "is_chinese", "is_garbled", "is_image_page"]

_MIN_CHARS = 5
"""A page with fewer printable characters has no text layer: a lone page number is none."""
_FEW_CHARS = 60
"""So few characters on a page that an image covers are a stamp or a watermark, not its text."""
_COVERED = 0.5
_GARBLED = 0.08
_CHINESE = 0.2
_MIN_CHINESE = 20
_CID = re.compile(r"\(cid:\d+\)")
_CJK = re.compile(r"[\u3400-\u9fff]")


def is_image_page(lines: Sequence[Line], covered: float) -> bool:
    """Whether the text layer holds (nearly) nothing; `covered` is the share of the page that images cover (0–1)."""
    printable = _printable(lines)
    return printable < _MIN_CHARS or (covered >= _COVERED and printable < _FEW_CHARS)


def holds_little(lines: Sequence[Line]) -> bool:
    """Whether the lines are so few that it matters how much of the page images cover."""
    return _printable(lines) < _FEW_CHARS


def _printable(lines: Sequence[Line]) -> int:
    return sum(len(line.text.replace(" ", "")) for line in lines)


def is_chinese(text: str) -> bool:
    """Whether Chinese characters abound in the text of a page."""
    printed = "".join(text.split())
    return len(_CJK.findall(printed)) > max(_MIN_CHINESE, _CHINESE * len(printed))


def is_garbled(text: str, chinese: bool) -> bool:
    """Whether a text layer is not what the page shows: glyphs without a mapping to characters, or with a wrong one.

    Args:
        chinese: whether the document's other pages are in Chinese. Then a page of mere ASCII, in which few words look like
            words, comes from a subset font whose codes were taken for ASCII.
    """
    printed = "".join(text.split())
    if not printed:
        return False
    strange = sum(printed.count(char) for char in set(printed) if _is_strange(char)) + 6 * len(_CID.findall(text))
    if strange > _GARBLED * len(printed):
        return True
    return chinese and len(printed) >= 80 and not _CJK.search(text) and _wordless(text)


@lru_cache(maxsize=4096)
def _is_strange(char: str) -> bool:
    """Replacement, private-use, unassigned and control characters."""
    return char == "\ufffd" or unicodedata.category(char) in ("Co", "Cn", "Cc", "Cs")


def _wordless(text: str) -> bool:
    """Whether less than half of the letters stand in words with a vowel, and punctuation abounds."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    letters = sum(map(len, words))
    voiced = sum(len(word) for word in words if re.search("[aeiouyAEIOUY]", word) and not re.search("[^aeiouy]{6}", word.lower()))
    symbols = sum(not c.isalnum() and not c.isspace() for c in text)
    return voiced < 0.5 * letters or symbols > 0.5 * len(text.replace(" ", ""))
