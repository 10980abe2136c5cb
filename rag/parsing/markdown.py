"""Markdown to tokens, a portion of a file at a time: the tokens of a short list item take a kilobyte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from errors import DocumentTooLargeError

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["portions"]

_LINES = 5000
_OPENS = ("bullet_list_open", "ordered_list_open", "blockquote_open")
_CLOSES = ("bullet_list_close", "ordered_list_close", "blockquote_close")


def portions(lines: Sequence[str], max_nesting: int) -> Iterator[tuple[list[Token], Sequence[str]]]:
    """Yield the block tokens of some thousand lines and those lines, in order; no block is cut that has fewer lines.

    Raises:
        DocumentTooLargeError: lists and quotations are nested deeper than `max_nesting`; markdown-it would drop the text in them.
    """
    from markdown_it import MarkdownIt

    # A list is two levels to markdown-it. What stands inside a paragraph is not looked at: its time grows with the square.
    parser = MarkdownIt("commonmark", {"maxNesting": 2 * max_nesting + 2}).enable("table")
    parser.core.ruler.disable(["inline", "text_join"])
    start = 0
    while start < len(lines):
        portion = lines[start : start + _LINES]
        tokens = parser.parse("\n".join(portion))
        _check_nesting(tokens, max_nesting)
        if start + _LINES < len(lines):
            tokens, portion = _without_last(tokens, portion)
        yield tokens, portion
        start += len(portion)


def _without_last(tokens: list[Token], lines: Sequence[str]) -> tuple[list[Token], Sequence[str]]:
    """Leave the last block, which may go on, to the next portion, unless it is the only one."""
    tops = [(i, token.map[0]) for i, token in enumerate(tokens) if token.level == 0 and token.map]
    if len(tops) < 2 or not tops[-1][1]:
        return tokens, lines
    index, line = tops[-1]
    return tokens[:index], lines[:line]


def _check_nesting(tokens: Sequence[Token], max_nesting: int) -> None:
    depth = 0
    for token in tokens:
        depth += (token.type in _OPENS) - (token.type in _CLOSES)
        if depth > max_nesting:
            raise DocumentTooLargeError(
                f"Markdown 的列表或引用嵌套超过上限 {max_nesting} 层。请减少嵌套，或调大 TUTOR_MAX_NESTING（最大 150）。"
            )
