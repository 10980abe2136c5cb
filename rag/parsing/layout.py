"""Printed lines to blocks: which lines are headings, list items or code, and which make one paragraph."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from statistics import median

from rag.parsing.page import Block, BlockKind, Box, Span, join_lines

__all__ = ["ITEM", "NUMBERED_HEADING", "Line", "OutlineEntry", "blocks_of", "body_size", "heading_level"]

NUMBERED_HEADING = re.compile(
    r"^(第\s*[0-9一二三四五六七八九十百]+\s*([章节篇部]|部分)|[0-9]{1,2}(\.[0-9]{1,2}){1,3}(?![0-9.%])|[一二三四五六七八九十]{1,3}、)"
)
ITEM = re.compile(
    r"^([•·▪●○■◆\-–*]\s+|[(（][0-9一二三四五六七八九十]{1,3}[)）]|[0-9]{1,2}[.、．)）](?![0-9])|[①-⑳]|[A-D][.．、])"
)
_CODE = re.compile(
    r"[;{}]\s*$|^\s*(#include|//|/\*|for\s*\(|while\s*\(|if\s*\(|return\b|else\b)|^\s*[A-Za-z_]\w*\s*\([^)]*\)\s*\{?$"
)
_MARKER = re.compile(r"[•·▪●○■◆]|[0-9]{1,2}[.)、．]|[(（][0-9]{1,2}[)）]")
_LABEL = re.compile(r"[^\s，。；：:]{1,14}[：:]")
_CJK = re.compile(r"[\u3400-\u9fff]")
_SENTENCE_END = "。！？!?"
_PUNCTUATION = re.compile(r"[。，；：、？！.,;:?!()（）\s]*")
"""No cell of a table: the full stop behind the blank of a question."""
_MAX_INDENT = 40
_COLUMN_LINES = 5
"""So many lines in each half of a page are a column."""


@dataclass(frozen=True)
class Line:
    """A printed line. `size` is the median height of its characters in points; tabs in `text` part a table's cells;
    `raw` keeps the inner spacing."""

    text: str
    box: Box
    size: float
    raw: str = ""


@dataclass(frozen=True)
class OutlineEntry:
    """A bookmark: the physical page (from 1) that it points to, its level (1 is the highest) and its title."""

    page: int
    level: int
    title: str


def blocks_of(lines: Sequence[Line], outline: Sequence[OutlineEntry]) -> tuple[Block, ...]:
    """Group the lines of a page into blocks, in their order."""
    lines = _with_markers(lines)
    body = body_size(lines)
    edge = _edge_of(lines)
    titles = {_squeeze(entry.title): entry.level for entry in outline}
    return tuple(_group(lines, body, edge, titles))


def body_size(lines: Iterable[Line]) -> float:
    """Median size over the characters, in points; the lower one of two in the middle."""
    lengths = Counter[float]()
    for line in lines:
        lengths[line.size] += max(len(line.text), 1)
    sizes = sorted(lengths)
    upto = list(accumulate(lengths[size] for size in sizes))
    return sizes[bisect_left(upto, upto[-1] / 2)]


def heading_level(text: str) -> int:
    """Level that a heading's number tells: 第三章 → 1, 3.2 → 2, 3.2.1 → 3, 一、 → 2; 0 without one."""
    match = NUMBERED_HEADING.match(text)
    if not match:
        return 0
    if match.group(1).startswith("第"):
        return 2 if match.group(2) == "节" else 1
    return match.group(1).count(".") + 1 if "." in match.group(1) else 2


def _with_markers(lines: Sequence[Line]) -> list[Line]:
    """Put a list marker that the file holds apart (`1.` printed before or after all the text) before its item."""
    markers = [line for line in lines if _MARKER.fullmatch(line.text)]
    rest = [line for line in lines if not _MARKER.fullmatch(line.text)]
    for marker in markers:
        beside = [i for i, line in enumerate(rest) if _beside(marker, line)]
        if not beside:
            rest.append(marker)
            continue
        item = rest[beside[0]]
        box = (marker.box[0], *item.box[1:])
        rest[beside[0]] = replace(item, text=f"{marker.text} {item.text}", raw=f"{marker.text} {item.raw}", box=box)
    return rest


def _beside(marker: Line, line: Line) -> bool:
    """Whether a line begins close to the right of a marker, at the same height."""
    middle = (marker.box[1] + marker.box[3]) / 2
    return line.box[1] <= middle <= line.box[3] and -1 <= line.box[0] - marker.box[2] <= 3 * line.size


def _edge_of(lines: Sequence[Line]) -> Callable[[Line], float]:
    """Where a full line ends at the right: at the edge of the text, or of the left column where there are two."""
    edge = max(line.box[2] for line in lines)
    middle = (min(line.box[0] for line in lines) + edge) / 2
    left = [line.box[2] for line in lines if line.box[2] <= middle]
    right = sum(line.box[0] >= middle for line in lines)
    if min(len(left), right) < _COLUMN_LINES:
        return lambda line: edge
    return lambda line: max(left) if line.box[2] <= middle else edge


def _group(lines: Sequence[Line], body: float, edge: Callable[[Line], float], titles: dict[str, int]) -> Iterator[Block]:
    run: list[Line] = []
    kind: BlockKind = "text"
    for line in lines:
        level = _title_level(line, body, titles)
        line_kind: BlockKind = "title" if level else _kind(line)
        if run and (level or _breaks(run[-1], line, kind, line_kind, edge)):
            yield _block(kind, run)
            run = []
        if level:
            yield Block("title", line.text, level, (Span(0, len(line.text), line.box),))
            continue
        if not run:
            kind = line_kind
        run.append(line)
    if run:
        yield _block(kind, run)


def _block(kind: BlockKind, run: list[Line]) -> Block:
    rows = [(line.text, line.box) for line in run] if kind != "code" else _listing(run)
    text, spans = join_lines(rows, "\n" if kind in ("code", "table") else None)
    return Block(kind, text, spans=spans)


def _listing(run: Sequence[Line]) -> list[tuple[str, Box]]:
    """Lines of code with their indentation, which a PDF holds as a place only; a character is as wide as most lines tell."""
    width = median((line.box[2] - line.box[0]) / max(len(line.raw), 1) for line in run)
    margin = min(line.box[0] for line in run)
    return [(" " * min(round((line.box[0] - margin) / (width or 1)), _MAX_INDENT) + line.raw, line.box) for line in run]


def _title_level(line: Line, body: float, titles: dict[str, int]) -> int:
    if level := titles.get(_squeeze(line.text)):
        return level
    numbered = heading_level(line.text)
    short = len(line.text) <= 40 and line.text[-1] not in "。；，,;：:"
    if not short or not _CJK.search(line.text) and not numbered:
        return 0
    if numbered and line.size >= body * 1.08:
        return numbered
    return (1 if line.size >= body * 1.6 else 2) if line.size >= body * 1.25 else 0


def _kind(line: Line) -> BlockKind:
    cells = [cell for cell in line.text.split("\t") if not _PUNCTUATION.fullmatch(cell)]
    if len(cells) > 1 and not ITEM.match(line.text):
        return "table"
    if ITEM.match(line.text):
        return "item"
    code = _CODE.search(line.raw) and len(_CJK.findall(line.raw.split("//")[0].split("/*")[0])) == 0
    return "code" if code else "text"


def _breaks(before: Line, line: Line, kind: BlockKind, line_kind: BlockKind, edge: Callable[[Line], float]) -> bool:
    """Whether a new block begins at `line`."""
    if kind == "code":
        return line_kind != "code" and bool(_CJK.search(line.text)) or _gap(before, line) > 1.5
    if line_kind == "table" or kind == "table":
        return line_kind != kind
    if line_kind != "text":
        return True
    ended_early = before.box[2] < edge(before) - 2.5 * before.size
    indented = line.box[0] > before.box[0] + 1.5 * line.size and before.text[-1] in _SENTENCE_END
    outdented = line.box[0] < before.box[0] - 0.8 * line.size and before.text[-1] in _SENTENCE_END
    labelled = before.text[-1] in _SENTENCE_END and bool(_LABEL.match(line.text))
    return ended_early or indented or outdented or labelled or not -0.5 < _gap(before, line) < 1.2


def _gap(before: Line, line: Line) -> float:
    """Blank space between two lines in units of their height; negative where the next one stands higher (a new column)."""
    return (before.box[1] - line.box[3]) / max(before.size, line.size, 1.0)


def _squeeze(text: str) -> str:
    return "".join(text.split())
