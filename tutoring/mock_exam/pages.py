"""Where the learner's own documents treat a knowledge point on which points were lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from errors import EmptyStoreError
from knowledge.questions import Question
from knowledge.syllabus import points
from rag.citations import Citation
from rag.fence import FencedPassage
from rag.parsing import PAGED_SUFFIXES
from rag.quoting import opening, select_quotes
from rag.tutor import Tutor
from tutoring.cited import citation_of
from tutoring.coverage import Coverage
from tutoring.mock_exam.marks import Page
from tutoring.practice.book import page_to_read

__all__ = ["citation_on", "page_on"]

_TRIED = 1
"""Questions whose answers are looked for: each takes about a tenth of a second."""


def citation_on(point: str, questions: Sequence[Question], tutor: Tutor, coverage: Coverage) -> Citation | None:
    """The place that answers a lost question on the point, in the learner's own documents if they treat it; else the place that its
    name finds; None if the documents don't speak of it.

    Raises:
        StoreError: retrieval failed.
    """
    found = (page_to_read(replace(question, points=(point,)), tutor, coverage) for question in questions[:_TRIED])
    return next((citation for citation in found if citation), None) or _named(point, tutor)


def page_on(point: str, questions: Sequence[Question], tutor: Tutor, coverage: Coverage) -> Page | None:
    """`citation_on` in words.

    Raises:
        StoreError: retrieval failed.
    """
    citation = citation_on(point, questions, tutor, coverage)
    if citation is None:
        return None
    name, _, suffix = citation.source.rsplit("/", 1)[-1].rpartition(".")
    section = citation.section.split(" > ")[-1]
    where = f" 第 {citation.page} 页" if f".{suffix.lower()}" in PAGED_SUFFIXES else f"“{section}”一节" if section else ""
    return Page(source=citation.source, page=citation.page, label=f"《{name or suffix}》{where}")


def _named(point: str, tutor: Tutor) -> Citation | None:
    about = points()[point]
    try:
        retrieval = tutor.find(about.name, about.subject)
    except EmptyStoreError:
        return None
    if not retrieval.answerable:
        return None
    fenced = [FencedPassage(n, p.section, p.text) for n, p in enumerate(retrieval.passages, 1)]
    quotes = select_quotes(about.name, fenced) or opening(fenced)
    return citation_of(quotes[0].text, retrieval.passages[quotes[0].n - 1]) if quotes else None
