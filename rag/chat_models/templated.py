"""A chat model whose weights and tokenizer are at hand: prompts through its own chat template, tokens by its own tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, PrivateAttr

from rag.chat_models.back_end import ChatBackEnd
from rag.chat_models.template import ChatTemplate

__all__ = ["TemplatedChatModel"]


class TemplatedChatModel(ChatBackEnd):
    """What `local:` and `lmdeploy:` have in common.

    Attributes:
        tokenizer: of transformers, with a chat template.
        max_new_tokens: of an answer, where the request names no other number.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    tokenizer: Any
    max_new_tokens: int = 1024

    _template: ChatTemplate = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        super().model_post_init(context)
        self._template = ChatTemplate(self.tokenizer)

    def get_num_tokens(self, text: str) -> int:
        """Tokens of a text by the model's own tokenizer."""
        return self._template.count(text)

    def get_num_tokens_from_messages(
        self,
        messages: list[BaseMessage],
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool] | None = None,
    ) -> int:
        """Tokens of the prompt that the model would be given, its template's included."""
        return len(self._template.prompt(messages))
