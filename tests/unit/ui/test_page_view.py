from pathlib import Path

import pytest

from rag.citations import Citation
from tests.conftest import blank_pdf
from ui.page_view import Leaf, leaf_of_citation, leaf_of_record
from vector_db.registry import DocumentRecord


class Shelf:
    """A library of originals in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def original(self, document: str, suffix: str) -> Path:
        return self.folder / f"{document}{suffix}"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "00ff.pdf").write_bytes(blank_pdf(3))
    return Shelf(tmp_path)


def test_pages_are_turned_but_not_beyond_the_ends(shelf: Shelf) -> None:
    leaf = leaf_of_citation(Citation(1, "docs/a.PDF", "00ff", 2, "", "q"), shelf)
    assert leaf is not None and (leaf.page, leaf.pages, leaf.name) == (2, 3, "a.PDF")
    assert leaf.turned(1).page == 3 and leaf.turned(1).turned(1).page == 3 and leaf.turned(-5).page == 1
    assert leaf.turned(1).at_quote == leaf and leaf.image(shelf).width == 1000


def test_what_has_no_pages_or_is_gone_is_told_apart(shelf: Shelf) -> None:
    for citation in (
        Citation(1, "a.md", "00ff", 1, "", "q"), Citation(1, "https://x/a.pdf", "", 1, "", "q"),
        Citation(1, "a.pdf", "gone", 1, "", "q"), Citation(1, "a.pdf", "00ff", 9, "", "q"),
    ):  # fmt: skip
        assert leaf_of_citation(citation, shelf) is None


def test_a_document_opens_at_the_page_that_was_asked_for(shelf: Shelf) -> None:
    record = DocumentRecord("a.pdf", "upload:a.pdf", "00ff", "os")
    first, last = leaf_of_record(record, shelf), leaf_of_record(record, shelf, 99)
    assert isinstance(first, Leaf) and isinstance(last, Leaf) and (first.page, last.page) == (1, 3)
    assert leaf_of_record(DocumentRecord("a.md", "a.md", "00ff", "os"), shelf) is None
