"""What every chat model of ours tells beside its answer: its name, its window, the tokens that it used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.chat_models import generate_from_stream
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import BaseTool

from rag.chat_models.tokens import estimate, estimate_messages, usage

__all__ = ["ChatBackEnd", "last_chunk", "text_chunk"]


class ChatBackEnd(BaseChatModel):
    """A chat model that streams; a whole answer is its stream put together.

    Attributes:
        name_told: what the page says of who answers.
        window: most tokens of a prompt and its answer together; None for no limit.
    """

    name_told: str
    window: int | None = None

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, run_manager, **kwargs))

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text: an upper estimate, where the back end has no tokenizer at hand."""
        return estimate(text)

    def get_num_tokens_from_messages(
        self,
        messages: list[BaseMessage],
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool] | None = None,
    ) -> int:
        """Tokens of a prompt of these messages, with what the template puts around them."""
        return estimate_messages(messages)


def text_chunk(text: str) -> ChatGenerationChunk:
    """A piece of an answer; an empty one says that the model is still at work, and lets the reader leave."""
    return ChatGenerationChunk(message=AIMessageChunk(content=text))


def last_chunk(model_name: str, finish_reason: str, prompt: int, answer: int) -> ChatGenerationChunk:
    """The end of an answer: why it ended (`stop` or `length`, as OpenAI calls them) and what it cost in tokens."""
    told = {"model_name": model_name, "finish_reason": finish_reason}
    message = AIMessageChunk(content="", usage_metadata=usage(prompt, answer), response_metadata=told, chunk_position="last")
    return ChatGenerationChunk(message=message)
