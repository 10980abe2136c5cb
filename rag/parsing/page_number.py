"""Printed page numbers: `12`, `- 12 -`, `xii`, `第 12 页，共 90 页`, `12 / 90`, alone or at an end of a running header."""

from __future__ import annotations

import re

__all__ = ["has_number_cell", "is_bare_number", "is_marked_number", "numbered", "squeeze"]

_ROMAN = r"(?=[ivxl])x{0,3}(?:l?x{0,3})(?:ix|iv|v?i{0,3})|(?=[IVXL])X{0,3}(?:L?X{0,3})(?:IX|IV|V?I{0,3})"
_NUMBER = rf"(?:[0-9]{{1,4}}|{_ROMAN})"
_DASH = r"[-–—―·•|~～]"
_CHINESE = r"[〇零一二三四五六七八九十百]{1,6}"
_MARKED = re.compile(
    rf"第\s*(?P<page>[0-9]{{1,4}}|{_CHINESE})\s*页(?:\s*[,，/／(（]?\s*共\s*[0-9]{{1,4}}\s*页\s*[)）]?)?"
    r"|第\s*(?P<slash>[0-9]{1,4})\s*[/／]\s*[0-9]{1,4}\s*页"
    r"|(?:[Pp]age|PAGE)\s*(?P<latin>[0-9]{1,4})(?:\s*(?:of|/)\s*[0-9]{1,4})?"
    r"|(?<![0-9./])(?P<of>[0-9]{1,4})\s*[/／]\s*[0-9]{1,4}\s*页?(?![0-9./])"
)
_DASHED = re.compile(rf"{_DASH}\s*{_NUMBER}\s*{_DASH}")
_HEAD = re.compile(r"^(?P<number>[0-9]{1,4})(?![0-9.．、,，)）年月章节级位])\s*[|·•]?\s*(?=\D)")
_TAIL = re.compile(r"(?<![0-9.．第])\s*[|·•]?\s*(?<![0-9.．第-])(?P<number>[0-9]{1,4})$")
_MASK = "#"


def squeeze(text: str) -> str:
    """The text without its blanks, which vary from page to page."""
    return "".join(text.split())


def is_marked_number(text: str) -> bool:
    """Whether the text is a page number that says so: `第 3 页`, `3 / 90`, `Page 3 of 90`, `- 3 -`."""
    match = _MARKED.fullmatch(text.strip())
    if match and match["of"]:  # 3 / 90 is a page of so many, 90 / 3 is a quotient
        page, count = re.findall("[0-9]+", text)[:2]
        return int(page) <= int(count)
    return bool(match or _DASHED.fullmatch(text.strip()))


def is_bare_number(text: str) -> bool:
    """Whether the text is nothing but a page number, Arabic or Roman, with or without dashes and 第…页."""
    return bool(re.fullmatch(_NUMBER, text.strip())) or is_marked_number(text)


def numbered(text: str) -> tuple[str, int]:
    """The text with the page number at one of its ends masked, and the number; the text itself and -1 without one.

    A Roman number alone counts with the Arabic ones, and is masked alike.
    """
    text = " ".join(text.split())
    if re.fullmatch(_ROMAN, text):
        return _MASK, _roman(text.lower())
    if _DASHED.fullmatch(text):
        text = text.strip("-–—―·•|~～ ")
    match = next((m for m in _MARKED.finditer(text) if not m.start() or m.end() == len(text)), None)
    if match:
        digits = next(filter(None, match.groups()))
        rest = text[: match.start()] + _MASK + text[match.end() :]
        return squeeze(rest), int(digits) if digits.isdecimal() else _chinese(digits)
    if text.isdecimal() and len(text) <= 4:
        return _MASK, int(text)
    for pattern in (_TAIL, _HEAD):
        if match := pattern.search(text):
            return squeeze(text[: match.start()] + _MASK + text[match.end() :]), int(match["number"])
    return squeeze(text), -1


def has_number_cell(text: str) -> bool:
    """Whether the page number stands in the text apart from the rest: alone, or parted by a wide gap (a tab)."""
    cells = text.split("\t")
    return is_bare_number(cells[0]) or is_bare_number(cells[-1])


def _roman(text: str) -> int:
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True))


def _chinese(text: str) -> int:
    """Value of a Chinese number below a thousand: 十二 → 12, 一百零五 → 105, 二〇 → 20."""
    digits = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0}
    if not set(text) & set("十百"):
        return int("".join(str(digits[c]) for c in text))
    total, digit = 0, 0
    for char in text:
        if char in digits:
            digit = digits[char]
        else:
            total, digit = total + max(digit, 1) * (10 if char == "十" else 100), 0
    return total + digit
