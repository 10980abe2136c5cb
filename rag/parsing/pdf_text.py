"""The printed lines of a PDF page, from the characters and boxes that pdfium finds in its text layer.

A textbook has a million characters: what is measured of each is measured for a page at once.
"""

from __future__ import annotations

import ctypes
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, repeat
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from rag.parsing.columns import Row
from rag.parsing.layout import Line
from rag.parsing.page import SOFT_HYPHEN, Box

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pypdfium2 import PdfPage, PdfTextPage

__all__ = ["page_lines"]

_CELL_GAP = 1.2
"""Blank between two cells of a table, in heights of a character; between words it is a third at most."""
_HYPHENS = "\x02\ufffe"
"""What pdfium gives for a hyphen at a line's end; it swallows the line break behind it."""
_LINE = re.compile(f"[^\r\n{_HYPHENS}]+[{_HYPHENS}]?|[{_HYPHENS}]")


class _Layer(NamedTuple):
    """A page's text layer: the text, by pdfium's index; which characters show nothing; and where the ink of the others is.

    `places`: indices of the characters with ink. `left`, `bottom`, `right`, `top`: their edges in points, one for each place.
    """

    text: str
    hidden: frozenset[str]
    places: NDArray[Any]
    left: NDArray[Any]
    bottom: NDArray[Any]
    right: NDArray[Any]
    top: NDArray[Any]


def page_lines(page: PdfPage) -> list[Line]:
    """Printed lines in the order of the content stream; one with wide gaps is a `Row`."""
    textpage = page.get_textpage()
    try:
        layer = _layer(textpage, _text(textpage))
    finally:
        textpage.close()
    return list(_lines(layer)) if len(layer.places) else []


def _text(textpage: PdfTextPage) -> str:
    """The text in one call where pdfium gives as many UTF-16 units as it has characters, else character by character."""
    from pypdfium2 import raw

    count = textpage.count_chars()
    units = (ctypes.c_ushort * (count + 1))()
    if raw.FPDFText_GetText(textpage, 0, count, units) == count + 1:
        text = bytes(units).decode("utf-16-le", "surrogatepass")[:-1]
        if len(text) == count:
            return text
    return _decoded([raw.FPDFText_GetUnicode(textpage, index) for index in range(count)])


def _decoded(codes: Sequence[int]) -> str:
    """One character a code; of a surrogate pair the second one is the character that both are."""
    chars, high = list[str](), 0
    for code in codes:
        if high and 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
        high = code if 0xD800 <= code < 0xDC00 else 0
        chars.append(chr(code))
    return "".join(chars)


def _layer(textpage: PdfTextPage, text: str) -> _Layer:
    """Where the characters stand."""
    import numpy

    used = set(text)
    hidden = frozenset(filter(_is_hidden, used))
    codes = numpy.frombuffer(text.encode("utf-32-le", "surrogatepass"), numpy.uint32)
    inked = numpy.ones(ord(max(used, default="\0")) + 1, bool)  # by code
    inked[[ord(char) for char in used if char in hidden or char.isspace()]] = False
    places = numpy.flatnonzero(inked[codes])
    left, top, right, bottom = _edges(textpage, places.tolist())
    seen = right > left
    return _Layer(text, hidden, *(values[seen] for values in (places, left, bottom, right, top)))


def _edges(textpage: PdfTextPage, places: Sequence[int]) -> NDArray[Any]:
    """Left, top, right and bottom (rows) of characters, as high as the font makes a line, so that all of a line agree."""
    import numpy

    boxes = numpy.zeros((len(places), 4), numpy.float32)  # as FS_RECTF
    handle, start = ctypes.cast(textpage.raw, ctypes.c_void_p).value, boxes.ctypes.data
    found = list(map(_loose_box(), repeat(handle), places, range(start, start + boxes.nbytes, 16)))
    for k in numpy.flatnonzero(numpy.array(found) == 0).tolist():
        boxes[k] = _tight_box(textpage, places[k])
    return boxes.T.astype(numpy.float64)


@lru_cache(maxsize=1)
def _loose_box() -> Callable[[int | None, int, int], int]:
    """pdfium's function with plain addresses for its arguments, which takes half the time of ctypes' objects.

    It keeps Python's lock: to give it back and take it again takes as long as the function.
    """
    from pypdfium2 import raw

    address = ctypes.cast(raw.FPDFText_GetLooseCharBox, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)(address)


def _tight_box(textpage: PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a character's ink; zeros without any."""
    from pypdfium2 import raw

    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(textpage, index, left, right, bottom, top)
    return left.value, top.value, right.value, bottom.value


@lru_cache(maxsize=4096)
def _is_hidden(char: str) -> bool:
    """Soft hyphens, zero-width and control characters are not what the page shows."""
    return char in "\uffff\ufffe" or unicodedata.category(char) in ("Cc", "Cf", "Cs") and char not in "\r\n\t"


def _lines(layer: _Layer) -> Iterator[Line]:
    """The lines that hold ink; all ink of a page is in one of them."""
    spans = [match.span() for match in _LINE.finditer(layer.text)]
    bounds = layer.places.searchsorted([start for start, _ in spans] + [len(layer.text)]).tolist()
    runs = [(span, *run) for span, run in zip(spans, pairwise(bounds), strict=True) if run[0] < run[1]]
    firsts = [first for _, first, _ in runs]
    extents = _extents(layer, firsts)
    cuts = _cuts(layer, firsts, [size for _, size in extents])
    starts = sorted([*firsts, *cuts])
    cells = dict(zip(starts, _extents(layer, starts), strict=True)) if cuts else {}
    for (span, first, last), extent in zip(runs, extents, strict=True):
        line = _line(layer, *span, *extent)
        own = cuts[bisect_left(cuts, first) : bisect_left(cuts, last)] if cuts else []
        yield _row(layer, line, span, {k: cells[k] for k in (first, *own)}) if own else line


def _line(layer: _Layer, start: int, end: int, box: Box, size: float) -> Line:
    printed = layer.text[start:end]
    if layer.hidden and not layer.hidden.isdisjoint(printed):
        printed = _shown(printed, layer.hidden)
    return Line(" ".join(printed.split()), box, size, printed.strip())


def _row(layer: _Layer, line: Line, span: tuple[int, int], extents: dict[int, tuple[Box, float]]) -> Row:
    """A line whose cells have the `extents`, by the first place of each."""
    bounds = [span[0], *layer.places[list(extents)[1:]].tolist(), span[1]]
    cells = tuple(_line(layer, *part, *extent) for part, extent in zip(pairwise(bounds), extents.values(), strict=True))
    return Row("\t".join(cell.text for cell in cells), line.box, line.size, line.raw, cells)


def _shown(printed: str, hidden: frozenset[str]) -> str:
    """What characters show. At a line's end `FF-` keeps its sign, `infor-` has a soft hyphen."""
    sign = ""
    if printed[-1] in _HYPHENS:
        sign = "-" if printed[-2:-1].isupper() or printed[-2:-1].isdigit() else SOFT_HYPHEN
    return "".join(char for char in printed if char not in hidden) + sign


def _extents(layer: _Layer, firsts: Sequence[int]) -> list[tuple[Box, float]]:
    """Box and size (median height) of the runs of ink that begin at the places `firsts`, each up to the next one."""
    import numpy

    least, most, heights = numpy.minimum.reduceat, numpy.maximum.reduceat, layer.top - layer.bottom
    edges = (least(layer.left, firsts), least(layer.bottom, firsts), most(layer.right, firsts), most(layer.top, firsts))
    ranges = zip(least(heights, firsts).tolist(), most(heights, firsts).tolist(), pairwise([*firsts, len(heights)]), strict=True)
    sizes = [low if low == high else median(heights[slice(*run)].tolist()) for low, high, run in ranges]
    return list(zip(zip(*(edge.tolist() for edge in edges), strict=True), sizes, strict=True))


def _cuts(layer: _Layer, firsts: Sequence[int], sizes: Sequence[float]) -> list[int]:
    """The places behind a gap as wide as between two cells, in the lines of these sizes that begin at `firsts`."""
    import numpy

    wide = numpy.repeat(_CELL_GAP * numpy.array(sizes), numpy.diff([*firsts, len(layer.places)]))
    gaps = numpy.append(0.0, layer.left[1:] - layer.right[:-1])
    gaps[firsts] = 0.0
    return [int(place) for place in numpy.flatnonzero(gaps > wide)]
