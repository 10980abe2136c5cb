"""Lines of small files whose text layer holds what pdfium tells in its own way."""

from pathlib import Path

import pypdfium2
import pytest

from rag.parsing import pdf_text
from rag.parsing.columns import Row
from rag.parsing.layout import Line
from rag.parsing.pdf_text import page_lines
from tests.conftest import DOCS, assemble_pdf

WIDE, ZERO_WIDTH = "𠀀", "\u200b"


def printed(path: Path, content: str) -> list[Line]:
    """Lines of a page with this content; `A` stands for a character outside the basic plane, `B` for a zero-width space."""
    codes = "2 beginbfchar <41> <D840DC00> <42> <200B> endbfchar"
    cmap = f"begincmap 1 begincodespacerange <00> <FF> endcodespacerange {codes} endcmap"
    fonts = "/F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    fonts += " /G << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>"
    page = f"/MediaBox [0 0 400 300] /Contents 4 0 R /Resources << /Font << {fonts} >> >>"
    streams = [f"<< /Length {len(text)} >>\nstream\n{text}\nendstream" for text in (f"BT /F 12 Tf 50 200 Td {content} ET", cmap)]
    path.write_bytes(
        assemble_pdf(
            [
                "<< /Type /Catalog /Pages 2 0 R >>",
                "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                f"<< /Type /Page /Parent 2 0 R {page} >>",
            ]
            + streams
        )
    )
    with pypdfium2.PdfDocument(path) as pdf:
        return page_lines(pdf[0])


def test_a_hyphen_at_a_lines_end_is_soft_or_a_sign(tmp_path: Path) -> None:
    lines = printed(tmp_path / "a.pdf", "(the infor-) Tj 0 -14 Td (mation FF-) Tj 0 -14 Td (bit) Tj")
    assert [line.text for line in lines] == ["the infor\u00ad", "mation FF-", "bit"]
    assert pdf_text._shown("x86\x02", frozenset("\x02")) == "x86-"


def test_a_wide_gap_parts_cells_with_boxes_of_their_own(tmp_path: Path) -> None:
    first, row, last = printed(
        tmp_path / "a.pdf", "(one line) Tj 0 -14 Td (left cell) Tj 200 0 Td (right) Tj -200 -14 Td (next) Tj"
    )
    assert (first.text, first.raw, row.text, last.text) == ("one line", "one line", "left cell\tright", "next")
    assert isinstance(row, Row) and not isinstance(first, Row) and not isinstance(last, Row)
    assert [cell.text for cell in row.cells] == ["left cell", "right"]
    left, right = (cell.box for cell in row.cells)
    assert row.box == (left[0], left[1], right[2], right[3]) and left[2] < 100 < 250 == pytest.approx(right[0], abs=1)
    assert row.size == row.cells[0].size == pytest.approx(row.box[3] - row.box[1])


def test_a_line_that_begins_far_right_of_the_one_above_is_no_cell(tmp_path: Path) -> None:
    lines = printed(tmp_path / "a.pdf", "(one) Tj 200 -14 Td (two) Tj")
    assert [line.text for line in lines] == ["one", "two"] and not any(isinstance(line, Row) for line in lines)


def test_where_the_font_gives_no_box_the_ink_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (loose,) = printed(tmp_path / "a.pdf", "(word) Tj")
    monkeypatch.setattr(pdf_text, "_loose_box", lambda: lambda *_: 0)
    (tight,) = printed(tmp_path / "a.pdf", "(word) Tj")
    assert tight.text == "word" and 0 < tight.size < loose.size
    assert (
        loose.box[0] <= tight.box[0] < tight.box[2] <= loose.box[2] and loose.box[1] < tight.box[1] < tight.box[3] < loose.box[3]
    )


def test_characters_without_width_are_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_text, "_loose_box", lambda: lambda *_: 1)
    assert printed(tmp_path / "a.pdf", "(word) Tj") == []


def test_a_box_is_as_large_as_all_its_characters_and_the_size_is_the_median(tmp_path: Path) -> None:
    (line,) = printed(tmp_path / "a.pdf", "(word) Tj /F 8 Tf 5 Ts (2) Tj")
    (word,) = printed(tmp_path / "b.pdf", "(word) Tj")
    assert line.text == "word2" and line.size == word.size
    assert line.box[:2] == word.box[:2] and line.box[2] > word.box[2] and line.box[3] > word.box[3]


def test_characters_outside_the_basic_plane_and_without_width(tmp_path: Path) -> None:
    (row,) = printed(tmp_path / "a.pdf", "(abc ) Tj /G 12 Tf (A) Tj 150 0 Td (xBy) Tj")
    assert isinstance(row, Row) and [cell.text for cell in row.cells] == [f"abc {WIDE}", "xy"]
    assert printed(tmp_path / "b.pdf", "/G 12 Tf (BB) Tj") == []


def test_pairs_are_one_character_and_indices_stay() -> None:
    codes = [0x41, 0xD840, 0xDC00, 0x42, 0xD840, 0x43, 0xDC00, 0x20000]
    text = pdf_text._decoded(codes)
    assert len(text) == len(codes) and text[2] == WIDE and text[3] + text[7] == "B" + WIDE
    assert [char for char in text if not pdf_text._is_hidden(char)] == ["A", WIDE, "B", "C", WIDE]


def test_text_in_one_call_is_that_of_all_characters() -> None:
    from pypdfium2 import raw

    with pypdfium2.PdfDocument(DOCS / "计算机网络讲义.pdf") as pdf:
        for page in pdf:
            layer = page.get_textpage()
            single = pdf_text._decoded([raw.FPDFText_GetUnicode(layer, index) for index in range(layer.count_chars())])
            assert pdf_text._text(layer).replace("\ufffe", "\x02") == single
