"""The fence that keeps passages data: tags around each, which its own text can't close, and how they are read back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import BaseMessage

from rag.marks import disarm

__all__ = ["FencedPassage", "fence", "fenced_text", "read_fenced", "read_question"]

_PASSAGE = re.compile(r'<passage n="(\d+)" section="([^"\n]*)">\n(.*?)\n</passage>', re.DOTALL)
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>\s*$", re.DOTALL)
_UNSEEN = "[\\s\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff]*"
_TAGS = "|".join(_UNSEEN.join(tag) for tag in ("passage", "question", "student", "calc", "material", "reply", "system"))
_TAG = re.compile(rf"<(?={_UNSEEN}/?{_UNSEEN}(?:{_TAGS})\b|\||/?s>|</?SYS>>|/?think>)|\[(?=/?INST\])", re.IGNORECASE)
"""Our own tags, also with invisible characters inside, and those by which chat templates part the speakers (`<|im_start|>`): a
tokenizer takes them for the real ones wherever they stand."""


@dataclass(frozen=True)
class FencedPassage:
    """A passage as a chat model sees it."""

    n: int
    section: str
    text: str


def fence(passages: Sequence[FencedPassage]) -> str:
    """Passages between tags that a passage's own text can't close, without what could be taken for citation marks."""
    return "\n".join(f'<passage n="{p.n}" section="{_attribute(p.section)}">\n{_escape(p.text)}\n</passage>' for p in passages)


def fenced_text(tag: str, text: str) -> str:
    """A student's text (an essay, an answer to be marked) between tags that it can't close."""
    return f"<{tag}>\n{_closed(text)}\n</{tag}>"


def read_fenced(message: str) -> list[FencedPassage]:
    """The passages of a human message: the inverse of `fence` but for escaped tags."""
    return [FencedPassage(int(n), section, text) for n, section, text in _PASSAGE.findall(message)]


def read_question(messages: Sequence[BaseMessage]) -> str:
    """The question of the last message, without its passages."""
    text = str(messages[-1].content)
    match = _QUESTION.search(text)
    return match.group(1) if match else text


def _escape(text: str) -> str:
    return _closed(disarm(text))


def _closed(text: str) -> str:
    """A text whose `<` and `[` open no tag."""
    return _TAG.sub(lambda found: "＜" if found[0] == "<" else "［", text)


def _attribute(text: str) -> str:
    return " ".join(_escape(text).replace('"', "”").split())
