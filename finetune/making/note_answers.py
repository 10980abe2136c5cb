"""The statement of a note that answers a question: found by the words that the question's author quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finetune.making.note_blocks import Block, sentences_of
from finetune.making.note_questions import asks_for_all, asks_how
from knowledge.quotes import squeezed

__all__ = ["statement_with", "whole"]

_LEANS = re.compile(
    r"(?:因此|所以|因而|从而|故|即|这|此时|此外|其中|其|它|该|但|而|则|于是|同理|否则|反之|同样|也就是|换言之|再|又|对应)"
)
"""How a sentence begins that is not understood without the one before it."""
_ANNOUNCES = re.compile(r"(?:如下|见下表)[：:。]$")


def statement_with(quote: str, question: str, blocks: Sequence[Block]) -> str:
    """The sentence, item, row or list that holds the quote, with what it leans on; '' if no block holds all of it.

    Of a list or a table all is the answer where the question asks for all of it, or for a way from its first step.
    """
    number = next((i for i, block in enumerate(blocks) if block.holds(quote)), None)
    if number is None:
        return ""
    block, following = blocks[number], blocks[number + 1] if number + 1 < len(blocks) else None
    match block.kind:
        case "paragraph":
            return _sentences(block, quote, following)
        case "code":
            return whole(block)
        case "table":
            return whole(block) if asks_for_all(question) else _row(block, quote)
        case "list":
            return whole(block) if block.lead and asks_for_all(question) else _item(block, quote)
        case "steps":
            return whole(block) if asks_how(question) else _item(block, quote)


def whole(block: Block) -> str:
    """A block with the sentence that announces it."""
    return "\n\n".join(filter(None, (block.lead, block.text)))


def _sentences(block: Block, quote: str, following: Block | None) -> str:
    said = sentences_of(block.text)
    first, last = _range(said, quote)
    while first and _LEANS.match(said[first]):
        first -= 1
    answer = "".join(said[first : last + 1])
    if following and following.lead and last == len(said) - 1:
        return f"{answer}\n\n{following.text}"
    return "" if _ANNOUNCES.search(answer) else answer


def _item(block: Block, quote: str) -> str:
    first, last = _range(block.lines, quote)
    while first and _LEANS.match(block.lines[first]):
        first -= 1
    return "\n".join(block.lines[first : last + 1])


def _row(block: Block, quote: str) -> str:
    first, last = _range(block.lines, quote)
    return "\n".join(block.row(n) for n in range(max(first, 1), max(last, 1) + 1)) or whole(block)


def _range(parts: Sequence[str], quote: str) -> tuple[int, int]:
    """The first and the last of the parts over which a quote goes."""
    ends, length = [], 0
    for part in parts:
        length += len(squeezed(part))
        ends.append(length)
    start = "".join(map(squeezed, parts)).find(squeezed(quote))
    stop = start + len(squeezed(quote)) - 1
    return next(i for i, end in enumerate(ends) if start < end), next(i for i, end in enumerate(ends) if stop < end)
