"""Options that a reply ticks in a list or a table instead of naming one."""

from __future__ import annotations

import re

from eval.extraction.text import LONGEST
from knowledge.questions import LETTERS

__all__ = ["ticked"]

_BOX = re.compile(
    r"(?m:^)[\s\-*+•]{0,4}(?:\[ ?(?P<tick>[xX✓✔√v]?) ?\]|(?P<on>[☑☒🗹])|[☐□])\ufe0f?[\s*(]{0,3}(?:选项 ?)?(?P<letter>[A-D])(?![A-Za-z0-9+/])"
)
_ROW = re.compile(
    r"(?m:^)(?P<head>[\s\-*+•|(\[✅✔✓❌✘✖✗\ufe0f]{0,8})(?:选项 ?)?(?P<letter>[A-D])(?![A-Za-z0-9+/])(?P<words>[^\n]{0,300})(?m:$)"
)
_GOOD, _BAD = re.compile(r"[✅✔☑✓]|(?:^|[|:] ?)√ ?(?:\||$)"), re.compile(r"[❌✘✖✗]|(?:^|[|:] ?)[×xX] ?(?:\||$)")


def ticked(reply: str) -> str:
    """The letter of the one box that is ticked, or of the one row with a tick where three have a cross; else ''."""
    text = reply[-LONGEST:]
    boxes = {found["letter"] for found in _BOX.finditer(text) if found["tick"] or found["on"]}
    if boxes:
        return boxes.pop() if len(boxes) == 1 else ""
    good, bad = set[str](), set[str]()
    for row in _ROW.finditer(text):
        for sign, letters in ((_GOOD, good), (_BAD, bad)):
            if sign.search(row["head"] + row["words"]):
                letters.add(row["letter"])
    return next(iter(good)) if len(good) == 1 and len(bad - good) == len(LETTERS) - 1 else ""
