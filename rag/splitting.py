"""Pages to chunks: small pieces for search, cut at headings and sentences, each inside one page and one section."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from langchain_core.documents import Document

from rag.parsing.page import Block, Page, Span

__all__ = ["TARGET_CHARS", "boxes_of", "link", "sentences", "split_pages"]

TARGET_CHARS = 250
"""Characters per chunk. On development questions over real notes 250 beat 150, 400 and 500 (facts: retrieval)."""
_MAX_CHARS = 400
_SENTENCE = re.compile(r"[^。！？!?\n]*(?:[。！？!?]+[”’」』）)\]]*|\n|$)")


@dataclass
class _Draft:
    """A chunk under construction."""

    page: int
    section: tuple[str, ...]
    point: str
    confidence: float | None = None
    kinds: list[str] = field(default_factory=list)
    text: str = ""
    spans: list[Span] = field(default_factory=list)

    def add(self, block: Block) -> None:
        """Append a block on a line of its own."""
        start = len(self.text) + 1 if self.text else 0
        self.text = f"{self.text}\n{block.text}" if self.text else block.text
        self.kinds.append(block.kind)
        self.spans += [(a + start, b + start, box) for a, b, box in block.spans]


def sentences(text: str) -> list[tuple[int, int]]:
    """Bounds [start, end) of the sentences of a text, in order, without empty ones; a line break ends one."""
    bounds = []
    for match in _SENTENCE.finditer(text):
        stripped = match.group().strip()
        if stripped:
            start = match.start() + match.group().index(stripped)
            bounds.append((start, start + len(stripped)))
    return bounds


def split_pages(pages: Iterable[Page], source: str, document: str, subject: str) -> Iterator[Document]:
    """Yield the chunks of a document, in order.

    Metadata: `source`, `document` (sha256), `subject`, `page`, `section` (path, ` > ` between), `point`
    (id of the syllabus point in a heading above, or ''), `position`,
    `boxes` (JSON: [[start, end, left, bottom, right, top], ...] for lines of print; `[]` without a layout),
    `ocr` (whether the page was read by OCR) and `confidence` (OCR's mean over the page, 0–1; 1 without it).
    """
    for position, draft in enumerate(_drafts(pages)):
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
                "point": draft.point,
                "position": position,
                "ocr": draft.confidence is not None,
                "confidence": 1.0 if draft.confidence is None else draft.confidence,
                "boxes": json.dumps([[a, b, *(round(x, 1) for x in box)] for a, b, box in draft.spans]),
            },
        )


def link(chunks: Sequence[Document]) -> list[Document]:
    """Chunks with `previous` and `next`: ids of the neighbours on the same page and in the same section, or ''."""
    linked = []
    for i, chunk in enumerate(chunks):
        before, after = chunks[i - 1] if i else None, chunks[i + 1] if i + 1 < len(chunks) else None
        names = {"previous": _neighbour(chunk, before), "next": _neighbour(chunk, after)}
        linked.append(Document(id=chunk.id, page_content=chunk.page_content, metadata=chunk.metadata | names))
    return linked


def boxes_of(chunk: Document) -> list[Span]:
    """The printed lines of a chunk, read from its metadata."""
    return [(a, b, (x0, y0, x1, y1)) for a, b, x0, y0, x1, y1 in json.loads(chunk.metadata["boxes"])]


def _neighbour(chunk: Document, other: Document | None) -> str:
    same = other is not None and all(other.metadata[k] == chunk.metadata[k] for k in ("page", "section"))
    return str(other.id) if other is not None and same else ""


def _drafts(pages: Iterable[Page]) -> Iterator[_Draft]:
    """Headings go into the section path; one that nothing follows becomes a chunk of its own, so no text is lost."""
    section: list[Block] = []
    bare: _Draft | None = None
    for page in pages:
        draft = _draft(page, section)
        for block in page.blocks:
            if block.kind == "title":
                if draft.text:
                    yield draft
                if bare and block.level <= section[-1].level:
                    yield bare
                section = [title for title in section if title.level < block.level] + [block]
                draft, bare = _draft(page, section), _draft(page, section[:-1])
                bare.add(block)
                continue
            for piece in _pieces(block):
                if draft.text and _full(draft, piece):
                    yield draft
                    draft = _draft(page, section)
                draft.add(piece)
                bare = None
        if draft.text:
            yield draft
    if bare:
        yield bare


def _draft(page: Page, section: Sequence[Block]) -> _Draft:
    """An empty chunk under these headings; its point is the innermost anchor among them."""
    point = next((title.anchor for title in reversed(section) if title.anchor), "")
    return _Draft(page.number, tuple(title.text for title in section), point, page.confidence)


def _full(draft: _Draft, piece: Block) -> bool:
    """Whether `piece` starts a new chunk. A lead-in stays with its first item, and items stay together longer."""
    together = len(draft.text) + len(piece.text)
    lead_in = draft.text.rstrip()[-1:] in "：:" or (piece.kind == "item" and draft.kinds[-1] == "item")
    return together > (_MAX_CHARS if lead_in else TARGET_CHARS)


def _pieces(block: Block) -> Iterator[Block]:
    """A block, or, if it is too long, runs of its sentences (of its lines where it is a table or code)."""
    if len(block.text) <= _MAX_CHARS:
        yield block
        return
    start = end = 0
    for a, b in _cuts(block):
        if b - start > TARGET_CHARS and end > start:
            yield _slice(block, start, end)
            start = a
        end = b
    if end > start:
        yield _slice(block, start, end)


def _cuts(block: Block) -> list[tuple[int, int]]:
    """Bounds of what must not be cut: lines of code and tables, else sentences; overlong ones are cut by length."""
    by_line = block.kind in ("table", "code")
    bounds = [m.span() for m in re.finditer(r"[^\n]+", block.text)] if by_line else sentences(block.text)
    return [(i, min(i + _MAX_CHARS, b)) for a, b in bounds for i in range(a, b, _MAX_CHARS)]


def _slice(block: Block, start: int, end: int) -> Block:
    spans = tuple((max(a, start) - start, min(b, end) - start, box) for a, b, box in block.spans if a < end and b > start)
    return Block(block.kind, block.text[start:end], spans=spans)
