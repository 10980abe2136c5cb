"""Text of others made fit for a terminal and a file."""

from __future__ import annotations

import unicodedata

__all__ = ["printable"]


def printable(text: str, kept: str = "\n\t") -> str:
    """The text without control characters, invisible marks (of direction, say) and halves of surrogate pairs.

    Args:
        kept: those that stay nevertheless.
    """
    return "".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
