"""PDF to pages: what the whole file tells is planned first, so that its pages can be read in any order and by several processes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from errors import DocumentTooLargeError
from rag.parsing.columns import in_reading_order
from rag.parsing.furniture import Furniture, sample_of
from rag.parsing.layout import Line, OutlineEntry, blocks_of
from rag.parsing.ocr import Recogniser
from rag.parsing.page import Page
from rag.parsing.pdf_file import open_pdf, outline_of
from rag.parsing.pdf_text import page_lines
from rag.parsing.repeats import find_furniture
from rag.parsing.routing import holds_little, is_chinese, is_garbled, is_image_page
from rag.parsing.scan import Scan, image_share, read_scan

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

__all__ = ["BROKEN", "GARBLED", "NO_TEXT_LAYER", "PdfPlan", "count_pages", "parse_pdf", "parse_range", "plan_pdf"]

NO_TEXT_LAYER = "没有文字层（多半是扫描件或图片）"
GARBLED = "文字层是乱码（字体没有文字编码）"
BROKEN = "页面损坏，无法读取"
_SCANS = 12
"""So many scanned pages are read for the plan, besides those that were read before: four runs of three show what repeats."""


@dataclass(frozen=True)
class PdfPlan:
    """What the pages of a PDF have in common, learnt from a sample of them; with it each page can be read alone.

    `pages`: how many there are. `chinese`: whether the document is in Chinese. `scanned`: the share (0–1) of the sampled
    pages that OCR would read.
    """

    pages: int
    outline: tuple[OutlineEntry, ...]
    chinese: bool
    furniture: Furniture
    scanned: float


@dataclass(frozen=True)
class _Leaf:
    """A page's text layer: its lines, its upper edge in points, the share (0–1) that images cover (0 where the text is long); or why it can't be read."""

    lines: Sequence[Line] = ()
    top: float = 0.0
    covered: float = 0.0
    broken: str = ""

    def fault(self, chinese: bool) -> str:
        """Why the page or its text layer can't be used; '' if it can."""
        if self.broken:
            return self.broken
        if is_image_page(self.lines, self.covered):
            return NO_TEXT_LAYER
        return GARBLED if is_garbled("\n".join(line.text for line in self.lines), chinese) else ""


@dataclass(frozen=True)
class _Sample:
    """What was read for the plan, by page index, so that it needn't be read again; `faults` of the text layers, '' for none."""

    leaves: dict[int, _Leaf] = field(default_factory=dict)
    faults: dict[int, str] = field(default_factory=dict)
    scans: dict[int, Scan] = field(default_factory=dict)


def count_pages(path: Path) -> int:
    """Number of pages; the errors are those of `parse_pdf`, without the limit."""
    with open_pdf(path) as pdf:
        return len(pdf)


def plan_pdf(path: Path, max_pages: int, recogniser: Recogniser | None = None) -> PdfPlan:
    """Learn from a sample of the pages what the whole document has in common; the errors are those of `parse_pdf`.

    With a `recogniser` some of the sampled pages that are scans are read too, for their running headers.
    """
    with open_pdf(path) as pdf:
        return _plan(pdf, max_pages, recogniser)[0]


def parse_range(path: Path, plan: PdfPlan, start: int, stop: int, recogniser: Recogniser | None = None) -> Iterator[Page]:
    """Yield the pages with indices [start, stop), from 0, as `parse_pdf` does; the errors are those of `parse_pdf`."""
    with open_pdf(path) as pdf:
        yield from _pages(pdf, range(start, min(stop, plan.pages)), plan, _Sample(), recogniser)


def parse_pdf(path: Path, max_pages: int, recogniser: Recogniser | None = None) -> Iterator[Page]:
    """Yield the pages of a PDF in order. Those without a usable text layer are read by OCR, or have `unread` set without it.

    Raises:
        EncryptedDocumentError: it wants a password.
        DamagedDocumentError: it is not a PDF, or is broken as a whole; a broken page has `unread` set.
        EmptyDocumentError: it has no page.
        DocumentTooLargeError: it has more than `max_pages` pages.
    """
    with open_pdf(path) as pdf:
        plan, sample = _plan(pdf, max_pages, recogniser)
        yield from _pages(pdf, range(plan.pages), plan, sample, recogniser)


def _plan(pdf: PdfDocument, max_pages: int, recogniser: Recogniser | None) -> tuple[PdfPlan, _Sample]:
    count = len(pdf)
    if count > max_pages:
        raise DocumentTooLargeError(f"PDF 有 {count} 页，超过上限 {max_pages} 页。请拆分文件，或调大 TUTOR_MAX_PAGES。")
    leaves = {index: _read_leaf(pdf, index) for index in sample_of(count)}
    chinese = any(is_chinese("".join(line.text for line in leaf.lines)) for leaf in leaves.values())
    faults = {index: leaf.fault(chinese) for index, leaf in leaves.items()}
    scanned = [index for index, fault in faults.items() if fault and not leaves[index].broken]
    scans = _read_scans(pdf, scanned, recogniser) if recogniser else {}
    learnt = [
        (scans[i].lines if i in scans else leaf.lines, leaf.top) for i, leaf in leaves.items() if i in scans or not faults[i]
    ]
    furniture = find_furniture([lines for lines, _ in learnt], [top for _, top in learnt], scanned=bool(scans))
    plan = PdfPlan(count, outline_of(pdf), chinese, furniture, len(scanned) / len(leaves))
    return plan, _Sample(leaves, faults, scans)


def _read_leaf(pdf: PdfDocument, index: int) -> _Leaf:
    from pypdfium2 import PdfiumError

    try:
        page = pdf[index]
    except PdfiumError:
        return _Leaf(broken=BROKEN)
    try:
        lines = page_lines(page)
        return _Leaf(lines, page.get_bbox()[3], image_share(page) if holds_little(lines) else 0.0)
    except PdfiumError:
        return _Leaf(broken=BROKEN)
    finally:
        page.close()


def _read_scans(pdf: PdfDocument, indices: Sequence[int], recogniser: Recogniser) -> dict[int, Scan]:
    """The scanned pages among a sample's `indices` that are read for the plan."""
    known = [index for index in indices if recogniser.kept(index + 1) is not None]
    unknown = [index for index in indices if index not in known]
    chosen = [unknown[k] for k in sample_of(len(unknown), _SCANS)]
    return {index: _read_scan(pdf, index, recogniser) for index in sorted([*known, *chosen])}


def _read_scan(pdf: PdfDocument, index: int, recogniser: Recogniser) -> Scan:
    from pypdfium2 import PdfiumError

    page = pdf[index]
    try:
        return read_scan(page, index + 1, recogniser)
    except PdfiumError:
        return Scan(unread=BROKEN)
    finally:
        page.close()


def _pages(
    pdf: PdfDocument, indices: Sequence[int], plan: PdfPlan, sample: _Sample, recogniser: Recogniser | None
) -> Iterator[Page]:
    for index in indices:
        leaf, number = sample.leaves.pop(index, None) or _read_leaf(pdf, index), index + 1
        fault = sample.faults[index] if index in sample.faults else leaf.fault(plan.chinese)
        lines, confidence = leaf.lines, None
        if fault and (recogniser is None or leaf.broken):
            yield Page(number, unread=fault)
            continue
        if fault and recogniser:
            scan = sample.scans.pop(index, None) or _read_scan(pdf, index, recogniser)
            if not scan.lines:
                yield Page(number, unread=scan.unread)
                continue
            lines, confidence = scan.lines, scan.confidence
        body = in_reading_order(plan.furniture.without(lines, leaf.top, scanned=bool(fault)))
        blocks = blocks_of(body, [e for e in plan.outline if e.page == number]) if body else ()
        yield Page(number, blocks, confidence=confidence)
