"""What a student asks about the question that has just been explained: about one of its options, or about the whole once more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from knowledge.questions import Question
from rag.stems import split_options
from tutoring.bank import find_question
from tutoring.explanation import Explained, explained, steps_of
from vector_db.segmentation import dictionary, words

__all__ = ["asked_about", "told_more"]

_LONGEST = 24
"""Characters of a message that asks more; a longer one brings a question of its own."""
_MORE = re.compile(r"为什么|为啥|不懂|没懂|不明白|没明白|看不懂|再讲|再说|讲细|详细|哪里|哪一步|怎么来|怎么得|怎么算|怎么看|步骤")
_LETTER = re.compile(r"(?<![A-Za-z0-9])([A-Ga-g])(?![A-Za-z0-9+])")


def asked_about(text: str, memory: Mapping[str, Any]) -> tuple[Question, str, str] | None:
    """The question that was explained, as it was brought, and the letter that a message asks about ('' for none); None if it asks of something else.

    `memory` holds the `text` that brought the question.
    """
    brought = memory.get("text", "")
    question = find_question(brought) if isinstance(brought, str) and brought else None
    if question is None or len(text) > _LONGEST or split_options(text)[1]:
        return None
    letter = _letter(unicodedata.normalize("NFKC", text), explained(question, brought).options)
    if letter or (_MORE.search(text) and not any(word in dictionary() for word in words(text))):
        return question, brought, letter
    return None


def told_more(solved: Explained, letter: str) -> str:
    """What the bank's explanation says of an option, or its steps."""
    steps = "\n".join(f"{n}. {step}" for n, step in enumerate(steps_of(solved.reason), 1))
    if letter == solved.key:
        return f"**{letter} 项正确**：{solved.options[letter]}\n\n{steps}"
    if letter:
        why = solved.wrong.get(letter) or f"与正确的 {solved.key} 项不符。"
        return f"**{letter} 项不对**（{solved.options[letter]}）：{why}\n\n正确的是 {solved.key} 项：\n\n{steps}"
    return f"关键在这几步：\n\n{steps}\n\n答案：{solved.key}\n\n卡在哪一项，就直接问“B 为什么不对”。"


def _letter(text: str, options: Mapping[str, str]) -> str:
    """The one option that a message names by its letter or its words."""
    letters = {letter.upper() for letter in _LETTER.findall(text)} & set(options)
    if not letters:
        plain = {letter: unicodedata.normalize("NFKC", option) for letter, option in options.items()}
        letters = {n for n, o in plain.items() if re.search(rf"(?<![A-Za-z0-9.]){re.escape(o)}(?![A-Za-z0-9.])", text)}
    return min(letters) if len(letters) == 1 else ""
