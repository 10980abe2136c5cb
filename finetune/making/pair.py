"""One question and its answer as a sample of training data, with where it comes from."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from finetune.conversations.conversation import Conversation, Source, Turn

__all__ = ["answer_of", "pair", "question_of", "with_system"]


def pair(question: str, answer: str, source: Source) -> Conversation:
    """The conversation of one question; its id depends on nothing but what is said and where it is from."""
    told = "\x1f".join((source.document, source.section, question, answer))
    identifier = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
    return Conversation((Turn("user", question), Turn("assistant", answer)), identifier, source)


def question_of(conversation: Conversation) -> str:
    """What the user says first."""
    return conversation.spoken[0].content


def answer_of(conversation: Conversation) -> str:
    """What is said last."""
    return conversation.spoken[-1].content


def with_system(conversation: Conversation, system: str) -> Conversation:
    """The same with a system prompt in front, instead of its own; '' leaves it as it is."""
    return replace(conversation, turns=(Turn("system", system), *conversation.spoken)) if system else conversation
