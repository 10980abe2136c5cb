"""The `openai:` back end against a real HTTP server on this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from errors import (
    ChatModelError,
    ContextTooLongError,
    EndpointFaultError,
    EndpointRefusedError,
    EndpointUnreachableError,
)
from rag.chat_models.tokens import estimate
from tests.integration.chat_models.endpoint_server import PIECES, EndpointServer

QUESTION = "怎样避免死锁？"


@pytest.fixture
def server() -> Iterator[EndpointServer]:
    with EndpointServer() as http:
        threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
        yield http
        http.released.set()
        http.shutdown()


@pytest.fixture
def chat(server: EndpointServer, load: Any) -> Callable[..., BaseChatModel]:
    """A chat model of the endpoint, by the key that tells it how to behave."""

    def make(key: str = "sk-test", **values: Any) -> BaseChatModel:
        address = {"chat_model": "openai:m", "chat_base_url": server.url, "chat_api_key": key, "chat_timeout_seconds": 5}
        return load("", **(address | values))

    return make


@pytest.mark.backend("openai", "streams", "tokens")
def test_it_streams_and_answers_and_tells_what_was_used(server: EndpointServer, chat: Any) -> None:
    pieces = list(chat().stream(QUESTION))
    assert [str(piece.content) for piece in pieces if piece.content] == PIECES
    whole = chat().invoke(QUESTION)
    assert whole.content == "".join(PIECES)
    assert server.bodies[-1]["model"] == "m" and server.bodies[-1]["messages"][0]["content"] == QUESTION
    (used,) = [piece.usage_metadata for piece in pieces if piece.usage_metadata]
    assert (used["input_tokens"], used["output_tokens"], used["total_tokens"]) == (7, 5, 12)
    assert whole.usage_metadata["total_tokens"] == 12 and whole.response_metadata["model_name"] == "m-1"
    assert whole.response_metadata["finish_reason"] == "stop"


@pytest.mark.backend("openai", "streams")
def test_a_server_that_knows_no_stream_options_still_streams(server: EndpointServer, chat: Any) -> None:
    plain = chat("plain")
    for _ in range(2):
        assert [str(p.content) for p in plain.stream(QUESTION) if p.content] == PIECES
    assert ["stream_options" in body for body in server.bodies] == [True, False, False]


@pytest.mark.backend("openai", "streams", "errors")
def test_it_is_the_same_without_blocking(chat: Any) -> None:
    async def talk() -> str:
        with pytest.raises(EndpointFaultError, match="/v1"):
            await chat("404").ainvoke(QUESTION)
        assert (await chat().ainvoke(QUESTION)).content == "".join(PIECES)
        return "".join([str(piece.content) async for piece in chat().astream(QUESTION)])

    assert asyncio.run(talk()) == "".join(PIECES)


def test_the_length_of_an_answer_is_limited_in_the_word_that_all_servers_know(server: EndpointServer, chat: Any) -> None:
    chat(chat_max_tokens=33).invoke(QUESTION)
    list(chat().stream(QUESTION, max_tokens=44))
    assert [body["max_tokens"] for body in server.bodies] == [33, 44]
    assert not any("max_completion_tokens" in body for body in server.bodies)


@pytest.mark.backend("openai", "tokens")
def test_tokens_are_estimated_without_a_download(chat: Any) -> None:
    model = chat(chat_window_tokens=4096)
    assert model.get_num_tokens(QUESTION) == estimate(QUESTION) == 7
    assert model.get_num_tokens_from_messages([HumanMessage(QUESTION)]) == 7 + 8
    assert model.window == 4096 and chat().window == 8192 and model.name_told == "openai:m"


@pytest.mark.backend("openai", "errors")
@pytest.mark.parametrize(
    ("status", "error", "advice"),
    [
        (400, EndpointFaultError, "对方说：no"),
        (401, EndpointRefusedError, "TUTOR_CHAT_API_KEY"),
        (402, EndpointFaultError, "余额"),
        (403, EndpointRefusedError, "TUTOR_CHAT_API_KEY"),
        (404, EndpointFaultError, "/v1"),
        (429, EndpointFaultError, "额度"),
        (503, EndpointFaultError, "服务端出错"),
    ],
)
def test_each_failure_says_what_to_do(chat: Any, status: int, error: type[Exception], advice: str) -> None:
    model = chat(str(status))
    for call in (lambda: model.invoke(QUESTION), lambda: list(model.stream(QUESTION))):
        with pytest.raises(error, match=advice) as caught:
            call()
        assert str(status) in str(caught.value)


@pytest.mark.backend("openai", "errors")
def test_a_conversation_longer_than_the_window(chat: Any) -> None:
    for call in (chat("too-long").invoke, lambda text: list(chat("too-long").stream(text))):
        with pytest.raises(ContextTooLongError, match="TUTOR_CHAT_WINDOW_TOKENS"):
            call(QUESTION)


@pytest.mark.backend("openai", "errors")
def test_a_busy_server_is_asked_again(server: EndpointServer, chat: Any) -> None:
    assert chat("flaky").invoke(QUESTION).content == "".join(PIECES) and len(server.bodies) == 3
    with pytest.raises(EndpointFaultError, match="503"):
        chat("flaky", chat_retries=1).invoke(QUESTION)


@pytest.mark.backend("openai", "errors")
def test_nobody_listens(load: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = load("", chat_model="openai:m", chat_base_url=f"http://127.0.0.1:{port}/v1", chat_retries=0)
    with pytest.raises(EndpointUnreachableError, match="连不上.*TUTOR_CHAT_BASE_URL"):
        model.invoke(QUESTION)


@pytest.mark.backend("openai", "errors")
def test_a_server_that_hangs(chat: Any) -> None:
    model = chat("hangs", chat_timeout_seconds=0.3, chat_retries=0)
    for call in (model.invoke, lambda text: list(model.stream(text))):
        with pytest.raises(EndpointUnreachableError, match=r"0\.3 秒内没有回应.*TUTOR_CHAT_TIMEOUT_SECONDS"):
            call(QUESTION)
    apart = chat(chat_timeout_seconds=60, chat_connect_seconds=3).request_timeout
    assert (apart.connect, apart.read) == (3, 60)


@pytest.mark.backend("openai", "errors")
@pytest.mark.parametrize("key", ["half", "unfinished", "stalls", "error"])
def test_half_an_answer_is_kept_and_called_so(chat: Any, key: str) -> None:
    came = []
    with pytest.raises(EndpointFaultError, match="中断"):
        for piece in chat(key, chat_timeout_seconds=0.5).stream(QUESTION):
            came.append(str(piece.content))
    assert [text for text in came if text] == PIECES[: 3 if key == "error" else 2]


@pytest.mark.backend("openai", "errors")
def test_a_login_page_is_no_answer(chat: Any) -> None:
    for call in (chat("page").invoke, lambda text: list(chat("page").stream(text))):
        with pytest.raises(EndpointFaultError, match="兼容 OpenAI"):
            call(QUESTION)


@pytest.mark.backend("openai", "errors")
@pytest.mark.parametrize("key", ["empty", "other"])
def test_other_json_is_no_answer(chat: Any, key: str) -> None:
    with pytest.raises(EndpointFaultError, match="兼容 OpenAI"):
        chat(key).invoke(QUESTION)


@pytest.mark.backend("openai", "errors")
@pytest.mark.parametrize(("key", "reason"), [("starved", "insufficient_system_resource"), ("failed", "error")])
def test_an_answer_that_the_server_gave_up_is_no_answer(chat: Any, key: str, reason: str) -> None:
    came = []
    with pytest.raises(EndpointFaultError, match=f"没有答完（{reason}）.*稍后再试"):
        chat(key).invoke(QUESTION)
    with pytest.raises(EndpointFaultError, match="没有答完"):
        for piece in chat(key).stream(QUESTION):
            came.append(str(piece.content))
    assert [text for text in came if text] == PIECES
    assert chat("full").invoke(QUESTION).response_metadata["finish_reason"] == "length"


def test_a_model_that_refuses_a_temperature_is_asked_without_and_remembered(server: EndpointServer, chat: Any) -> None:
    cool = chat("cool")
    for _ in range(2):
        assert cool.invoke(QUESTION, temperature=0.0).content == "".join(PIECES)
    assert [piece for piece in (str(p.content) for p in cool.stream(QUESTION)) if piece] == PIECES
    assert [body.get("temperature") for body in server.bodies] == [0.0, None, None, None]
    assert "stream_options" in server.bodies[-1]
    assert [str(p.content) for p in chat("cool").stream(QUESTION) if p.content] == PIECES, "also where the first is a stream"
    chat().invoke(QUESTION, temperature=0.0)
    assert server.bodies[-1]["temperature"] == 0.0


def test_two_askings_at_once_may_both_be_refused_a_temperature(server: EndpointServer, chat: Any) -> None:
    cool = chat("cool")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: cool.invoke(QUESTION, temperature=0.0).content, range(24)))
    assert set(answers) == {"".join(PIECES)}


def test_a_password_in_the_address_is_shown_nowhere(load: Any) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}/v1"
    model = load("", chat_model="openai:m", chat_base_url=f"http://me:secret@{place}?key=secret", chat_retries=0)
    with pytest.raises(EndpointUnreachableError, match=f"http://{place}（模型 m）") as caught:
        model.invoke(QUESTION)
    assert "secret" not in str(caught.value) and "me:" not in str(caught.value)


@pytest.mark.backend("openai", "stops")
def test_leaving_closes_the_connection(server: EndpointServer, chat: Any) -> None:
    stream = chat("endless").stream(QUESTION)
    next(piece for piece in stream if piece.content)
    begun = time.monotonic()
    stream.close()
    assert server.left.wait(1) and time.monotonic() - begun < 1


@pytest.mark.backend("openai", "stops")
def test_one_can_leave_while_the_server_is_silent(chat: Any) -> None:
    begun = time.monotonic()
    stream = chat("hangs").stream(QUESTION)
    assert next(stream).content == ""
    stream.close()
    assert time.monotonic() - begun < 1


def test_every_failure_is_an_error_of_the_chat_model() -> None:
    assert all(issubclass(e, ChatModelError) for e in (ContextTooLongError, EndpointFaultError, EndpointUnreachableError))
