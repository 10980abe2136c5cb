from __future__ import annotations

from threading import Event
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from errors import ChatModelError
from eval.exams.generation import GenerationAsker
from eval.exams.samples import Sample
from rag.chat_models import load_chat_model
from settings import Settings
from tests.integration.eval.choosing_server import ChoosingServer
from tests.unit.eval.sample_exams import question


@pytest.mark.parametrize(
    ("reply", "letter", "reason"),
    [
        ("<think>A 像是对的</think>综上，答案：C", "C", False),
        ("The correct answer is B.", "B", False),
        ("A、B 都对", None, True),
        ("", None, True),
        ("我不确定。", None, True),
    ],
)
def test_the_letter_is_read_from_what_the_model_writes(recording: Any, reply: str, letter: str | None, reason: bool) -> None:
    model = recording(reply)
    told = GenerationAsker(model, lambda _: [], Event()).ask(Sample(question(1)), ())
    assert (told.letter, bool(told.reason), told.raw) == (letter, reason, reply)
    assert "进程处于什么状态" in model.seen[0][-1].text
    assert told.input_tokens > 20


def test_the_examples_of_the_sample_are_shown(recording: Any) -> None:
    model = recording("答案：A")
    GenerationAsker(model, lambda sample: [question(7), question(8)], Event()).ask(Sample(question(1)), ())
    assert len(model.seen[0]) == 6


def test_an_error_of_the_model_is_passed_on(recording: Any) -> None:
    with pytest.raises(ChatModelError):
        GenerationAsker(recording("", error=ChatModelError("断了")), lambda _: [], Event()).ask(Sample(question(1)), ())


class _Ending(BaseChatModel):
    """Answers so and for this reason."""

    text: str
    reason: str

    @property
    def _llm_type(self) -> str:
        return "ending"

    def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> ChatResult:
        message = AIMessage(self.text, response_metadata={"finish_reason": self.reason})
        return ChatResult(generations=[ChatGeneration(message=message)])


@pytest.mark.parametrize(
    ("text", "reason", "letter", "told"),
    [
        ("", "content_filter", None, "被接口的内容审查拦下"),
        ("先看 A，", "content_filter", None, "被接口的内容审查拦下"),
        ("答案：B", "content_filter", "B", ""),
    ],
)
def test_what_the_endpoint_censors_is_called_so(text: str, reason: str, letter: str | None, told: str) -> None:
    reply = GenerationAsker(_Ending(text=text, reason=reason), lambda _: [], Event()).ask(Sample(question(1)), ())
    assert (reply.letter, reply.reason, reply.finish_reason) == (letter, told, reason)


def test_half_a_character_does_not_end_the_run() -> None:
    chat = _Ending(text="推理\ud83d\n答案：B", reason="st\udc00op")
    reply = GenerationAsker(chat, lambda _: [], Event()).ask(Sample(question(1)), ())
    assert (reply.letter, reply.raw, reply.finish_reason) == ("B", "推理?\n答案：B", "st?op")
    assert "\n".join([reply.raw, reply.reason, reply.finish_reason]).encode()


def test_an_endpoint_is_asked_at_temperature_0() -> None:
    with ChoosingServer() as server:
        settings = Settings(_env_file=None, chat_model="openai:m", chat_base_url=server.url)
        told = GenerationAsker(load_chat_model(settings), lambda _: [], Event()).ask(Sample(question(1)), ())
        assert server.last["temperature"] == 0 and told.output_tokens == 9
