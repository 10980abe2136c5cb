"""docs/*.pdf are what knowledge/handouts/*.md say, and can be rebuilt."""

import re
import unicodedata
from pathlib import Path

import pypdfium2
import pytest

from knowledge.build_docs import HANDOUTS, build
from settings import ROOT
from tests.conftest import DOCS


def squeezed(text: str) -> str:
    """Letters and digits only: what markup, list markers and page numbers can't change."""
    return re.sub(r"[^0-9A-Za-z\u4e00-\u9fff]", "", unicodedata.normalize("NFKC", text))


def pages_of(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as pdf:
        return [pdf[i].get_textpage().get_text_range() for i in range(len(pdf))]


@pytest.mark.parametrize("subject", HANDOUTS)
def test_the_pdf_is_up_to_date_and_readable(subject: str) -> None:
    pages = pages_of(DOCS / f"{HANDOUTS[subject]}.pdf")
    markdown = (ROOT / "knowledge" / "handouts" / f"{subject}.md").read_text(encoding="utf-8")
    assert len(pages) >= 8 and all(len(page) > 100 for page in pages[:-1])
    assert not re.search(r"[\u2e80-\u2fdf\ue000-\uf8ff\ufffd]", "".join(pages)), "no radicals or private glyphs for Chinese text"
    printed = "".join(squeezed(re.sub(r"\r?\n\d+\s*$", "", page)) for page in pages)
    sentences = [squeezed(s) for s in re.split(r"[。：\n|]", markdown)]
    lost = [s for s in sentences if len(s) > 6 and s not in printed]
    assert len(lost) <= 0.03 * len(sentences), f"rebuild docs/ with python -m knowledge.build_docs: {lost[:3]}"


@pytest.mark.parametrize("subject", HANDOUTS)
def test_every_handout_has_headings_a_table_and_a_listing(subject: str) -> None:
    markdown = (ROOT / "knowledge" / "handouts" / f"{subject}.md").read_text(encoding="utf-8")
    assert markdown.count("\n## ") >= 5 and markdown.count("\n### ") >= 12
    assert re.search(r"^\|[ :|-]+\|$", markdown, re.MULTILINE) and "```" in markdown


def test_it_builds_with_embedded_fonts(tmp_path: Path) -> None:
    path = build("os", tmp_path)
    assert pages_of(path) == pages_of(DOCS / path.name)
    from pypdf import PdfReader

    fonts = [f for page in PdfReader(path).pages for f in page["/Resources"]["/Font"].values()]
    descriptors = [f.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for f in fonts]
    assert descriptors and all("/FontFile3" in d or "/FontFile2" in d for d in descriptors)
