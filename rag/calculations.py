"""The calculator in a chat model's hands: where it writes <calc>…</calc>, the result takes the place of the tag and it goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from errors import UsageError
from rag.calculator import evaluate
from rag.prompts_modes import CALCULATED, NOT_CALCULATED

__all__ = ["MOST_CALCULATIONS", "with_calculator"]

MOST_CALCULATIONS = 8
"""Of one answer: each is another call of the model."""
_OPEN, _CLOSE = "<calc>", "</calc>"
_LONGEST = 240
"""Characters within which a tag must close; the calculator reads 200."""
_TAG = re.compile(r"</?calc>", re.IGNORECASE)


def with_calculator(stream: Callable[[Sequence[BaseMessage]], Iterator[str]], messages: Sequence[BaseMessage]) -> Iterator[str]:
    """The model's answer in pieces, each `<calc>EXPR</calc>` replaced by `EXPR = VALUE`; no tag is ever among them.

    The model is stopped behind a tag and asked again with what it has said and the result. Tags in `messages` mean nothing.

    Args:
        stream: the model's answer to some messages, as `Speaker.stream`.

    Raises:
        ChatModelError: the model failed.
    """
    said, asked = "", list(messages)
    for left in range(MOST_CALCULATIONS, -1, -1):
        answer = _Answer(stream(asked), calculating=left > 0)
        for piece in answer.pieces():
            said += piece
            yield piece
        if answer.expression is None:
            return
        shown, told = _calculated(answer.expression)
        if shown:
            said += shown
            yield shown
        asked = [*messages, AIMessage(said or "……"), HumanMessage(told)]


def _calculated(expression: str) -> tuple[str, str]:
    """What the student reads, and what the model is told."""
    try:
        result = str(evaluate(expression))
    except UsageError as error:
        return "", NOT_CALCULATED.format(expression=_TAG.sub("", expression)[:_LONGEST], error=error)
    return result, CALCULATED.format(result=result)


class _Answer:
    """One call of the model: what it says before it asks for a calculation, and `expression`, what it asks for."""

    def __init__(self, stream: Iterator[str], calculating: bool) -> None:
        self.expression: str | None = None
        self._stream = stream
        self._calculating = calculating

    def pieces(self) -> Iterator[str]:
        held = ""
        try:
            for piece in self._stream:
                held += piece
                ready, held = self._ready(held)
                if ready or not piece:  # an empty one lets the reader leave
                    yield ready
                if self.expression is not None:
                    return
            yield from self._rest(held)
        finally:
            if close := getattr(self._stream, "close", None):
                close()

    def _ready(self, text: str) -> tuple[str, str]:
        """What can be shown, and what may still become a calculation; sets `expression` where one is complete."""
        ready = ""
        while self._calculating and (opened := text.lower().find(_OPEN)) >= 0:
            ready += text[:opened]
            inside = text[opened + len(_OPEN) :]
            closed = inside.lower().find(_CLOSE)
            expression = inside if closed < 0 else inside[:closed]
            if len(expression) > _LONGEST or "\n\n" in expression:
                text = inside  # a tag that opens no calculation
                continue
            if closed >= 0:
                self.expression = expression.strip()
            return _TAG.sub("", ready), "" if closed >= 0 else text[opened:]
        at = _unfinished(text)
        return _TAG.sub("", ready + text[:at]), text[at:]

    def _rest(self, held: str) -> Iterator[str]:
        """The end of an answer; a tag that is open there is one that the model stopped behind, as it was told to."""
        if self._calculating and held.lower().startswith(_OPEN):
            inside = held[len(_OPEN) :]
            self.expression = inside[: _unfinished(inside)].strip()
        elif rest := _TAG.sub("", held):
            yield rest


def _unfinished(text: str) -> int:
    """Where a tag begins that the next piece may complete; the length of the text if there is none."""
    at = text.rfind("<", -len(_CLOSE), len(text))
    tail = text[at:].lower() if at >= 0 else ""
    return at if tail and (_OPEN.startswith(tail) or _CLOSE.startswith(tail)) else len(text)
