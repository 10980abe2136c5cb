"""A conversation as token ids, and which of them are learned: what the assistant says, through the token that ends its turn.

It works with any chat template, with or without `{% generation %}` markers. A conversation is rendered whole and in part:
where each part is the beginning of the whole, one sample teaches all answers. Where it is not (Qwen3 takes the thoughts out
of earlier answers, Mistral moves the system prompt) each answer becomes a sample of its own, rendered as it is when the
model is asked. The prompt's ids are those that the model gets when it is asked: no token reaches over the border.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from errors import ModelLoadError
from finetune.conversations.conversation import Conversation
from rag.chat_models.template import ChatTemplate

__all__ = ["IGNORED", "Labelled", "Labeller"]

IGNORED = -100
"""The label of a token that is not learned (torch's cross entropy)."""
_MESSAGES: dict[str, type[BaseMessage]] = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
Turn = dict[str, str]
Span = tuple[int, int]


class Labelled(NamedTuple):
    """A sample.

    Attributes:
        ids: token ids of the whole text.
        labels: as long as `ids`; `IGNORED` but for what is learned.
        ends: how many tokens there are through the end of each learned answer; a sample may be cut there.
    """

    ids: list[int]
    labels: list[int]
    ends: list[int]

    def cut(self, length: int) -> Labelled | None:
        """The whole answers that fit into `length` tokens; None if not even the first does."""
        fitting = [end for end in self.ends if end <= length]
        return Labelled(self.ids[: fitting[-1]], self.labels[: fitting[-1]], fitting) if fitting else None


class Labeller:
    """Samples for a model's tokenizer.

    Args:
        tokenizer: of transformers, with a `chat_template`.

    Raises:
        ModelLoadError: it has no token that ends an answer.
    """

    def __init__(self, tokenizer: Any) -> None:
        if tokenizer.eos_token_id is None:
            raise ModelLoadError("底座的分词器没有结束符（eos_token），学不会停下。请换成对话（Chat/Instruct）模型。")
        self._tokenizer = tokenizer
        self._template = ChatTemplate(tokenizer)
        self.end_tokens = self._template.end_tokens()
        names = tokenizer.convert_ids_to_tokens(sorted(self.end_tokens))
        self._end = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))

    def samples(self, conversation: Conversation, system: str = "") -> list[Labelled]:
        """One sample, or one an answer if the template renders earlier answers in another way.

        Args:
            conversation: ends with the assistant.
            system: system prompt of a conversation that has none.

        Raises:
            ChatModelError: the template accepts the conversation in no form.
            ModelLoadError: the template doesn't show where an answer begins or ends.
        """
        first = [SystemMessage(system)] if system and not conversation.system else []
        spoken = [_MESSAGES[turn.role](turn.content) for turn in conversation.turns if turn.content or turn.role != "system"]
        turns = self._template.turns([*first, *spoken])
        self._check_kept(turns)
        return [self._labelled(*whole)] if (whole := self._whole(turns)) else self._each(turns)

    def _check_kept(self, turns: Sequence[Turn]) -> None:
        """A template for pictures and text leaves out, without a word, a text that is no list of parts."""
        text = self._rendered(turns)
        if not all(turn["content"].rpartition("</think>")[2].strip() in text for turn in turns):
            raise ModelLoadError("底座的对话模板（chat_template）丢掉了对话的内容，不能用来训练。请换成纯文字的对话模型。")

    def _whole(self, turns: Sequence[Turn]) -> tuple[str, list[Span]] | None:
        """The rendered conversation and what is learned of it, in characters; None if no part is a beginning of it."""
        text = self._closed(self._rendered(turns))
        spans = []
        for number, turn in enumerate(turns):
            if turn["role"] == "assistant":
                before, through = self._rendered(turns[:number], True), self._rendered(turns[: number + 1])
                end = self._end_of(text, len(before), len(through))
                if not (text.startswith(before) and text.startswith(through)) or end is None:
                    return None
                spans.append((len(before), end))
        return text, spans

    def _each(self, turns: Sequence[Turn]) -> list[Labelled]:
        return [self._labelled(*self._single(turns[: n + 1])) for n, turn in enumerate(turns) if turn["role"] == "assistant"]

    def _single(self, turns: Sequence[Turn]) -> tuple[str, list[Span]]:
        """A conversation of which the last answer is learned.

        Some templates end the prompt with words that a finished answer doesn't have, such as DeepSeek's `<think>`: there
        the answer is looked for.
        """
        text, before = self._closed(self._rendered(turns)), self._rendered(turns[:-1], True)
        start = len(os.path.commonprefix([before, text]))
        if start < len(before):
            start = min(start, text.rfind(turns[-1]["content"].strip()))
        end = self._end_of(text, start, len(text)) if start > 0 else None
        if end is None:
            raise ModelLoadError(
                "底座的对话模板（chat_template）里看不出回答从哪里开始、到哪里结束，没法只学回答。请换一个底座，或换它的模板。"
            )
        return text, [(start, end)]

    def _labelled(self, text: str, spans: Sequence[Span]) -> Labelled:
        ids, borders = self._cut(text, [border for span in spans for border in span])
        labels = [IGNORED] * len(ids)
        for begin, end in zip(borders[::2], borders[1::2], strict=True):
            labels[begin:end] = ids[begin:end]
            if ids[end - 1] not in self.end_tokens or end - begin < 2:
                raise ModelLoadError("底座的分词器把回合结束符切开了，学不会停下。请检查 tokenizer 文件是否与模型配套。")
        last = borders[-1]  # what the template puts behind it (a line break) is never generated
        return Labelled(ids[:last], labels[:last], borders[1::2])

    def _cut(self, text: str, borders: Sequence[int]) -> tuple[list[int], list[int]]:
        """Token ids of a text, and how many of them stand before each border, given in characters."""
        ids = self._ids(text)
        heads = [self._ids(text[:border]) for border in borders]
        if all(ids[: len(head)] == head for head in heads):
            return ids, [len(head) for head in heads]
        pieces = [self._piece(text[begin:end]) for begin, end in pairwise([0, *borders, len(text)])]
        joined = [token for piece in pieces for token in piece]
        if self._tokenizer.decode(joined) != self._tokenizer.decode(ids):
            raise ModelLoadError("底座的分词器不能在问题与回答之间断开，没法只学回答。请换一个底座。")
        return joined, list(accumulate(map(len, pieces)))[:-1]

    def _piece(self, text: str) -> list[int]:
        """Ids of a text in the middle of another: SentencePiece puts a blank before a text, but not behind a control token."""
        return self._ids(self._tokenizer.eos_token + text)[1:]

    def _closed(self, text: str) -> str:
        """A text that ends with the token that ends an answer, if the template puts none there (GLM4, Vicuna)."""
        last = [match.end() for match in self._end.finditer(text)][-1:]
        closed = bool(last) and not text[last[0] :].strip()
        return text if closed else text + str(self._tokenizer.eos_token)

    def _end_of(self, text: str, start: int, stop: int) -> int | None:
        """Where the token ends that ends the answer in `text[start:stop]`: in it, or right behind it (GLM4's next role)."""
        found = self._end.search(text, start)
        return found.end() if found and not text[stop : found.start()].strip() else None

    def _rendered(self, turns: Sequence[Turn], prompt: bool = False) -> str:
        return str(self._tokenizer.apply_chat_template(list(turns), tokenize=False, add_generation_prompt=prompt))

    def _ids(self, text: str) -> list[int]:
        return list(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
