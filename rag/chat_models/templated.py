"""A chat model whose weights and tokenizer are at hand: prompts through its own chat template, tokens by its own tokenizer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.tools import BaseTool
from pydantic import ConfigDict, PrivateAttr

from errors import LettersUnavailableError
from rag.chat_models.back_end import ChatBackEnd
from rag.chat_models.template import ChatTemplate
from rag.chat_models.thoughts import open_thought

__all__ = ["TemplatedChatModel"]


class TemplatedChatModel(ChatBackEnd):
    """What `local:` and `lmdeploy:` have in common.

    Attributes:
        tokenizer: of transformers, with a chat template.
        max_new_tokens: of an answer, where the request names no other number.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, protected_namespaces=())

    continues_text: ClassVar[bool] = True

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

    def _letter_text(self, prompt: str, templated: bool) -> tuple[Callable[[str], list[int]], str]:
        """How texts become tokens, and the text that a letter is to follow.

        Plain text gets what the tokenizer puts around any text (a BOS token with Llama and Gemma), as lm-eval does it; a
        template brings its own. Models that may think are told not to: the first token is to be the answer's.

        Raises:
            LettersUnavailableError: the template begins a thought all the same, and a letter would be weighed inside it.
        """
        if not templated:
            return self._encoded, prompt
        turns = self._template.turns([HumanMessage(prompt)])
        text = str(self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True, enable_thinking=False))
        if mark := open_thought(text.rpartition(turns[-1]["content"].strip())[2]):
            raise LettersUnavailableError(
                f"这个模型的对话模板让回答从思考（{mark}）开始，而且关不掉：这时给选项字母算概率，算的是思考的第一个字，不是答案。"
                "请去掉 --chat-template（按纯文本续写），或改用 --mode gen（让模型写出答案）。"
            )
        return partial(self._encoded, special=False), text

    def _encoded(self, text: str, special: bool = True) -> list[int]:
        begun = self.tokenizer.bos_token
        special = special and not (begun and text.startswith(begun))
        return list(self.tokenizer(text, add_special_tokens=special, verbose=False)["input_ids"])
