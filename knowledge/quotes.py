"""Finding quoted words in a text that another reader made of the same document."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["squeezed"]

_MARKS = re.compile(r"[*`_$\\|#>~-]")


def squeezed(text: str) -> str:
    """A text without white space, Markdown's marks and differences of width, for finding words in it."""
    return "".join(_MARKS.sub("", unicodedata.normalize("NFKC", text)).split()).lower()
