"""Whether a quote stands on the page that is cited: looked up in the original document, which is read again for it.

The text of the page comes from the parser, for a quote may run through columns or on to the next page; the words inside the
boxes come from pdfium, which knows nothing of our parser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from typing import Literal

from errors import DocumentError
from rag.citations import Citation
from rag.library import Library
from rag.marks import rearm
from rag.parsing import parse
from rag.parsing.page import Box
from settings import Settings

__all__ = ["OriginalPages", "Place", "Standing", "holds", "place_of", "plain"]

Standing = Literal["page", "runs_on", "lines", "elsewhere", "nowhere", "unread"]
"""On the page; there for the most part, and on the one before or after it; there line by line, with other lines between; on
another page; on no page of the document; not looked up: the page, or the document, can't be read (again) without OCR."""
_MARGIN = 1.5
"""Points around a box: glyphs overhang it."""
_SAME = 0.95
"""Least share of a quote's characters that stand in its boxes, in their order: a ligature or sign may come out otherwise."""


@dataclass(frozen=True)
class Place:
    """Where a quote stands: on which page, and the part of it (`plain`) that is on the cited one."""

    standing: Standing
    page: int | None
    part: str = ""


class OriginalPages:
    """The pages of a library's documents, read from the stored originals; each document once."""

    def __init__(self, library: Library, settings: Settings) -> None:
        self._library = library
        self._settings = settings
        self._texts = cache(self._read)

    def place(self, citation: Citation) -> Place:
        """Where the citation's quote stands."""
        return place_of(citation.quote, citation.page, self._texts(self._original(citation)))

    def boxed(self, citation: Citation, place: Place) -> bool | None:
        """Whether the citation's boxes hold the part of the quote that is on its page; None where there is nothing to compare."""
        original = self._original(citation)
        if not citation.boxes or original.suffix != ".pdf" or not place.part:
            return None
        inside = plain("".join(_inside(original, citation.page, citation.boxes)))
        return holds(inside, place.part) if inside else None

    def _original(self, citation: Citation) -> Path:
        return self._library.original(citation.document, Path(citation.source).suffix)

    def _read(self, original: Path) -> dict[int, str]:
        """The text of each page; nothing of an original that is not there any more, or can't be read."""
        try:
            return {page.number: plain("\n".join(b.text for b in page.blocks)) for page in parse(original, self._settings)}
        except (DocumentError, OSError):
            return {}


def place_of(quote: str, page: int, texts: Mapping[int, str]) -> Place:
    """Where a quote stands that is cited to a page.

    Args:
        texts: of each page, `plain`, by its number; '' for one that could not be read; none of a document that could not.
    """
    if not texts or texts.get(page) == "":
        return Place("unread", None)
    wanted = plain(quote)
    if found := _around(wanted, page, texts):
        return found
    lines = [line for line in map(plain, quote.splitlines()) if line]
    near = {n: texts.get(n, "") for n in (page, page - 1, page + 1)}
    if len(lines) > 1 and all(any(line in text for text in near.values()) for line in lines):
        here = [line for line in lines if line in near[page]]
        if 2 * sum(map(len, here)) >= len(wanted):
            return Place("lines", page, "".join(here))
    other = next((n for n in texts if n != page and _around(wanted, n, texts)), None)
    return Place("nowhere" if other is None else "elsewhere", other)


def plain(text: str) -> str:
    """A text without white space, invisible characters, and differences of width and of the brackets of marks."""
    kept = (c for c in unicodedata.normalize("NFKC", text) if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"))
    return rearm("".join(kept))


def holds(inside: str, part: str) -> bool:
    """Whether the words in some boxes hold a quote, but for a character here and there; both `plain`."""
    if part in inside:
        return True
    matched = sum(m.size for m in SequenceMatcher(None, part, inside, autojunk=False).get_matching_blocks())
    return matched >= _SAME * len(part)


def _around(wanted: str, page: int, texts: Mapping[int, str]) -> Place | None:
    """The quote on its page, or for the larger part there and on the page before or after it."""
    own = texts.get(page, "")
    if wanted and wanted in own:
        return Place("page", page, wanted)
    before, after = texts.get(page - 1, ""), texts.get(page + 1, "")
    whole, begin, end = before + own + after, len(before), len(before) + len(own)
    at = whole.find(wanted) if wanted else -1
    while at >= 0:
        part = whole[max(at, begin) : min(at + len(wanted), end)] if at < end and at + len(wanted) > begin else ""
        if 2 * len(part) >= len(wanted):
            return Place("runs_on", page, part)
        at = whole.find(wanted, at + 1)
    return None


def _inside(original: Path, page: int, boxes: tuple[Box, ...]) -> list[str]:
    import pypdfium2

    pdf = pypdfium2.PdfDocument(original)
    try:
        text = pdf[page - 1].get_textpage()
        return [text.get_text_bounded(x0 - _MARGIN, y0 - _MARGIN, x1 + _MARGIN, y1 + _MARGIN) for x0, y0, x1, y1 in boxes]
    finally:
        pdf.close()
