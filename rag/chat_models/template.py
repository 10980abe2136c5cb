"""A model's own chat template: messages as the token ids of a prompt, whatever roles the template knows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from langchain_core.messages import BaseMessage

from errors import ChatModelError

__all__ = ["ChatTemplate"]

Turn = dict[str, str]

_ROLES = {"system": "system", "human": "user", "ai": "assistant"}
_EARLIER = "（更早的对话从略）"
_MARK = "408408"
"""An answer whose end can be found in a rendered conversation."""


class ChatTemplate:
    """Prompts and token counts by a model's tokenizer.

    Args:
        tokenizer: of transformers, with a `chat_template`.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._special = _special_tokens(tokenizer)

    def prompt(self, messages: Sequence[BaseMessage]) -> list[int]:
        """Token ids of a prompt that the model is to answer.

        Raises:
            ChatModelError: the template accepts the conversation in no form.
        """
        return self._ids(self._rendered(self.turns(messages)))

    def count(self, text: str) -> int:
        """Tokens of a text alone, without a template."""
        return len(self._ids(text))

    def turns(self, messages: Sequence[BaseMessage]) -> list[Turn]:
        """The messages as role and content, in a form that the template accepts; control tokens in them are broken up."""
        plain = [{"role": _ROLES.get(m.type, "user"), "content": self._disarmed(str(m.text))} for m in messages]
        for turns in _forms(plain):
            if self._accepts(turns):
                return turns
        raise ChatModelError("模型的对话模板（chat_template）不接受这次对话。请新开一次对话，或换一个对话（Chat/Instruct）模型。")

    def end_tokens(self) -> set[int]:
        """The ids that end an answer: the tokenizer's own, and what the template puts behind a finished answer.

        Qwen2.5 names <|endoftext|> in its configuration but ends a turn with <|im_end|>, Llama 3 with <|eot_id|>, and
        after GLM4's answer simply <|user|> follows: the rendered conversation shows it.
        """
        ends = {self._tokenizer.eos_token_id}
        turns = [_turn("user", "1"), _turn("assistant", _MARK), _turn("user", "2")]
        if self._accepts(turns):
            _, _, behind = self._rendered(turns).rpartition(_MARK)
            if self._special and (first := self._special.match(behind.lstrip())):
                ends.add(self._tokenizer.convert_tokens_to_ids(first.group()))
        return ends - {None}

    def _accepts(self, turns: Sequence[Turn]) -> bool:
        """Whether the template renders these turns, and none is lost: some leave a system prompt out without a word."""
        from jinja2 import TemplateError

        if not self._tokenizer.chat_template:
            return False
        try:
            text = self._rendered(turns)
        except TemplateError:
            return False
        return all(turn["content"].strip() in text for turn in turns if turn["role"] == "system")

    def _rendered(self, turns: Sequence[Turn]) -> str:
        return str(self._tokenizer.apply_chat_template(list(turns), tokenize=False, add_generation_prompt=True))

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _disarmed(self, text: str) -> str:
        """A document that holds <|im_end|> must not be able to end its turn: the token becomes < |im_end|>."""
        return self._special.sub(lambda token: f"{token.group()[0]} {token.group()[1:]}", text) if self._special else text


def _special_tokens(tokenizer: Any) -> re.Pattern[str] | None:
    added = [token.content for token in tokenizer.added_tokens_decoder.values() if token.special]
    names = {name for name in (*tokenizer.all_special_tokens, *added) if len(name) > 1}
    return re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True)))) if names else None


def _forms(turns: list[Turn]) -> Iterator[list[Turn]]:
    """The conversation as it is; with alternating roles; and, for templates like Gemma's, without a system role."""
    yield turns
    system = "\n\n".join(turn["content"] for turn in turns if turn["role"] == "system")
    spoken = _alternating([turn for turn in turns if turn["role"] != "system"])
    yield [_turn("system", system), *spoken] if system else spoken
    first = spoken[0]["content"] if spoken else ""
    yield [_turn("user", f"{system}\n\n{first}".strip()), *spoken[1:]]


def _alternating(turns: list[Turn]) -> list[Turn]:
    """User and assistant in turn, beginning with the user: neighbours of one role are joined."""
    joined: list[Turn] = []
    for turn in turns:
        if joined and joined[-1]["role"] == turn["role"]:
            joined[-1] = _turn(turn["role"], f"{joined[-1]['content']}\n\n{turn['content']}")
        else:
            joined.append(turn)
    return [_turn("user", _EARLIER), *joined] if joined and joined[0]["role"] == "assistant" else joined


def _turn(role: str, content: str) -> Turn:
    return {"role": role, "content": content}
