"""Asking by having the model write its answer, from which the letter is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from threading import Event
from typing import TYPE_CHECKING, Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from eval.exams.asking import Reply
from eval.exams.prompts import generation_messages, hash_of
from eval.exams.samples import Sample
from eval.extraction import read_letter
from knowledge.questions import Question
from rag.chat_models.back_end import ChatBackEnd
from rag.chat_models.tokens import estimate, estimate_messages

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["GenerationAsker"]


_FILTERED = "被接口的内容审查拦下"


class GenerationAsker:
    """Asks a chat model at temperature 0.

    Args:
        examples: solved questions to be shown with a sample.
        halt: once it is set, a model of this machine stops within a token.
    """

    def __init__(self, chat_model: BaseChatModel, examples: Callable[[Sample], Sequence[Question]], halt: Event) -> None:
        self._chat_model = chat_model
        self._examples = examples
        self._halt = halt

    def ask(self, sample: Sample, passages: Sequence[Passage]) -> Reply:
        """The model's answer.

        Raises:
            ChatModelError: it did not answer, or its server gave up in the middle.
        """
        messages = generation_messages(sample, self._examples(sample), passages)
        answer = self._answer(messages)
        raw, ended = _whole_characters(str(answer.text)), str(answer.response_metadata.get("finish_reason") or "stop")
        reading = read_letter(raw, sample.options)
        usage = answer.usage_metadata
        return Reply(
            reading.letter,
            hash_of(messages),
            raw,
            _FILTERED if ended == "content_filter" and not reading.letter else reading.reason,
            input_tokens=usage["input_tokens"] if usage else estimate_messages(messages),
            output_tokens=usage["output_tokens"] if usage else estimate(raw),
            finish_reason=_whole_characters(ended),
            passages=passages,
        )

    def _answer(self, messages: list[BaseMessage]) -> AIMessage:
        """One request to an endpoint; from a model of this machine a stream, which can be left."""
        if not isinstance(self._chat_model, ChatBackEnd):
            return self._chat_model.invoke(messages, temperature=0.0)
        whole: Any = AIMessageChunk(content="")
        with closing(self._chat_model.stream(messages)) as chunks:  # type: ignore[type-var] # a generator
            for chunk in chunks:
                whole += chunk
                if self._halt.is_set():
                    break
        return AIMessage(whole.content, usage_metadata=whole.usage_metadata, response_metadata=whole.response_metadata)


def _whole_characters(text: str) -> str:
    """The text, with ? for each half of a surrogate pair: JSON may bring one, UTF-8 can't hold it."""
    return text.encode("utf-8", "replace").decode()
