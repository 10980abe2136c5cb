"""PDFs that are broken, or built to exhaust, to run or to hide something."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

from pypdf import PdfReader, PdfWriter

from tests.conftest import DOCS
from tests.integration.hostile.case import Case

__all__ = ["CASES", "pdf"]

_LINES = 20
_SHOWN = b"the semaphore guards the bounded buffer"
_BLANK, _BROKEN = "空白页", "页面损坏，无法读取"


def pdf(
    content: bytes = b"",
    *,
    page: bytes = b"",
    catalog: bytes = b"",
    pages: bytes = b"/Kids [3 0 R] /Count 1",
    font: bytes = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    more: Sequence[bytes] = (),
    box: bytes = b"0 0 612 792",
    filtered: bytes = b"",
) -> bytes:
    """A PDF of one page: 1 catalog, 2 page tree, 3 page, 4 its content, 5 its font F, from 6 on `more`."""
    content = content or text()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R %s >>" % catalog,
        b"<< /Type /Pages %s >>" % pages,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> %s >>" % (box, page),
        stream(content, filtered),
        font,
        *more,
    ]
    return assembled(objects)


def text(line: bytes = b"(%s) Tj" % _SHOWN, lines: int = _LINES, before: bytes = b"") -> bytes:
    """A content stream of some lines of print."""
    return before + b"BT /F 12 Tf 14 TL 72 720 Td " + b" ".join([line + b" T*"] * lines) + b" ET"


def stream(data: bytes, keys: bytes = b"") -> bytes:
    return b"<< /Length %d %s >> stream\n%s\nendstream" % (len(data), keys, data)


def assembled(objects: Sequence[bytes]) -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    parts = [out]
    at = len(out)
    for number, body in enumerate(objects, 1):
        offsets.append(at)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, body))
        at += len(parts[-1])
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    parts.append(b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (size, table, size))
    return b"".join([*parts, b"startxref\n%d\n%%%%EOF\n" % at])


def lecture() -> bytes:
    """A real PDF of some Chinese pages."""
    return (DOCS / "操作系统讲义.pdf").read_bytes()


def locked(user: str, owner: str) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf())))
    writer.encrypt(user, owner)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def glyphs(first: int) -> bytes:
    """A font whose codes 00–FF stand for the characters from `first` on."""
    cmap = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def 1 begincodespacerange <00> <FF> "
    cmap += b"endcodespacerange 1 beginbfrange <20> <7E> <%04X> endbfrange endcmap end end" % first
    return stream(cmap)


def mapped(first: int) -> bytes:
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"
    return pdf(font=font, more=[glyphs(first)])


def marked() -> bytes:
    """A word with marks of direction and of zero width between its letters."""
    cmap = b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange 2 beginbfrange <20> <7D> <0020> <7E> <7E> <202E> "
    cmap += b"endbfrange 1 beginbfchar <01> <200B> endbfchar endcmap"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>"
    return pdf(text(b"(the sem\\001aph~ore guards the buffer) Tj"), font=font, more=[stream(cmap)])


def without_unicode() -> bytes:
    """Glyph numbers of a font that is not in the file and says nothing of characters."""
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Song /Encoding /Identity-H /DescendantFonts [6 0 R] >>"
    system = b"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
    inner = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Song %s /FontDescriptor 7 0 R >>" % system
    described = (
        b"<< /Type /FontDescriptor /FontName /ABCDEF+Song /Flags 4 /FontBBox [0 0 1 1] /ItalicAngle 0 /Ascent 1 /Descent 0 >>"
    )
    return pdf(text(b"<E001E002E003E004E005E006E007E008> Tj"), font=font, more=[inner, described])


def outline(count: int) -> bytes:
    items = [
        b"<< /Title (entry %d) /Parent 6 0 R /Dest [3 0 R /Fit] %s >>" % (i, b"/Next %d 0 R" % (8 + i) if i + 1 < count else b"")
        for i in range(count)
    ]
    root = b"<< /Type /Outlines /First 7 0 R /Last %d 0 R /Count %d >>" % (6 + count, count)
    return pdf(catalog=b"/Outlines 6 0 R", more=[root, *items])


def endless_outline() -> bytes:
    """Bookmarks that follow upon each other, and are their own children."""
    items = [
        b"<< /Title (%c) /Parent 7 0 R /First 7 0 R /Next %d 0 R /Dest [3 0 R /Fit] >>" % (c, n) for c, n in ((65, 8), (66, 7))
    ]
    return pdf(catalog=b"/Outlines 6 0 R", more=[b"<< /First 7 0 R /Last 8 0 R >>", *items])


def deep_outline(count: int) -> bytes:
    items = [b"<< /Title (%d) /Parent %d 0 R /First %d 0 R /Dest [3 0 R /Fit] >>" % (i, 6 + i, 8 + i) for i in range(count)]
    return pdf(catalog=b"/Outlines 6 0 R", more=[b"<< /First 7 0 R /Last 7 0 R >>", *items])


def forms(count: int, last: bytes) -> bytes:
    """Form XObjects, each drawing the next; `last` is what the last one draws."""
    made = [
        stream(b"/X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X %d 0 R >> >>" % (7 + i))
        for i in range(count)
    ]
    end = stream(last, b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X 6 0 R >> >>")
    page = b"/Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >>"
    return pdf(text() + b" /X Do", page=page, more=[*made, end])


def doubling(levels: int) -> bytes:
    """Form XObjects, each drawing the next one ten times."""
    made = [
        stream(
            b"/X Do " * 10,
            b"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << /XObject << /X %d 0 R >> >>" % (7 + i),
        )
        for i in range(levels)
    ]
    end = stream(b"0 0 1 1 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 612 792]")
    page = b"/Resources << /Font << /F 5 0 R >> /XObject << /X 6 0 R >> >>"
    return pdf(text() + b" /X Do", page=page, more=[*made, end])


def flate(size: int) -> bytes:
    """A content stream that unpacks to `size` bytes."""
    return pdf(zlib.compress(text() + b" " * size, 9), filtered=b"/Filter /FlateDecode")


def image(width: int, height: int) -> bytes:
    keys = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode"
    page = b"/Resources << /XObject << /I 6 0 R >> >>"
    return pdf(b"q 612 0 0 792 0 0 cm /I Do Q", page=page, more=[stream(zlib.compress(bytes(1000)), keys % (width, height))])


def three_pages(middle: bytes) -> bytes:
    """Three pages, of which the second is `middle`."""
    good = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
    return pdf(pages=b"/Kids [3 0 R 6 0 R 7 0 R] /Count 3", more=[middle, good])


def without_table() -> bytes:
    data = pdf()
    return data[: data.rindex(b"xref\n0 ")] + b"xref\n0 3\ngarbage\n" + data[data.rindex(b"trailer") :]


_FILE = [b"<< /Names [(a.exe) 7 0 R] >>", b"<< /Type /Filespec /F (a.exe) /EF << /F 8 0 R >> >>", stream(b"MZ" + bytes(100))]
_ROMAN = b"/PageLabels << /Nums [0 << /S /r /St 4999 >>] >>"

CASES = (
    Case("cut at the head.pdf", lambda: lecture()[:3000], "损坏，无法打开"),
    Case("cut in the middle.pdf", lambda: lecture()[: len(lecture()) // 2], "损坏，无法打开"),
    Case("cut at the tail.pdf", lambda: pdf()[:-20]),
    Case("without its trailer.pdf", lambda: pdf()[:-60], "损坏，无法打开"),
    Case("only a header.pdf", lambda: b"%PDF-1.7\n", "损坏，无法打开"),
    Case("password.pdf", lambda: locked("secret", "owner"), "解除密码"),
    Case("owner password.pdf", lambda: locked("", "owner")),
    Case("no pages.pdf", lambda: pdf(pages=b"/Kids [] /Count 0"), "没有页面"),
    Case("cyclic page tree.pdf", lambda: pdf(pages=b"/Kids [2 0 R 2 0 R] /Count 2"), _BROKEN),
    Case("a billion pages.pdf", lambda: pdf(pages=b"/Kids [3 0 R] /Count 999999999")),
    Case("endless outline.pdf", endless_outline),
    Case("deep outline.pdf", lambda: deep_outline(5000)),
    Case("outline of 30000.pdf", lambda: outline(30_000)),
    Case("million points wide.pdf", lambda: pdf(box=b"0 0 1000000 792")),
    Case("blank and million points wide.pdf", lambda: pdf(b" ", box=b"0 0 1000000 1000000"), _BLANK),
    Case("zero size.pdf", lambda: pdf(box=b"0 0 0 0")),
    Case("negative box.pdf", lambda: pdf(box=b"612 792 0 0")),
    Case("box far away.pdf", lambda: pdf(b"q 1 0 0 1 -5000 -5000 cm " + text() + b" Q", box=b"-5000 -5000 -4388 -4208")),
    Case("box of nonsense.pdf", lambda: pdf(box=b"/a (b) null 1e99")),
    Case("rotated.pdf", lambda: pdf(page=b"/Rotate 270")),
    Case("rotated by 45.pdf", lambda: pdf(page=b"/Rotate 45")),
    Case("roman labels.pdf", lambda: pdf(catalog=_ROMAN)),
    Case("broken table.pdf", without_table),
    Case("table follows itself.pdf", lambda: pdf().replace(b"/Root 1 0 R >>", b"/Root 1 0 R /Prev 9 >>")),
    Case("garbage before.pdf", lambda: b"\r\n" * 200 + pdf()),
    Case("no unicode.pdf", without_unicode, _BLANK),
    Case("private use.pdf", lambda: mapped(0xE100)),
    Case("marks of direction.pdf", marked),
    Case("NUL bytes.pdf", lambda: pdf(text(b"(the semaphore\\000\\000 guards \0the buffer) Tj"))),
    Case("invisible.pdf", lambda: pdf(text(before=b"3 Tr "))),
    Case("flate bomb.pdf", lambda: flate(100 << 20)),
    Case("broken stream.pdf", lambda: pdf(zlib.compress(text())[:60], filtered=b"/Filter /FlateDecode"), _BLANK),
    Case("deep forms.pdf", lambda: forms(5000, b"0 0 1 1 re f")),
    Case("form in itself.pdf", lambda: forms(3, b"/X Do")),
    Case("forms by ten.pdf", lambda: doubling(9), "秒内没有读完", hangs=True),
    Case("unbalanced.pdf", lambda: pdf(b"q " * 300_000 + text() + b" Q" * 9)),
    Case("JavaScript.pdf", lambda: pdf(catalog=b"/OpenAction << /S /JavaScript /JS (while\\(true\\);) >>")),
    Case("launch.pdf", lambda: pdf(catalog=b"/OpenAction << /S /Launch /F (/bin/sh) >>")),
    Case("attached program.pdf", lambda: pdf(catalog=b"/Names << /EmbeddedFiles 6 0 R >>", more=_FILE)),
    Case("one broken page.pdf", lambda: three_pages(b"<< /Broken true >>"), unread=_BLANK),
    Case("one page that is a number.pdf", lambda: three_pages(b"42"), unread=_BROKEN),
    Case("one page without content.pdf", lambda: three_pages(b"<< /Type /Page /Parent 2 0 R >>"), unread=_BLANK),
    Case("blank.pdf", lambda: pdf(b" "), _BLANK),
    Case("image of a trillion pixels.pdf", lambda: image(1_000_000, 1_000_000), _BLANK),
    Case("image of a billion pixels.pdf", lambda: image(30_000, 30_000), _BLANK),
    Case("page of a webserver.pdf", lambda: b"<!DOCTYPE html><html><title>404</title></html>", "而是网页"),
    Case("NUL only.pdf", lambda: bytes(4096), "不是 PDF"),
)
