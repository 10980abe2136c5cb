"""Markdown and plain text. Blocks are slices of the source, so that a quote stands literally in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from errors import EmptyDocumentError
from knowledge.text_file import read_text
from rag.parsing.layout import ITEM, heading_level
from rag.parsing.markdown import portions
from rag.parsing.page import Block, BlockKind, Page

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["parse_markdown", "parse_text"]

_MARKUP = re.compile(r"<!--[^<]{0,5000}?-->|<[a-zA-Z/!][^<>$]{0,1000}>|!\[[^\[\]]{0,300}\]\([^()]{0,1000}\)")
"""Bounded, so that a hostile file costs no more than its length."""
_ANCHOR = re.compile(r"\s*\{#([\w.-]{1,80})\}\s*$")
_MAX_TITLE = 300
"""A longer heading is a paragraph: headings are kept with every chunk below them."""
_TABLE_OF_CONTENTS = re.compile(r"^\s*([-*+]|\d+\.)\s+\[[^\]]*\]\(#[^)]*\)\s*$")


def parse_text(path: Path, max_pages: int) -> Iterator[Page]:
    """A plain text file as one page; numbered short lines are headings, blank lines part paragraphs."""
    yield Page(1, tuple(_text_blocks(read_text(path))))


def _text_blocks(text: str) -> Iterator[Block]:
    for line in filter(None, (line.strip() for line in text.split("\n"))):
        level = heading_level(line)
        if level and len(line) <= 40 and line[-1] not in "。；，：":
            yield Block("title", line, level)
        else:
            yield Block("item" if ITEM.match(line) else "text", line)


def parse_markdown(path: Path, max_pages: int, max_nesting: int = 100) -> Iterator[Page]:
    """A Markdown file (CommonMark with tables) as one page; images, HTML tags and comments are left out.

    Raises:
        DocumentTooLargeError: lists and quotations are nested deeper than `max_nesting`.
        EmptyDocumentError: nothing but images and markup.
    """
    lines = _front_matter(read_text(path)).split("\n")
    blocks = tuple(block for portion in portions(lines, max_nesting) for block in _markdown_blocks(*portion))
    if not blocks:
        raise EmptyDocumentError("文件里只有图片或标记，没有可以检索的文字。请检查是否选对了文件。")
    yield Page(1, blocks)


def _front_matter(text: str) -> str:
    """Blank out a YAML header, keeping the number of lines."""
    match = re.match(r"---\n.*?\n---\n", text, re.DOTALL)
    return "\n" * match.group().count("\n") + text[match.end() :] if match else text


def _markdown_blocks(tokens: list[Token], lines: Sequence[str]) -> Iterator[Block]:
    depth = 0
    for i, token in enumerate(tokens):
        if token.type in ("list_item_open", "list_item_close"):
            depth += 1 if token.type == "list_item_open" else -1
        if not token.map:
            continue
        source = "\n".join(lines[slice(*token.map)])
        if token.type == "heading_open":
            yield from _title(tokens[i + 1].content, int(token.tag[1]))
        elif token.type == "paragraph_open":
            yield from _block("item" if depth else "text", _dedent(source))
        elif token.type in ("fence", "code_block"):
            yield from _block("code", token.content.strip("\n"), clean=False)
        elif token.type == "table_open":
            yield from _block("table", source)
        elif token.type == "html_block":
            yield from _block("text", _dedent(source))


def _title(content: str, level: int) -> Iterator[Block]:
    """A heading, its anchor apart from its words."""
    if len(content) > _MAX_TITLE:
        yield from _block("text", content)
        return
    anchor = _ANCHOR.search(content)
    for block in _block("title", content[: anchor.start()] if anchor else content, level):
        yield replace(block, anchor=anchor.group(1) if anchor else "")


def _dedent(source: str) -> str:
    """Lines without their indentation; the signs of lists and quotations stay, so that the words stand as in the file."""
    rows = [row.lstrip() for row in source.split("\n") if not _TABLE_OF_CONTENTS.match(row)]
    return "\n".join(rows)


def _block(kind: BlockKind, text: str, level: int = 0, clean: bool = True) -> Iterator[Block]:
    """A block without markup and blank lines, or (a listing) as it stands."""
    cleaned = re.sub(r"\n\s*\n+", "\n", _MARKUP.sub("", text)).strip() if clean else text
    if re.search(r"\w", cleaned):
        yield Block(kind, cleaned, level)
