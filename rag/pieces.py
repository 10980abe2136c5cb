"""Blocks in pieces that fit a chunk: whole sentences, table rows under their header, lines of code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from rag.parsing.page import Block, join_blocks, slice_block
from rag.sentences import formulas, sentences
from settings import SHIPPED_EMBEDDING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["Piece", "SIZES", "Sizes", "count_tokens", "pieces_of"]

_SEPARATOR = re.compile(r"[\s，；、：,;:|)}\]】）]+")
_RULE = re.compile(r"[\s|:\-]+")
_NUMBER = re.compile(r"[\d.,%\s/×+\-]*")
_HEADER_CELL = 16
"""Characters of the longest cell that still is a column's name."""
_HEADER_SHARE = 0.4
"""A header that takes more of a chunk than this is not repeated."""


def count_tokens(text: str) -> int:
    """Tokens of the shipped embedding model."""
    return len(_tokenizer().encode_batch_fast([text], add_special_tokens=False)[0])  # a quarter faster than `encode`


@dataclass(frozen=True)
class Sizes:
    """How much goes into a chunk: a new one begins beyond `target`; what must stay together may reach `longest`."""

    target: int
    longest: int
    length: Callable[[str], int] = count_tokens


SIZES = Sizes(250, 325)
"""Chosen by bench/chunks.py, as was to count tokens. They are about 500 and 650 characters of Chinese."""


class Piece(NamedTuple):
    """A block or a part of one, its length, and how many characters at its head repeat the table's header."""

    block: Block
    size: int
    repeated: int = 0


def pieces_of(block: Block, sizes: Sizes) -> Iterator[Piece]:
    """A block whole, or, if it is longer than `sizes.longest`, in pieces of about `sizes.target`."""
    size = sizes.length(block.text)
    if size <= sizes.longest:
        yield Piece(block, size)
        return
    head = _header_end(block, sizes) if block.kind == "table" else 0
    header = slice_block(block, 0, head)
    headed = sizes.length(header.text)
    for start, end, length in _runs(_atoms(block, head, sizes), sizes.target - headed):
        piece = slice_block(block, start, end)
        if head and start:
            yield Piece(join_blocks(header, piece, "\n"), headed + length, head + 1)
        else:
            yield Piece(piece, length)


def _runs(atoms: Sequence[tuple[int, int, int]], target: int) -> Iterator[tuple[int, int, int]]:
    """Runs of atoms (start, end, length) that stay within a length; an atom that is longer is alone."""
    run: tuple[int, int, int] | None = None
    for start, end, length in atoms:
        if run and run[2] + length > target:
            yield run
            run = None
        run = (run[0], end, run[2] + length) if run else (start, end, length)
    if run:
        yield run


def _atoms(block: Block, head: int, sizes: Sizes) -> list[tuple[int, int, int]]:
    """What must not be cut, as (start, end, length): lines of code and of tables, the first with the header; else sentences."""
    if block.kind in ("table", "code"):
        bounds = [m.span() for m in re.finditer(r"[^\n]+", block.text)]
        below = [bound for bound in bounds if bound[0] >= head]
        bounds = [(0, below[0][1]), *below[1:]] if head else bounds
    else:
        bounds = sentences(block.text)
    cut = [part for bound in bounds for part in _cut(block.text, *bound, sizes)]
    return [(a, b, sizes.length(block.text[a:b])) for a, b in cut]


def _cut(text: str, start: int, end: int, sizes: Sizes) -> Iterator[tuple[int, int]]:
    """What is longer than a chunk may be, cut behind a blank or a sign and beside formulas, if there is such a place."""
    length = sizes.length(text[start:end])
    step = max((end - start) * sizes.longest // (length or 1), 1)
    places = _places(text, start, end) if length > sizes.longest else []
    while length > sizes.longest and end - start > step:
        at = bisect_right(places, start + step)
        stop = places[at - 1] if at and places[at - 1] > start else start + step
        yield start, stop
        start = stop
    if start < end:
        yield start, end


def _places(text: str, start: int, end: int) -> list[int]:
    inside = [(start + a, start + b) for a, b in formulas(text[start:end])]
    free = [m.end() for m in _SEPARATOR.finditer(text, start, end)]
    starts = [a for a, _ in inside]
    outside = [p for p in free if not (at := bisect_right(starts, p)) or p >= inside[at - 1][1]]
    return sorted({*outside, *(edge for bounds in inside for edge in bounds)})


def _header_end(block: Block, sizes: Sizes) -> int:
    """Where the header rows of a table end: Markdown's header and rule, or a first row of names; 0 without a (short) one."""
    rows = block.text.split("\n")
    if len(rows) > 2 and _RULE.fullmatch(rows[1]):
        end = len(rows[0]) + 1 + len(rows[1])
    else:
        end = len(rows[0]) if len(rows) > 2 and _is_header(rows) else 0
    return end if sizes.length(block.text[:end]) <= _HEADER_SHARE * sizes.target else 0


def _is_header(rows: Sequence[str]) -> bool:
    """Whether the first row names the columns: as many cells as the others, short, none a number, no sentence."""
    cells = _cells(rows[0])
    named = all(len(c) <= _HEADER_CELL and not _NUMBER.fullmatch(c) and not re.search("[。；，：]", c) for c in cells)
    return named and 1 < len(cells) >= max(len(_cells(row)) for row in rows[1:])


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in (row.split("\t") if "\t" in row else row.strip("| ").split("|"))]


@cache
def _tokenizer() -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(f"{SHIPPED_EMBEDDING}/tokenizer.json")
