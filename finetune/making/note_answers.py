"""The statement of a note that answers a question: found by the words that the question's author quoted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from finetune.making.note_blocks import Block, sentences_of, with_symbols, without_echo
from finetune.making.note_fit import is_plural, sets_apart
from finetune.making.note_questions import asks_for_all, asks_for_one, asks_how, compares, shares_words
from knowledge.quotes import squeezed
from vector_db.segmentation import normalize, words

__all__ = ["statement_with", "whole"]

_LEANS = re.compile(
    r"(?:因此|所以|因而|从而|故|即|这|此时|此外|其中|其|它|该|但|而|则|于是|同理|否则|反之|同样|也就是|换言之|再|又|对应)"
)
"""How a sentence begins that is not understood without the one before it."""
_ANNOUNCES = re.compile(r"(?:如下|见下表)(?:[：:。]$|，(?![^。]*(?:：|；)))|下面的(?:[A-Z]?代码|程序|函数|循环)")
_ORDER = re.compile(r"(?:确定|求|写出|取|检查|比较|令|列出|选定|由)")
"""How a step begins that says what to do, and not what it is good for."""
_NUMBERS = "两三四五六七八九"
_WHICH_NUMBER = re.compile(r"哪([两三四五六七八九])[个条种类]")


def statement_with(quote: str, question: str, blocks: Sequence[Block]) -> str:
    """The sentence, item, row or list that holds the quote, with what it leans on; '' if no block holds all of it.

    Of a list or a table all is the answer where the question asks for all of it, or for a way from its first step;
    '' also where it asks for several things and the one that was quoted would leave the others out.
    Code answers what it does, not why or in which case: it is left out.
    """
    number = next((i for i, block in enumerate(blocks) if block.holds(quote)), None)
    if number is None:
        return ""
    block, following = blocks[number], blocks[number + 1] if number + 1 < len(blocks) else None
    match block.kind:
        case "paragraph":
            return _sentences(block, quote, following)
        case "code":
            return ""
        case "table":
            return whole(block) if asks_for_all(question) else _row(block, quote)
        case "list":
            return _of_list(block, quote, question)
        case "steps":
            return _of_steps(block, quote, question)


def _of_list(block: Block, quote: str, question: str) -> str:
    item = with_symbols(block, _item(block, quote))
    if not block.lead or asks_for_one(question):
        return item
    if not asks_for_all(question):
        return whole(block) if _counts(block, question) or _when(block, question) else item
    if (number := _WHICH_NUMBER.search(question)) and number[1] in item:
        return item
    named = _named(block, question)
    if len(named) > 1 and len(re.findall("[、和与]", question.partition("，")[0])) < len(named):
        return whole(block) if len(named) == len(block.lines) else "\n".join(f"- {line}" for line in named)
    if named or len(block.lines) == 2 or "\n" in _item(block, quote):
        return whole(block)
    if compares(question):
        return item if sets_apart(_item(block, quote)) else whole(block) if shares_words(question, block.lead) else ""
    return whole(block) if shares_words(question, block.lead) else item if re.search("[、+]|和", _item(block, quote)) else ""


def _of_steps(block: Block, quote: str, question: str) -> str:
    item = _item(block, quote)
    if asks_for_one(question):
        return item
    if re.search("作用|为什么(?!？?$)|为啥", question) and _ORDER.match(item):
        return ""
    if asks_how(question):
        return whole(block)
    if not asks_for_all(question):
        return item
    if re.search("区别|不同|不一样", question):
        return ""
    return item if (sets_apart(item) if compares(question) else is_plural(item)) else whole(block)


def _counts(block: Block, question: str) -> bool:
    """Whether a question asks why there are as many things as a list has: 为什么要两条线, of two."""
    number = _NUMBERS[len(block.lines) - 2 : len(block.lines) - 1] if 1 < len(block.lines) < 10 else ""
    return bool(number and re.search(rf"为[什啥]么?要[^，]*{number}[条种类个]", question))


def _when(block: Block, question: str) -> bool:
    """Whether it asks when a thing may happen, and the list says all times at which it may."""
    return bool(re.search("什么时候|啥时候|何时", question) and re.search("时机|情况|情形", block.lead))


def _named(block: Block, question: str) -> list[str]:
    """The items whose label has a word of its own that the question names; none if only one has."""
    labels, asked = [line.partition("：")[0] for line in block.lines], normalize(question)
    found = []
    for line, label in zip(block.lines, labels, strict=True):
        others = normalize(" ".join(other for other in labels if other != label))
        if any(len(word) > 1 and word in asked and word not in others for word in words(label)):
            found.append(line)
    return found if len(found) > 1 else []


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
    return "\n".join(without_echo(line) for line in block.lines[first : last + 1])


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
