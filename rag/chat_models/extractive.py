"""The chat model that needs no model: it answers in sentences quoted from the passages, each with its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk

from rag.chat_models.back_end import ChatBackEnd, last_chunk, text_chunk
from rag.chat_models.label import EXTRACTIVE
from rag.chat_models.stops import StopStrings
from rag.chat_models.tokens import estimate, estimate_messages
from rag.fence import read_fenced, read_question
from rag.prompts import OTHER_WORDS, REFUSAL
from rag.quoting import opening, select_quotes

__all__ = ["ExtractiveChatModel"]


class ExtractiveChatModel(ChatBackEnd):
    """Quotes the fenced passages of its prompt; deterministic, no weights. Answers `REFUSAL` where there is no passage."""

    name_told: str = EXTRACTIVE

    @property
    def _llm_type(self) -> str:
        return "extractive"

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        stops, count = StopStrings(stop), 0
        for piece in _pieces(messages):
            count += estimate(piece)
            yield text_chunk(stops.push(piece))
            if stops.met:
                break
        yield text_chunk(stops.finish())
        yield last_chunk("extractive", "stop", estimate_messages(messages), count)


def _pieces(messages: list[BaseMessage]) -> Iterator[str]:
    """A line of a quote at a time, each quote with its number at its end, and those of passages that say the same."""
    passages = read_fenced(str(messages[-1].content))
    quotes = select_quotes(read_question(messages), passages)
    if not quotes:
        quotes = opening(passages)  # found by their meaning: that they answer was decided before
        yield OTHER_WORDS if quotes else REFUSAL
    for i, quote in enumerate(quotes):
        *lines, last = quote.text.split("\n")
        yield from (f"{line}\n" for line in lines)
        table = "|" in last or "\t" in last
        gap = "\n\n" if table else " " if last[-1].isascii() else ""  # not a cell more of a row, not an index of `a`
        marks = "".join(f"[{n}]" for n in (quote.n, *quote.also))
        yield f"{last}{gap}{marks}" + ("\n\n" if i + 1 < len(quotes) else "")
