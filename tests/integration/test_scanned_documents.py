"""A scanned document from file to answer: OCR pages are counted, kept, cited as such, and go with the document."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from rag.citations import as_citation
from rag.library import UPDATED, Incoming, Library, open_library
from rag.parsing import ocr
from rag.retrieval import Retriever
from rag.workers import Inline
from settings import Settings
from tests.conftest import DOCS
from ui.citation_view import open_citation
from vector_db.registry import PENDING, Registry


def leaf(dpi: int) -> Image.Image:
    """The upper left of a page of a handout: reading costs by the character."""
    with pypdfium2.PdfDocument(DOCS / "操作系统讲义.pdf") as pdf:
        image = pdf[8].render(scale=dpi / 72).to_pil().convert("RGB")
    return image.crop((0, 0, round(0.6 * image.width), round(0.338 * image.height)))


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that is an image."""
    path = tmp_path_factory.mktemp("scan") / "操作系统扫描.pdf"
    leaf(150).save(path, resolution=150)
    return path


def test_ocr_pages_are_counted_and_cited_as_such(library: Library, retriever: Retriever, scan: Path) -> None:
    with library.writing():
        record = library.add(scan, scan.name).record
    assert record and (record.pages, record.ocr_pages, record.doubtful_pages, record.unread_pages) == (1, (1,), (), ())
    found = retriever.retrieve("死锁产生的四个必要条件是什么？")
    assert found.passages[0].ocr_confidence and found.passages[0].ocr_confidence > 0.9


def test_a_citation_of_a_picture_opens_it_with_the_words_marked(library: Library, retriever: Retriever, tmp_path: Path) -> None:
    leaf(120).save(picture := tmp_path / "死锁.png")
    with library.writing():
        assert library.add(picture, picture.name).error == ""
    passage = retriever.retrieve("死锁产生的四个必要条件是什么？").passages[0]
    citation = as_citation(1, passage)
    caption, image, text = open_citation(citation, library)
    assert "死锁.png" in caption and text == "" and image and citation.bbox and citation.ocr_confidence
    left, _, right, top = citation.bbox
    with Image.open(picture) as original:
        scale, height = image.width / original.width, original.height
    marked = image.crop((int(left * scale), int((height - top) * scale), int(right * scale), int((height - top) * scale) + 10))
    assert (255, 236, 130) in {colour for _, colour in marked.getcolors(1 << 20) or ()}


def test_what_was_read_survives_a_rerun_and_goes_with_the_document(
    library: Library, scan: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with library.writing():
        record = library.add(scan, scan.name).record

        def broken() -> None:
            raise AssertionError("the page was read again")

        monkeypatch.setattr(ocr, "_engine", broken)
        assert record
        unfinished = Registry(settings.vector_db_dir / "registry.sqlite3").save(replace(record, state=PENDING))
        again = library.read_again(unfinished)
        assert isinstance(again, Incoming)
        outcome = [step.outcome for step in library.add_all([again], Inline()) if step.outcome][0]
        assert outcome.state == UPDATED and outcome.record and outcome.record.ocr_pages == (1,)
        folder = settings.vector_db_dir / "ocr"
        assert list(folder.rglob("*.json"))
        library.delete(scan.name)
    assert not list(folder.rglob("*.json")), "the text of a deleted document is not kept"


def test_without_ocr_the_document_says_what_is_missing(scan: Path, tmp_path: Path) -> None:
    library = open_library(Settings(data_dir=tmp_path, ocr=False))
    with library.writing():
        outcome = library.add(scan, scan.name)
    assert "没有文字层" in outcome.error


def test_a_registry_of_an_earlier_version_gets_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "registry.sqlite3"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE documents (source TEXT PRIMARY KEY, path TEXT, sha256 TEXT, subject TEXT, state TEXT, error TEXT, "
            "embedding TEXT, pages INTEGER, chunks INTEGER, unread_pages TEXT, updated_at TEXT)"
        )
        db.execute("INSERT INTO documents VALUES ('a', 'p', 's', 'os', 'indexed', '', 'e', 1, 2, '[3]', 't')")
    db.close()
    (record,) = Registry(path).all()
    assert (record.unread_pages, record.ocr_pages, record.doubtful_pages) == ((3,), (), ())
