"""Citations: the numbers in an answer, checked against the passages and resolved to words on a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.marks import find_marks, rearm
from rag.parsing.page import Box, Span
from rag.sentences import sentences
from vector_db.segmentation import segment

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["Citation", "CitedText", "as_citation", "locate", "resolve"]

_ENDS = "。，、；：！？,;:!?）)” \n"
"""What ends the sentence before, where its mark stands in front of the full stop."""


@dataclass(frozen=True)
class Citation:
    """Words that stand on a page (most of them, if they run on to the next). `boxes` are the printed lines that hold them (PDF points), empty without a layout.

    `context` is the passage around the quote. `literal` says that the answer's own words are the quote; otherwise the
    quote is the sentence nearest to them. `ocr_confidence` (0–1) is of a page that was read by OCR, None for others.
    """

    n: int
    source: str
    document: str
    page: int
    section: str
    quote: str
    context: str = ""
    boxes: tuple[Box, ...] = ()
    literal: bool = False
    ocr_confidence: float | None = None

    @property
    def bbox(self) -> Box | None:
        """The one box around all lines: left, bottom, right, top in PDF points."""
        if not self.boxes:
            return None
        lefts, bottoms, rights, tops = zip(*self.boxes, strict=True)
        return min(lefts), min(bottoms), max(rights), max(tops)

    def to_json(self) -> dict[str, Any]:
        """The citation as the command contract has it."""
        bbox = list(self.bbox) if self.bbox else None
        return {"n": self.n, "source": self.source, "page": self.page, "quote": self.quote, "bbox": bbox}


@dataclass(frozen=True)
class CitedText:
    """An answer whose marks all exist: the i-th mark in `text` belongs to `citations[marks[i]]`."""

    text: str
    citations: tuple[Citation, ...] = ()
    marks: tuple[int, ...] = ()


def resolve(answer: str, passages: Sequence[Passage]) -> CitedText:
    """Drop the marks that name no passage; give each other mark the words of its passage that it stands for.

    Passage `i` (from 0) has number i + 1.
    """
    text, claim = "", ""
    citations: list[Citation] = []
    marks: list[int] = []
    end = 0
    for start, after, n in find_marks(answer):
        between = answer[end:start]
        text, end = text + between, after
        claim = between.strip().lstrip(_ENDS) if any(c.isalnum() for c in between) else claim
        if not 1 <= n <= len(passages):
            continue
        citation = _cite(n, claim, passages[n - 1])
        if citation not in citations:
            citations.append(citation)
        marks.append(citations.index(citation))
        text += f"[{n}]"
    return CitedText(text + answer[end:], tuple(citations), tuple(marks))


def as_citation(n: int, passage: Passage) -> Citation:
    """A passage as a whole, for showing the nearest places where there is no answer."""
    return _citation(n, passage, 0, len(passage.text))


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """Bounds of `quote` in `text`, white space and the kind of brackets aside; None if it does not stand there."""
    quote, text = rearm(quote), rearm(text)
    places = [i for i, c in enumerate(text) if not c.isspace()]
    squeezed, wanted = "".join(text[i] for i in places), "".join(quote.split())
    at = squeezed.find(wanted) if wanted else -1
    return (places[at], places[at + len(wanted) - 1] + 1) if at >= 0 else None


def _cite(n: int, claim: str, passage: Passage) -> Citation:
    for said in (claim, claim.rpartition("\n\n")[2]):  # all of it, or what stands behind an introduction
        if bounds := locate(said, passage.text):
            return _citation(n, passage, *bounds, literal=True)
    return _citation(n, passage, *_nearest(claim, passage.text))


def _nearest(claim: str, text: str) -> tuple[int, int]:
    """The sentence of `text` that shares the largest part of its tokens with the claim's last sentence."""
    spoken = sentences(claim)
    wanted = set(segment(claim[slice(*spoken[-1])])) if spoken else set()

    def overlap(bounds: tuple[int, int]) -> float:
        tokens = set(segment(text[slice(*bounds)]))
        return len(tokens & wanted) / (len(tokens | wanted) or 1)

    return max(sentences(text), key=overlap, default=(0, len(text)))


def _citation(n: int, passage: Passage, start: int, end: int, literal: bool = False) -> Citation:
    """Characters [start, end) of a passage as a citation of the page on which most of them stand."""
    lines = [span for span in passage.spans if span.start < end and span.end > start]
    whole = end - start == len(passage.text)
    page = passage.page if whole or not lines else _page_of(lines, start, end)
    return Citation(
        n,
        passage.source,
        passage.document,
        page,
        passage.section,
        passage.text[start:end],
        passage.text,
        tuple(span.box for span in lines if span.page == page),
        literal,
        passage.ocr_confidence,
    )


def _page_of(lines: Sequence[Span], start: int, end: int) -> int:
    """The page that holds most of a quote, the first one of equals. (The header of a table may stand pages before its rows.)"""
    shares = Counter[int]()
    for line in lines:
        shares[line.page] += min(line.end, end) - max(line.start, start)
    return shares.most_common(1)[0][0]
