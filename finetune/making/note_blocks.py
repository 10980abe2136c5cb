"""The Markdown of a note's section in blocks: paragraphs, lists, tables and code, each with what announces it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from knowledge.quotes import squeezed
from rag.sentences import sentences

__all__ = ["Block", "blocks_of", "plain", "sentences_of", "with_symbols", "without_echo"]

Kind = Literal["paragraph", "list", "steps", "table", "code"]

_BULLET = re.compile(r"^\s*(?:[-*+] |(\d{1,2})(?:\. |、))")
_NAMELESS = ("", "项目", "比较项", "比较项目")
"""Headers that say nothing on what stands below."""
_SYMBOLS = re.compile(r"^设|，设|式中|记为")
"""A lead-in that says what the letters below it stand for."""
_RULE = re.compile(r"^[\s|:\-]+$")


@dataclass(frozen=True)
class Block:
    """A paragraph, a list (`steps`, if it is numbered), a table or a piece of code.

    Attributes:
        lines: of a list its items without their bullets, of a table its rows (header first, no rule), else the lines as they stand.
        text: as it stands in the note, without emphasis.
        lead: the sentence right before it that announces it (……如下：), '' without one.
    """

    kind: Kind
    lines: tuple[str, ...]
    text: str
    lead: str = ""

    @property
    def cells(self) -> list[list[str]]:
        """The cells of a table's rows."""
        return [[cell.strip() for cell in row.strip().strip("|").split("|")] for row in self.lines]

    def row(self, number: int) -> str:
        """A row of a table (from 1) as a sentence that names each column."""
        header, cells = self.cells[0], self.cells[number]
        told = [f"{name}：{cell}" for name, cell in zip(header[1:], cells[1:], strict=False) if name and cell]
        if not told:
            return ""
        if header[0] not in _NAMELESS:
            return f"{header[0]}：{cells[0]}；{'；'.join(told)}。"
        return f"{cells[0]}：{cells[1]}。" if len(header) == 2 else f"{cells[0]}方面，{'；'.join(told)}。"

    def holds(self, quote: str) -> bool:
        """Whether quoted words stand in it, marks and white space aside."""
        return squeezed(quote) in self._squeezed

    @cached_property
    def _squeezed(self) -> str:
        return squeezed(self.text)


def plain(text: str) -> str:
    """A text without Markdown's signs of emphasis."""
    return text.replace("**", "")


def without_echo(line: str) -> str:
    """An item without its label where what follows begins with it again: `组帧：组帧是……` is `组帧是……`."""
    label, _, told = line.partition("：")
    return told if label and told.startswith(label.split("（")[0].strip()) else line


def with_symbols(block: Block, item: str) -> str:
    """An item of a list, after the lead-in where that explains the item's letters."""
    lettered = re.search(r"(?<![A-Za-z])[A-Za-z](?![A-Za-z])", item)
    return f"{block.lead}\n\n- {item}" if lettered and _SYMBOLS.search(block.lead) else item


def sentences_of(text: str) -> list[str]:
    """The sentences of a paragraph."""
    return [text[slice(*bounds)] for bounds in sentences(text)]


def blocks_of(markdown: str) -> list[Block]:
    """The blocks of a section, in order."""
    found: list[Block] = []
    for part in _parts(markdown):
        lead = _lead(found[-1]) if found else ""
        found.append(_block(part, lead))
    return found


def _parts(markdown: str) -> Iterator[list[str]]:
    """Lines between empty ones; a piece of code with empty lines is one part."""
    part: list[str] = []
    inside = False
    for line in markdown.split("\n"):
        if line.startswith("```"):
            inside = not inside
        if line.strip() or inside:
            part.append(line.rstrip())
        elif part:
            yield part
            part = []
    if part:
        yield part


def _block(lines: list[str], lead: str) -> Block:
    text = plain("\n".join(lines))
    if lines[0].startswith("```"):
        return Block("code", tuple(lines), "\n".join(lines), lead)
    if lines[0].lstrip().startswith("|"):
        return Block("table", tuple(plain(line) for line in lines if not _RULE.match(line)), text, lead)
    if bullet := _BULLET.match(lines[0]):
        items = tuple(plain(_BULLET.sub("", line)) for line in lines)
        return Block("steps" if bullet[1] else "list", items, text, lead)
    return Block("paragraph", tuple(lines), text, "")


def _lead(block: Block) -> str:
    """The last sentence of a paragraph, if it announces what follows."""
    last = sentences_of(block.text)[-1] if block.kind == "paragraph" else ""
    return last if re.search(r"[：:]$|(?:如下|见下表)。$|(?:以下|下列|下面)[^，。；]{0,16}。$", last) else ""
