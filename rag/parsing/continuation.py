"""What was parted by the end of a page or a column is one block again: paragraphs, list items, listings and tables.

Only printed blocks are joined, whose lines tell the page of every word. A page that is empty or was not read parts for good.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rag.parsing.page import SOFT_HYPHEN, Block, Page, Span, join_blocks, slice_block, without_hyphen

__all__ = ["continued"]

_LONGEST = 20_000
"""Characters at which a block is taken as it is, so that a table over a whole book is never held as one."""
_SENTENCE_END = "。！？!?：:"
_CLOSING = "”’」』）)]】 "
_OPENING = re.compile(r"(图|表)\s*\d|(例|解|答|注|问|提示|说明|定义|定理|证明)[^，。：:]{0,8}[：:]")
"""A caption, or the label of a new paragraph."""
_RIGHT, _LEFT = 2.5, 0.8
"""How far from the right edge a full line may end, and from the margin a line may begin, in heights of a line."""


def continued(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield the pages with their spans numbered and each block whole, on the page where it begins.

    Holds one page. A page whose only block went to the page before is left out.
    """
    held: Page | None = None
    for page in pages:
        page = _joined_columns(_numbered(page))
        if held and held.blocks and page.blocks and _same_source(held, page) and (block := _over_pages(held, page)):
            held = replace(held, blocks=(*held.blocks[:-1], block))
            page = replace(page, blocks=page.blocks[1:])
            if not page.blocks:
                continue
        if held:
            yield _clean(held)
        held = page
    if held:
        yield _clean(held)


def _numbered(page: Page) -> Page:
    number = page.number
    spans = [tuple(Span(start, end, box, own or number) for start, end, box, own in block.spans) for block in page.blocks]
    blocks = (Block(b.kind, b.text, b.level, own, b.anchor) for b, own in zip(page.blocks, spans, strict=True))
    return replace(page, blocks=tuple(blocks))


def _clean(page: Page) -> Page:
    return replace(page, blocks=tuple(without_hyphen(b) if b.text.endswith(SOFT_HYPHEN) else b for b in page.blocks))


def _same_source(one: Page, two: Page) -> bool:
    """Whether both were printed text or both images: OCR's confidence is told of a whole chunk."""
    return (one.confidence is None) == (two.confidence is None)


def _over_pages(held: Page, page: Page) -> Block | None:
    """The last block of a page with the first one of the next page, if they are one."""
    one, two = held.blocks[-1], page.blocks[0]
    if not one.spans or not two.spans or two.spans[0].page - one.spans[-1].page != 1:
        return None
    return _join(one, two, _beside(one.spans[-1], _lines(held)), _beside(two.spans[0], _lines(page)))


def _joined_columns(page: Page) -> Page:
    """A page on which a block that goes on at the head of the next column is one."""
    blocks: list[Block] = []
    for two in page.blocks:
        one = blocks[-1] if blocks else None
        if one and one.spans and two.spans and _next_column(one.spans[-1], two.spans[0]):
            before = [s for s in _lines(page) if s.box[2] <= two.spans[0].box[0]]
            after = [s for s in _lines(page) if s.box[0] >= one.spans[-1].box[2]]
            if whole := _join(one, two, before, after):
                blocks[-1] = whole
                continue
        blocks.append(two)
    return replace(page, blocks=tuple(blocks))


def _next_column(last: Span, first: Span) -> bool:
    return first.box[1] > last.box[3] and first.box[0] >= last.box[2] and first.page == last.page


def _lines(page: Page) -> list[Span]:
    return [span for block in page.blocks for span in block.spans]


def _beside(line: Span, lines: Sequence[Span]) -> list[Span]:
    """The lines of the same page that stand above or below a line: its column."""
    return [s for s in lines if s.page == line.page and s.box[0] < line.box[2] and s.box[2] > line.box[0]]


def _join(one: Block, two: Block, before: Sequence[Span], after: Sequence[Span]) -> Block | None:
    """Both as one block; None if they are two.

    Args:
        before: the lines of the column in which `one` ends.
        after: the lines of the column in which `two` begins.
    """
    if len(one.text) > _LONGEST:
        return None
    if one.kind == two.kind == "code":
        return join_blocks(one, two, "\n")
    if one.kind == two.kind == "table":
        return join_blocks(one, _without_header(one, two), "\n") if _same_columns(one, two) else None
    runs_on = one.kind in ("text", "item") and two.kind == "text" and _unfinished(one, before) and _runs_on(one, two, after)
    return join_blocks(one, two) if runs_on else None


def _unfinished(block: Block, column: Sequence[Span]) -> bool:
    """Whether a block ends with a full line and in the middle of a sentence."""
    if block.text.endswith(SOFT_HYPHEN):
        return True
    last = block.spans[-1].box
    full = last[2] >= max(s.box[2] for s in column) - _RIGHT * (last[3] - last[1])
    return full and block.text.rstrip(_CLOSING)[-1:] not in _SENTENCE_END


def _runs_on(one: Block, two: Block, column: Sequence[Span]) -> bool:
    """Whether a block reads as the rest of another: neither indented nor opening something new."""
    first, last = two.spans[0].box, one.spans[-1].box
    lefts = [s.box[0] for s in two.spans[1:2]] or [s.box[0] for s in column]
    indented = first[0] > min(lefts) + _LEFT * (first[3] - first[1]) and abs(first[0] - last[0]) > _LEFT * (first[3] - first[1])
    new_sentence = one.text[-1] == "." and not two.text[0].islower()
    return not indented and not new_sentence and not _OPENING.match(two.text)


def _same_columns(one: Block, two: Block) -> bool:
    """Whether two tables have as many cells in a row and stand at the same places across the page."""
    cells = [Counter(row.count("\t") for row in block.text.split("\n")).most_common(1)[0][0] for block in (one, two)]
    lefts, rights = ([edge(s.box[i] for s in block.spans) for block in (one, two)] for i, edge in ((0, min), (2, max)))
    overlap = min(rights) - max(lefts)
    return cells[0] == cells[1] and overlap > 0.8 * (max(rights) - min(lefts))


def _without_header(one: Block, two: Block) -> Block:
    """The second part of a table without the rows at its head that the first part begins with."""
    rows, again = one.text.split("\n"), two.text.split("\n")
    repeated = 0
    while repeated < min(len(rows), len(again) - 1) and _squeeze(rows[repeated]) == _squeeze(again[repeated]):
        repeated += 1
    return slice_block(two, sum(len(row) + 1 for row in again[:repeated]), len(two.text))


def _squeeze(text: str) -> str:
    return "".join(text.split())
