"""A form filled in by a chat model: its JSON found among its words, checked, and asked for once more where it can't be read.

Schemas belong into the message, not into the system prompt: an answer that repeats 24 characters of that is cut
(rag/secrecy.py). Forms have no lists of bare numbers: `[1]` is taken for a mark of a citation (rag/marks.py).
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from errors import ChatModelError
from rag.events import Token
from rag.fence import fenced_text
from rag.prompts_modes import JSON_REPAIR, UNREADABLE_REPLY
from rag.speaker import Speaker

__all__ = ["Filled", "UnreadableReplyError", "fill", "read_json"]

T = TypeVar("T", bound=BaseModel)

_SHOWN = 1500
"""Characters of an unreadable answer that the model is shown again."""
_MOST_STARTS = 20
"""Brackets at which the JSON of an answer may begin."""
_CLOSING = {"{": "}", "[": "]"}


class UnreadableReplyError(ValueError):
    """A model's answer holds no JSON of the form; the message says, for the model, what is wrong."""


@dataclass(frozen=True)
class Filled(Generic[T]):
    """A form as a model filled it in, or None and, in `notice`, why there is none."""

    value: T | None
    notice: str = ""


def fill(speaker: Speaker, system: str, question: str, form: type[T]) -> Generator[Token, None, Filled[T]]:
    """Have the model fill in a form (`yield from`); once more, with what is wrong, where that can't be read. Until then empty tokens come.

    Raises:
        ChatModelError: the model failed and may not be replaced (`speaker.spare`).
    """
    try:
        reply = yield from speaker.say(system, question)
        try:
            return Filled(read_json(reply, form))
        except UnreadableReplyError as error:
            repair = JSON_REPAIR.format(question=question, reply=fenced_text("reply", reply[:_SHOWN]), error=error)
            repaired = yield from speaker.say(system, repair)
            return Filled(read_json(repaired, form))
    except UnreadableReplyError:
        return Filled(None, UNREADABLE_REPLY.format(label=speaker.label))
    except ChatModelError as error:
        if speaker.spare is None:
            raise
        return Filled(None, f"{speaker.label} 没有答完（{error}）以下由程序给出。")


def read_json(text: str, form: type[T]) -> T:
    """The first balanced {...} or [...] of a model's answer that has this form; code fences and prose around it are passed over.

    Raises:
        UnreadableReplyError: there is none.
    """
    problem = "回答里没有完整的 JSON"
    for part in _bracketed(text):
        try:
            return form.model_validate(json.loads(part, strict=False))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            problem = f"{'.'.join(map(str, first['loc'])) or '整体'}：{first['msg']}"
        except (ValueError, RecursionError):
            problem = "JSON 有语法错误" if problem == "回答里没有完整的 JSON" else problem
    raise UnreadableReplyError(problem)


def _bracketed(text: str) -> Iterator[str]:
    """The balanced parts of a text, outermost first; those inside one that was read already come after it."""
    starts = [i for i, char in enumerate(text) if char in _CLOSING][:_MOST_STARTS]
    for start in starts:
        if (end := _end(text, start)) is not None:
            yield text[start:end]


def _end(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` is closed; brackets inside strings don't count."""
    closers: list[str] = []
    quoted = escaped = False
    for i in range(start, len(text)):
        char = text[i]
        if quoted:
            quoted, escaped = (char != '"' or escaped), (char == "\\" and not escaped)
        elif char == '"':
            quoted = True
        elif char in _CLOSING:
            closers.append(_CLOSING[char])
        elif char in "}]":
            if not closers or closers.pop() != char:
                return None
            if not closers:
                return i + 1
    return None
