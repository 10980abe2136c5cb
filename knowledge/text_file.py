"""Reading a text file, whatever Chinese encoding it has."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from errors import DamagedDocumentError, EmptyDocumentError

__all__ = ["INVISIBLE", "read_text"]

_GUESSED = ("gb18030", "big5hkscs", "utf-16-le", "utf-16-be")
"""In text of one of them the others find hardly any common character."""
_COMMON = frozenset(
    "的一是不了在人有我这个们中来上大为和国地到以说时要就出会可也对生能而子得于下自之年过发后作用道行所家种事成方多经去法学如都同"
    "现当没动面起定分还进好小部其些主样理本前开但因只从实这個們來為國說時會對過發後種經學現當沒動還進樣開從實與"
    "第章节節数數据據程序系统統算，。、：；！？（）“”《》"
)
_SURE, _LIKELY = 0.15, 0.05
INVISIBLE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters and what shows nothing or changes the direction: text can be hidden in them, and words torn."""


def read_text(path: Path) -> str:
    """Text of a file in UTF-8, GB18030 (GBK, GB2312), Big5 or UTF-16.

    Raises:
        DamagedDocumentError: it is in none of these, or is not text.
        EmptyDocumentError: nothing but white space.
    """
    text = _decoded(path.read_bytes())
    if text is None:
        raise DamagedDocumentError("文件不是文本，或编码无法识别。请另存为 UTF-8 或 GB18030 编码的文本后再试。")
    text = INVISIBLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise EmptyDocumentError("文件里没有文字。请检查是否选对了文件。")
    return text


def _decoded(data: bytes) -> str | None:
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _strict(data, "utf-16")
    text = _strict(data, "utf-8-sig")
    return text if text is not None else _guessed(data)


def _guessed(data: bytes) -> str | None:
    """The decoding with the largest share of common characters; GB18030 also where there is none (names, single words)."""
    best, most = None, _LIKELY
    for encoding in _GUESSED:
        text = _strict(data, encoding)
        if text is None:
            continue
        share = _share(text)
        if share >= _SURE:
            return text
        if share > most or (best is None and encoding == "gb18030"):
            best, most = text, max(share, most)
    return best


def _strict(data: bytes, encoding: str) -> str | None:
    """The text; None if it is not in this encoding."""
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _share(text: str) -> float:
    """The share of common ones among the first characters that are not ASCII; with none of them 1 if it is text at all."""
    foreign = [c for c in text[:20_000] if not c.isascii()]
    return sum(c in _COMMON for c in foreign) / len(foreign) if foreign else 1.0
