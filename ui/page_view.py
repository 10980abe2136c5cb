"""A document page by page: how many it has, and each of them as an image. No Gradio here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from errors import DocumentError
from rag.citations import Citation
from rag.library import Library
from rag.parsing.image import IMAGE_SUFFIXES, render_image
from rag.parsing.page import Box
from rag.parsing.pdf_image import page_count, render_page
from vector_db.registry import DocumentRecord

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Leaf", "has_pages", "leaf_of_citation", "leaf_of_record"]


def has_pages(suffix: str) -> bool:
    """Whether pages of this format can be shown as images."""
    return suffix == ".pdf" or suffix in IMAGE_SUFFIXES


@dataclass(frozen=True)
class Leaf:
    """One page of a document that lies in the library. `cited_page` and `boxes` say where the quote is; 0 and () without one."""

    document: str
    name: str
    suffix: str
    page: int
    pages: int
    cited_page: int = 0
    boxes: tuple[Box, ...] = ()

    def image(self, library: Library) -> Image:
        """The page as a reader sees it, with the quote marked if it is on this page.

        Raises:
            DocumentError: the page can't be rendered.
            OSError: the document is no longer there.
        """
        render = render_page if self.suffix == ".pdf" else render_image
        boxes = list(self.boxes) if self.page == self.cited_page else []
        return render(library.original(self.document, self.suffix), self.page, boxes)

    def turned(self, by: int) -> Leaf:
        """So many pages on, or back, but not beyond the first or the last."""
        return replace(self, page=min(max(self.page + by, 1), self.pages))

    @property
    def at_quote(self) -> Leaf:
        """The page that was cited."""
        return replace(self, page=self.cited_page or self.page)


def leaf_of_citation(citation: Citation, library: Library) -> Leaf | None:
    """The page that a citation is from; None if it has no image, or the document is no longer there."""
    suffix = Path(citation.source).suffix.lower()
    if not citation.document or not has_pages(suffix):
        return None
    pages = _count(library.original(citation.document, suffix), suffix)
    name = citation.source.rsplit("/", 1)[-1]
    if not 1 <= citation.page <= pages:
        return None
    return Leaf(citation.document, name, suffix, citation.page, pages, citation.page, citation.boxes)


def leaf_of_record(record: DocumentRecord, library: Library, page: int = 1) -> Leaf | None:
    """A page of a document of the library; None if it has no image."""
    if not record.sha256 or not has_pages(record.suffix):
        return None
    pages = _count(library.original(record.sha256, record.suffix), record.suffix)
    leaf = Leaf(record.sha256, record.source.rsplit("/", 1)[-1], record.suffix, 1, pages)
    return replace(leaf, page=min(max(page, 1), pages)) if pages else None


def _count(path: Path, suffix: str) -> int:
    """Pages of a file; 0 if it can't be opened."""
    try:
        if suffix == ".pdf":
            return page_count(path)
        from PIL import Image

        with Image.open(path) as image:
            return int(getattr(image, "n_frames", 1)) if suffix in (".tif", ".tiff") else 1
    except (DocumentError, OSError):
        return 0
