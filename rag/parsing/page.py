"""What every parser returns: pages of blocks, each with its text as it stands in the document and where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Block", "BlockKind", "Box", "Page", "SOFT_HYPHEN", "Span", "join_lines"]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in PDF points; the origin is the page's lower left corner (PDF user space)."""

SOFT_HYPHEN = "\u00ad"
"""Ends a line whose last word goes on in the next."""

Span = tuple[int, int, Box]
"""Characters [start, end) of a text and the box that they fill: one line of print."""

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


def join_lines(lines: Sequence[tuple[str, Box]], separator: str | None = None) -> tuple[str, tuple[Span, ...]]:
    """Join printed lines to one text: nothing between Chinese characters, a space between Latin words.

    Returns the text and one span per line. With `separator` that string stands between all lines (tables, code).
    """
    text, spans = "", list[Span]()
    for line, box in lines:
        if text.endswith(SOFT_HYPHEN):
            text = text[:-1]
            spans[-1] = (spans[-1][0], len(text), spans[-1][2])
        elif text:
            text += separator if separator is not None else _gap(text[-1], line[:1])
        spans.append((len(text), len(text) + len(line), box))
        text += line
    return text.rstrip(SOFT_HYPHEN), tuple(spans)


def _gap(before: str, after: str) -> str:
    return " " if before.isascii() and after.isascii() and not before.isspace() and before != "-" else ""
