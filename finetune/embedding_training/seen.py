"""Which pairs the shipped embedding was trained on the text of: its figures on them say little."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finetune.embedding_training.pairs import Pair, plain
from settings import ROOT

__all__ = ["seen_by_shipped"]

_OWN_TEXT = ("handouts", "notes")
_MARKUP = re.compile(r"[*#|•·\-]")
_WINDOW = 20
"""Characters that stand in one text by chance alone hardly ever."""


def seen_by_shipped(pairs: Sequence[Pair]) -> int:
    """How many of the pairs are of the text that comes with the project, as their own question or by what stands in the passage."""
    own = "\n".join(
        _bare(path.read_text(encoding="utf-8")) for name in _OWN_TEXT for path in (ROOT / "knowledge" / name).rglob("*.md")
    )
    return sum(bool(pair.chunk) or _middle(_bare(pair.passage)) in own for pair in pairs)


def _bare(text: str) -> str:
    return _MARKUP.sub("", plain(text))


def _middle(text: str) -> str:
    """From the middle; of a text that is shorter, something that stands nowhere."""
    start = (len(text) - _WINDOW) // 2
    return text[start : start + _WINDOW] if start >= 0 else "\0"
