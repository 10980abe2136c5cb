"""The `extractive` back end has the interface of the others."""

from __future__ import annotations

import time

import pytest
from langchain_core.messages import HumanMessage

from rag.chat_models.extractive import ExtractiveChatModel
from rag.chat_models.tokens import estimate
from rag.fence import FencedPassage, fence
from rag.prompts import REFUSAL

PASSAGES = fence(
    [FencedPassage(1, "死锁", "银行家算法用来避免死锁。"), FencedPassage(2, "死锁", "避免死锁要保证系统处于安全状态。")]
)
MESSAGES = [HumanMessage(f"{PASSAGES}\n\n<question>\n怎样避免死锁？\n</question>")]


@pytest.mark.backend("extractive", "streams", "tokens")
def test_it_streams_and_tells_what_was_used() -> None:
    chat = ExtractiveChatModel()
    pieces = list(chat.stream(MESSAGES))
    assert sum(bool(piece.content) for piece in pieces) > 1
    whole = chat.invoke(MESSAGES)
    assert whole.content == "".join(str(piece.content) for piece in pieces)
    assert whole.usage_metadata["input_tokens"] == chat.get_num_tokens_from_messages(MESSAGES) > 20
    assert abs(whole.usage_metadata["output_tokens"] - estimate(str(whole.content))) <= 2
    assert (whole.response_metadata["model_name"], whole.response_metadata["finish_reason"]) == ("extractive", "stop")
    assert chat.window is None and "不用语言模型" in chat.name_told


@pytest.mark.backend("extractive", "stops")
def test_it_stops() -> None:
    chat = ExtractiveChatModel()
    assert chat.invoke(MESSAGES, stop=["避免"]).content == "银行家算法用来"
    stream = chat.stream(MESSAGES)
    next(stream)
    begun = time.monotonic()
    stream.close()
    assert time.monotonic() - begun < 1


@pytest.mark.backend("extractive", "errors")
def test_without_passages_it_says_that_it_found_nothing() -> None:
    assert ExtractiveChatModel().invoke("怎样避免死锁？").content == REFUSAL
