"""Every syllabus point has its note, in the form that teaching and ingestion rely on."""

import re

import pytest

from knowledge.syllabus import points
from rag.parsing.plain import parse_markdown
from settings import ROOT

NOTES = ROOT / "knowledge" / "notes"
FILES = sorted(NOTES.rglob("*.md"))


def notes() -> dict[str, str]:
    """Text below each heading with an anchor, by the anchor."""
    found: dict[str, str] = {}
    for path in FILES:
        parts = re.split(r"^## (.*?) \{#([\w.]+)\}$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for name, anchor, text in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            assert anchor not in found and name == points()[anchor].name and path.parent.name == points()[anchor].subject
            found[anchor] = text
    return found


def test_every_point_has_one_note_of_the_right_length() -> None:
    lengths = {anchor: len(re.findall(r"[\u4e00-\u9fff]", text)) for anchor, text in notes().items()}
    assert set(lengths) == set(points())
    assert {a: n for a, n in lengths.items() if not 400 <= n <= 1200} == {}


def test_every_note_has_an_example_and_its_traps() -> None:
    for anchor, text in notes().items():
        assert "\n### 例题\n" in text and "\n### 易错点\n" in text, anchor
        assert len(re.findall(r"^- .+?：.+。$", text.split("### 易错点")[1], re.MULTILINE)) >= 2, anchor


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_notes_are_plain_markdown(path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<[a-z]+[ >]|\$|\]\((http|#)|\\\(", re.sub(r"```.*?```", "", text, flags=re.DOTALL)), (
        "no HTML, LaTeX, links"
    )
    (page,) = parse_markdown(path, 1)
    anchors = [block.anchor for block in page.blocks if block.anchor]
    assert anchors == re.findall(r"\{#([\w.]+)\}", text)
