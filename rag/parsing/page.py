"""What every parser returns: pages of blocks, each with its text as it stands in the document and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

__all__ = [
    "Block",
    "BlockKind",
    "Box",
    "Page",
    "SOFT_HYPHEN",
    "Span",
    "join_blocks",
    "join_lines",
    "slice_block",
    "without_hyphen",
]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in PDF points; the origin is the page's lower left corner (PDF user space)."""

SOFT_HYPHEN = "\u00ad"
"""Ends a line whose last word goes on in the next."""


class Span(NamedTuple):
    """One line of print: characters [start, end) of a text, the box that they fill, and the page that it is on.

    `page` is the physical number from 1; 0 in a block of a `Page` stands for the page's own.
    """

    start: int
    end: int
    box: Box
    page: int = 0


BlockKind = Literal["title", "text", "item", "table", "code"]


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item, table or code listing.

    `level` (1 is the highest) and `anchor` (the id in a Markdown heading `## 名称 {#os.3.9}`) are of a title only.
    """

    kind: BlockKind
    text: str
    level: int = 0
    spans: tuple[Span, ...] = ()
    anchor: str = ""


@dataclass(frozen=True)
class Page:
    """One page. `number` is physical, from 1; documents without pages are one page; `unread` says why it was not read.

    `confidence` (0–1) is OCR's mean over the page's characters; None where the file itself holds the text.
    """

    number: int
    blocks: tuple[Block, ...] = field(default=())
    unread: str = ""
    confidence: float | None = None
    pictures: int = 0
    """Pictures on the page that were not read."""


def join_lines(lines: Sequence[tuple[str, Box]], separator: str | None = None) -> tuple[str, tuple[Span, ...]]:
    """Join printed lines to one text: nothing between Chinese characters, a space between Latin words.

    Returns the text and one span per line. With `separator` that string stands between all lines (tables, code).
    A soft hyphen at the end stays: the word may go on in another column or on the next page.
    """
    text, spans = "", list[Span]()
    for line, box in lines:
        if text.endswith(SOFT_HYPHEN):
            text = text[:-1]
            spans[-1] = spans[-1]._replace(end=len(text))
        elif text:
            text += separator if separator is not None else _gap(text[-1], line[:1])
        spans.append(Span(len(text), len(text) + len(line), box))
        text += line
    return text, tuple(spans)


def join_blocks(one: Block, two: Block, separator: str | None = None) -> Block:
    """The block that two parts of it make, by the rules of `join_lines`."""
    one = without_hyphen(one) if (broken := one.text.endswith(SOFT_HYPHEN)) else one
    text = one.text + ("" if broken else separator if separator is not None else _gap(one.text[-1:], two.text[:1]))
    size = len(text)
    shifted = tuple(Span(start + size, end + size, box, page) for start, end, box, page in two.spans)
    return Block(one.kind, text + two.text, one.level, one.spans + shifted, one.anchor)


def slice_block(block: Block, start: int, end: int) -> Block:
    """Characters [start, end) of a block, with the lines of print that they stand on."""
    inside = (s for s in block.spans if s.start < end and s.end > start)
    spans = tuple(Span(max(first, start) - start, min(last, end) - start, box, page) for first, last, box, page in inside)
    return Block(block.kind, block.text[start:end], block.level, spans, block.anchor)


def without_hyphen(block: Block) -> Block:
    """A block without the mark at its end that its last word was to go on."""
    return slice_block(block, 0, len(block.text.rstrip(SOFT_HYPHEN)))


def _gap(before: str, after: str) -> str:
    return " " if before.isascii() and after.isascii() and not before.isspace() and before != "-" else ""
