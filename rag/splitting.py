"""Pages to chunks: small pieces for search, cut at headings and sentences, each inside one section."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import PurePosixPath

from langchain_core.documents import Document

from knowledge.asked import asked_about
from knowledge.quotes import squeezed
from rag.parsing.continuation import continued
from rag.parsing.layout import heading_level
from rag.parsing.page import Block, Page, Span, join_blocks, slice_block
from rag.pieces import SIZES, Piece, Sizes, pieces_of
from rag.sentences import sentences

__all__ = ["boxes_of", "link", "split_pages"]

_LEAD_IN_SHARE = 0.25
"""A lead-in that takes more of a chunk than this is not repeated at the head of each piece of its list."""


@dataclass
class _Draft:
    """A chunk under construction. The first `repeated` characters stand in an earlier chunk too."""

    page: int
    section: tuple[str, ...]
    point: str
    confidence: float | None = None
    kind: str = ""
    size: int = 0
    block: Block = field(default=Block("text", ""))
    repeated: int = 0
    lead_in: Block | None = None

    @property
    def text(self) -> str:
        return self.block.text

    def add(self, piece: Piece) -> None:
        """Append a piece on a line of its own."""
        if not self.text or self.repeated == len(self.text) + 1:
            self.repeated += piece.repeated
            self.page = next((s.page for s in piece.block.spans if s.start >= piece.repeated and s.page), self.page)
        self.block = join_blocks(self.block, piece.block, "\n") if self.text else piece.block
        self.size, self.kind = self.size + piece.size, piece.block.kind
        self.lead_in = _lead_in(piece.block) or (self.lead_in if self.kind == "item" else None)

    def repeat(self, lead_in: Block, size: int) -> None:
        """Begin with the lead-in of a list that is cut."""
        self.block, self.size, self.repeated, self.lead_in = lead_in, size, len(lead_in.text) + 1, lead_in


def split_pages(pages: Iterable[Page], source: str, document: str, subject: str, sizes: Sizes = SIZES) -> Iterator[Document]:
    """Yield the chunks of a document, in order; holds two pages at most.

    Metadata: `source`, `document` (sha256), `subject`, `page` (where the text begins), `section` (path, ` > ` between),
    `header` (the document's title before that path: what is embedded before the text), `repeated` (so many characters
    at the head stand in the chunk before: a table's header, a list's lead-in), `point`
    (id of the syllabus point in a heading above, or ''), `asked` (questions of students that a note answers), `position`,
    `boxes` (JSON: [[start, end, left, bottom, right, top, page], ...] for lines of print; `[]` without a layout),
    `ocr` (whether the page was read by OCR) and `confidence` (OCR's mean over the page, 0–1; 1 without it).
    """
    title, pages = _title(pages, source)
    for position, draft in enumerate(_drafts(pages, sizes)):
        text, section = draft.text, " > ".join(draft.section)
        key = f"{source}|{document}|{draft.page}|{position}|{text}"
        yield Document(
            id=hashlib.sha256(key.encode()).hexdigest()[:32],
            page_content=text,
            metadata={
                "source": source,
                "document": document,
                "subject": subject,
                "page": draft.page,
                "section": section,
                "header": " > ".join(draft.section if title in draft.section[:1] else (title, *draft.section)),
                "repeated": draft.repeated,
                "point": draft.point,
                "asked": "\n".join(_asked(draft)),
                "position": position,
                "ocr": draft.confidence is not None,
                "confidence": 1.0 if draft.confidence is None else draft.confidence,
                "boxes": json.dumps([[s.start, s.end, *(round(x, 1) for x in s.box), s.page] for s in draft.block.spans]),
            },
        )


def _asked(draft: _Draft) -> Iterator[str]:
    """The questions about its point whose answer stands in a chunk."""
    questions = asked_about(draft.point) if draft.point else ()
    text = squeezed(draft.text) if questions else ""
    return (asked.question for asked in questions if squeezed(asked.quote) in text)


def link(chunks: Iterable[Document]) -> Iterator[Document]:
    """Yield the chunks with `previous` and `next`: ids of the neighbours in the same section, or ''. Looks one chunk ahead.

    Where lines of print tell the page of every word, a neighbour may stand on the page before or after.
    """
    before: Document | None = None
    chunk: Document | None = None
    for after in chain(chunks, (None,)):
        if chunk is not None:
            names = {"previous": _neighbour(before, chunk, before), "next": _neighbour(chunk, after, after)}
            yield Document(id=chunk.id, page_content=chunk.page_content, metadata=chunk.metadata | names)
        before, chunk = chunk, after


def _title(pages: Iterable[Page], source: str) -> tuple[str, Iterable[Page]]:
    """A document's title and its pages: the heading at the head of its first page, if that is no chapter; else its file name."""
    pages = iter(pages)
    first = next(pages, Page(1))
    block = first.blocks[0] if first.blocks else None
    named = block and block.kind == "title" and block.level == 1 and not heading_level(block.text)
    return block.text if block and named else PurePosixPath(source).stem, chain((first,), pages)


def boxes_of(chunk: Document) -> list[Span]:
    """The printed lines of a chunk, read from its metadata. Older stores hold them without their page: it is the chunk's."""
    page = chunk.metadata["page"]
    return [Span(a, b, (x0, y0, x1, y1), *(on or (page,))) for a, b, x0, y0, x1, y1, *on in json.loads(chunk.metadata["boxes"])]


def _neighbour(one: Document | None, two: Document | None, wanted: Document | None) -> str:
    """Id of the wanted one of two chunks that follow each other, if they belong together; '' otherwise."""
    if one is None or two is None or wanted is None or one.metadata["section"] != two.metadata["section"]:
        return ""
    near = one.metadata["page"] == two.metadata["page"] or _runs_on(one, two)
    return str(wanted.id) if near else ""


def _runs_on(one: Document, two: Document) -> bool:
    """Whether the second of two printed chunks begins on the page on which the first ends, or on the next one."""
    lines, following = boxes_of(one), boxes_of(two)
    return bool(lines and following) and following[0].page - lines[-1].page <= 1


class _Drafting:
    """Chunks from blocks. Headings go into the section path; one that nothing follows becomes a chunk, so no text is lost."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes
        self._section: list[Block] = []
        self._bare: _Draft | None = None
        self._draft: _Draft | None = None

    def read(self, page: Page) -> Iterator[_Draft]:
        """The chunks that are full when a page has been read."""
        if self._draft and self._draft.text and not _list_goes_on(self._draft, page):
            yield self._draft
            self._draft = None
        self._draft = self._draft or _draft(page, self._section)
        for block in page.blocks:
            yield from self._title(page, block) if block.kind == "title" else self._body(page, block)

    def rest(self) -> Iterator[_Draft]:
        """What is left at the end."""
        yield from (draft for draft in (self._draft, self._bare) if draft and draft.text)

    def _title(self, page: Page, block: Block) -> Iterator[_Draft]:
        if self._draft and self._draft.text:
            yield self._draft
        if self._bare and block.level <= self._section[-1].level:
            yield self._bare
        self._section = [title for title in self._section if title.level < block.level] + [block]
        self._draft, self._bare = _draft(page, self._section), _draft(page, self._section[:-1])
        self._bare.add(Piece(block, 0))

    def _body(self, page: Page, block: Block) -> Iterator[_Draft]:
        self._bare = None
        for piece in pieces_of(block, self._sizes):
            draft = self._draft or _draft(page, self._section)
            if draft.text and (piece.repeated or _full(draft, piece, self._sizes)):
                yield draft
                draft = _following(draft, piece, _draft(page, self._section), self._sizes)
            draft.add(piece)
            self._draft = draft


def _drafts(pages: Iterable[Page], sizes: Sizes) -> Iterator[_Draft]:
    drafting = _Drafting(sizes)
    for page in continued(pages):
        yield from drafting.read(page)
    yield from drafting.rest()


def _draft(page: Page, section: Sequence[Block]) -> _Draft:
    """An empty chunk under these headings; its point is the innermost anchor among them."""
    point = next((title.anchor for title in reversed(section) if title.anchor), "")
    return _Draft(page.number, tuple(title.text for title in section), point, page.confidence)


def _following(full: _Draft, piece: Piece, draft: _Draft, sizes: Sizes) -> _Draft:
    """The chunk after a full one: with the list's short lead-in again, where a list is cut."""
    if piece.block.kind == "item" and full.lead_in:
        size = sizes.length(full.lead_in.text)
        if size <= _LEAD_IN_SHARE * sizes.target:
            draft.repeat(full.lead_in, size)
    return draft


def _full(draft: _Draft, piece: Piece, sizes: Sizes) -> bool:
    """Whether `piece` starts a new chunk. A lead-in stays with its first item, and items stay together longer."""
    lead_in = draft.text.rstrip()[-1:] in "：:" or (piece.block.kind == "item" and draft.kind == "item")
    return draft.size + piece.size > (sizes.longest if lead_in else sizes.target)


def _lead_in(block: Block) -> Block | None:
    """The last sentence of a block, if a list is to follow it."""
    if block.kind not in ("text", "item") or block.text.rstrip()[-1:] not in ("：", ":"):
        return None
    return slice_block(block, *sentences(block.text)[-1])


def _list_goes_on(draft: _Draft, page: Page) -> bool:
    """Whether a list that a chunk ends with, or only its lead-in, goes on at the head of the next printed page."""
    first = page.blocks[0] if page.blocks else None
    lines = draft.block.spans
    if not first or first.kind != "item" or not first.spans or not lines or not draft.lead_in and draft.kind != "item":
        return False
    return first.spans[0].page - lines[-1].page <= 1 and (draft.confidence is None) == (page.confidence is None)
