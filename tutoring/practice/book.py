"""The page to read after an answer: of the learner's own documents if one of them treats the question's points, else of the bundled notes.

The notes are written for the points, so that a search alone finds them before any book; what the learner reads is his book.
"""

from __future__ import annotations

from langchain_core.documents import Document

from errors import EmptyStoreError
from knowledge.questions import Question
from rag.citations import Citation
from rag.fence import FencedPassage
from rag.quoting import opening, select_quotes
from rag.retrieval import passage_of
from rag.stems import core_of
from rag.tutor import Tutor
from tutoring.cited import citation_of
from tutoring.coverage import Coverage, CoveredPage
from tutoring.exercise import book_page

__all__ = ["page_to_read"]

_LOOKED_AT = 20
"""Chunks found by the words of the question: among them the page on its very problem is looked for."""


def page_to_read(question: Question, tutor: Tutor, coverage: Coverage) -> Citation | None:
    """Where to read what answers a question; None if no document speaks of it, or there is none yet.

    Raises:
        StoreError: the knowledge base can't be read.
    """
    pages = [page for point in question.points for page in coverage.pages(point)]
    own = [page for page in pages if not page.note]
    query = f"{core_of(question.stem)} {question.answer}"
    if own and (chunk := _chunk(query, question.subject, own, tutor)):
        return _cited(query, chunk)
    return book_page(question, tutor) or (coverage.citation(pages[0]) if pages else None)


def _chunk(query: str, subject: str, own: list[CoveredPage], tutor: Tutor) -> Document | None:
    """Of the pages that treat the points the one that the question finds first, else the one that treats them most clearly."""
    pages = {(page.source, page.page) for page in own}
    try:
        found = [chunk for chunk, _ in tutor.retriever.search(query, subject, _LOOKED_AT)]
    except EmptyStoreError:
        return None
    near = (chunk for chunk in found if (chunk.metadata["source"], chunk.metadata["page"]) in pages)
    return next(near, None) or tutor.retriever.chunk(max(own, key=lambda page: page.score).chunk_id)


def _cited(query: str, chunk: Document) -> Citation | None:
    """The words of a chunk that answer, or its first ones, to be marked on its page."""
    passage = passage_of(chunk, [chunk], 0.0)
    fenced = [FencedPassage(1, passage.section, passage.text)]
    quotes = select_quotes(query, fenced) or opening(fenced)
    return citation_of(quotes[0].text, passage) if quotes else None
