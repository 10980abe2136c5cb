"""Letters weighed by an endpoint: what is asked of it, what it tells, what it refuses, and its death."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from errors import (
    ChatModelError,
    ContextTooLongError,
    EndpointFaultError,
    EndpointRefusedError,
    EndpointUnreachableError,
    LettersUnavailableError,
)
from eval.exams.logprob import LogprobAsker
from eval.exams.prompts import letter_prompt
from eval.exams.samples import LOGPROB, Sample
from knowledge.questions import LETTERS, Question
from rag.chat_models import load_chat_model
from rag.chat_models.letters import LetterScorer
from rag.chat_models.tokens import estimate
from rag.prompts_exam import LETTER_ONLY
from settings import Settings
from tests.integration.eval.logprob_server import LogprobServer, candidates

OPTIONS = ("先来先服务", "短作业优先", "时间片轮转", "多级反馈队列")
QUESTION = Question("q-1", "os", "下列调度算法中，平均等待时间最短的是", OPTIONS, "B", "", (), 3)
SAMPLE = Sample(QUESTION, mode=LOGPROB)
ALL = candidates([("B", -0.5), ("A", -1.5), ("C", -2.5), ("根据", -3.0), ("D", -3.5)])


@pytest.fixture
def server() -> Iterator[LogprobServer]:
    with LogprobServer() as http:
        yield http
        http.shutdown()


@pytest.fixture
def chat(server: LogprobServer) -> Callable[..., LetterScorer]:
    def make(**values: Any) -> LetterScorer:
        address = {"chat_model": "openai:m", "chat_base_url": server.url, "chat_api_key": "sk-test", "chat_timeout_seconds": 5}
        model = load_chat_model(Settings(_env_file=None, **(address | values)))
        assert isinstance(model, LetterScorer)
        return model

    return make


@pytest.fixture
def asker(chat: Any) -> LogprobAsker:
    return LogprobAsker(chat(), lambda _: ())


def test_one_token_is_asked_for_with_its_twenty_likeliest(server: LogprobServer, asker: LogprobAsker) -> None:
    server.logprobs = ALL
    reply = asker.ask(SAMPLE, ())
    assert (reply.letter, reply.reason, reply.input_tokens, reply.raw, reply.finish_reason) == ("B", "", 91, "", "stop")
    assert reply.scores == {"A": -1.5, "B": -0.5, "C": -2.5, "D": -3.5}
    (body,) = server.bodies
    assert body["messages"] == [{"role": "user", "content": letter_prompt(SAMPLE, ()) + LETTER_ONLY}]
    assert not body.get("stream")
    asked = {name: body[name] for name in ("max_tokens", "temperature", "logprobs", "top_logprobs")}
    assert asked == {"max_tokens": 1, "temperature": 0, "logprobs": True, "top_logprobs": 20}


def test_forms_of_one_letter_count_together(server: LogprobServer, asker: LogprobAsker) -> None:
    server.logprobs = candidates([("A", -1.0), (" B", -1.2), ("Ｂ", -1.2), ("C", -4.0), ("D", -5.0)])
    reply = asker.ask(SAMPLE, ())
    assert reply.letter == "B" and reply.scores["B"] == pytest.approx(math.log(2) - 1.2)


def test_a_missing_letter_is_recorded_and_the_choice_is_among_the_others(server: LogprobServer, asker: LogprobAsker) -> None:
    server.logprobs = candidates([("根据", -0.1), ("C", -3.0), ("A", -4.0)])
    reply = asker.ask(SAMPLE, ())
    assert reply.letter == "C" and reply.scores == {"A": -4.0, "B": None, "C": -3.0, "D": None} and not reply.reason


def test_without_any_letter_there_is_no_choice_but_a_reason(server: LogprobServer, asker: LogprobAsker) -> None:
    for told in (candidates([("<think>", -0.1), ("b", -3.0)]), {"content": []}):
        server.logprobs = told
        reply = asker.ask(SAMPLE, ())
        assert reply.letter is None and set(reply.scores.values()) == {None} and "A、B、C、D" in reply.reason


@pytest.mark.parametrize(
    ("told", "share"),
    [
        ([("<think>", -1e-6), ("C", -19.2), ("A", -21.0)], "不到 0.0001%"),
        ([("<", -0.2), ("B", -1.8), ("A", -5.0)], " 17.2037%"),
        ([("嗯", -0.001), ("C", -7.0), ("A", -9.0)], " 0.1035%"),
    ],
)
def test_a_model_that_thinks_first_has_not_answered(
    server: LogprobServer, asker: LogprobAsker, told: list[tuple[str, float]], share: str
) -> None:
    server.logprobs = candidates(told)
    reply = asker.ask(SAMPLE, ())
    assert reply.letter is None and reply.reason == f"模型没有直接作答（四个字母的概率合计{share}）"
    assert reply.scores == {letter: dict(told).get(letter) for letter in LETTERS}


def test_a_server_that_gave_up_leaves_the_question_pending(server: LogprobServer, asker: LogprobAsker) -> None:
    server.logprobs, server.reason = None, "insufficient_system_resource"
    with pytest.raises(EndpointFaultError, match="没有答完"):
        asker.ask(SAMPLE, ())


def test_a_model_that_refuses_a_temperature_weighs_letters_too(server: LogprobServer, asker: LogprobAsker) -> None:
    server.logprobs, server.warm = ALL, False
    assert [asker.ask(SAMPLE, ()).letter for _ in range(2)] == ["B", "B"]
    assert [body.get("temperature") for body in server.bodies] == [0, None, None]
    assert {body["top_logprobs"] for body in server.bodies} == {20}


def test_the_token_taken_counts_where_its_rivals_are_not_told(server: LogprobServer, asker: LogprobAsker) -> None:
    server.logprobs = {"content": [{"token": "D", "logprob": -0.2, "bytes": None, "top_logprobs": []}]}
    reply = asker.ask(SAMPLE, ())
    assert reply.letter == "D" and reply.scores == {"A": None, "B": None, "C": None, "D": -0.2}


@pytest.mark.parametrize("told", ["absent", None, {"content": None}, ["B"]])
def test_a_server_that_ignores_logprobs_is_not_guessed_from(server: LogprobServer, asker: LogprobAsker, told: Any) -> None:
    server.logprobs = told  # its answer says B all the same
    with pytest.raises(ChatModelError, match="没有 token 的概率（logprobs）.*--mode gen"):
        asker.ask(SAMPLE, ())


@pytest.mark.parametrize(("most", "tried"), [(19, [20, 8, 8]), (5, [20, 8, 5, 5])])
def test_a_server_that_refuses_twenty_is_asked_for_fewer_and_remembered(
    server: LogprobServer, asker: LogprobAsker, most: int, tried: list[int]
) -> None:
    server.logprobs, server.most = ALL, most
    assert [asker.ask(SAMPLE, ()).letter for _ in range(2)] == ["B", "B"]
    assert [body["top_logprobs"] for body in server.bodies] == tried


def test_a_server_that_refuses_logprobs_is_quoted(server: LogprobServer, asker: LogprobAsker) -> None:
    server.most = -1
    with pytest.raises(LettersUnavailableError, match=r"对方说：Logprobs requested but not enabled.*--mode gen"):
        asker.ask(SAMPLE, ())
    assert len(server.bodies) == 3


def test_a_server_that_dies_and_comes_back(server: LogprobServer, chat: Any) -> None:
    asker = LogprobAsker(chat(chat_retries=0), lambda _: ())
    server.logprobs, server.dies = ALL, True
    with pytest.raises(EndpointUnreachableError, match="连不上"):
        asker.ask(SAMPLE, ())
    server.dies = False
    assert asker.ask(SAMPLE, ()).letter == "B"
    assert {body["top_logprobs"] for body in server.bodies} == {20}, "a death is no refusal of twenty"


@pytest.mark.parametrize(("status", "error"), [(401, EndpointRefusedError), (404, EndpointFaultError), (503, EndpointFaultError)])
def test_other_failures_are_told_as_they_are(server: LogprobServer, chat: Any, status: int, error: type[ChatModelError]) -> None:
    server.status = status
    with pytest.raises(error, match=str(status)) as caught:
        chat(chat_retries=0).letter_scores("答案：", LETTERS)
    assert len(server.bodies) == 1 and "logprobs" not in str(caught.value)


def test_a_prompt_over_the_servers_window_is_called_so(server: LogprobServer, chat: Any) -> None:
    server.status, server.told = 400, "This model's maximum context length is 8192 tokens. However, you requested 9000."
    with pytest.raises(ContextTooLongError, match="上下文窗口"):
        chat().letter_scores("答案：", LETTERS)
    assert len(server.bodies) == 1


def test_tokens_are_estimated_where_the_server_does_not_count(server: LogprobServer, chat: Any) -> None:
    server.logprobs, server.counts = ALL, False
    told = chat().letter_scores("以下是单项选择题。\n答案：", LETTERS)
    assert told.input_tokens >= estimate("以下是单项选择题。\n答案：")
