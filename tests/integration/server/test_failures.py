"""What /v1 answers to bad requests, failures, too many clients and those that leave."""

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest

from errors import EmptyStoreError, EndpointFaultError, StoreBusyError
from tests.integration.server.conftest import SOON, ScriptedChatModel

QUESTION = [{"role": "user", "content": "死锁产生的四个必要条件是什么？"}]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"model": "gpt-4", "messages": QUESTION}, 404, "tutor-qa"),
        ({"model": "tutor", "messages": []}, 400, "messages 是空的"),
        ({"model": "tutor"}, 400, "messages 缺少"),
        ({"model": "tutor", "messages": QUESTION, "n": 2}, 400, "n=大于 1"),
        ({"model": "tutor", "messages": QUESTION, "tools": [{"type": "function"}]}, 400, "工具调用"),
        ({"model": "tutor", "messages": QUESTION, "subject": "math"}, 400, "math"),
        ({"model": "tutor", "messages": QUESTION, "stream": "maybe"}, 400, "stream 应是 true 或 false"),
        ({"model": "tutor", "messages": [{"role": "user", "content": " "}]}, 400, "问题是空的"),
        ({"model": "tutor", "messages": [{"role": "user", "content": "死" * 4001}]}, 413, "4001 字，超过上限 4000"),
        ({"model": "tutor", "messages": [{"role": "pirate", "content": "x"}]}, 400, "messages.0.role 不在可选的值里"),
        ([1, 2], 400, "请求体"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_bad_request_says_what_is_wrong(serve, body: Any, status: int, told: str, stream: bool) -> None:
    body = {"stream": stream, **body} if isinstance(body, dict) else body
    answer = serve().post("/v1/chat/completions", body)
    error = answer.json()["error"]
    assert answer.status_code == status and told in error["message"] and error["type"] == "invalid_request_error"


def test_bodies_that_are_no_json_or_far_too_big(serve) -> None:
    served = serve()
    url = served.url + "/v1/chat/completions"
    as_json = {"Content-Type": "application/json"}
    for body, headers, status in (
        (b"{not json", as_json, 400),
        (b"[" * 100_000, as_json, 400),
        (b'{"model": "\xff"}', as_json, 400),
        (b"{}", {"Content-Type": "text/plain"}, 415),
        (b" " * (4 << 20) + b"{}", as_json, 413),
    ):
        answer = httpx.post(url, content=body, headers=headers, timeout=SOON, trust_env=False)
        assert answer.status_code == status and answer.json()["error"]["message"]
    chunked = httpx.post(url, content=(b" " * 65536 for _ in range(80)), headers=as_json, timeout=SOON, trust_env=False)
    assert chunked.status_code == 413


def test_a_failing_model_is_502_before_its_first_word_and_a_line_of_the_stream_after(serve, client) -> None:
    broken = EndpointFaultError("接口中断了。请稍后再试。")
    early = client(serve(ScriptedChatModel(fails_after=0, error=broken)))
    for stream in (False, True):
        with pytest.raises(openai.APIStatusError, match="接口中断了") as caught:
            early.chat.completions.create(model="tutor", messages=QUESTION, stream=stream)
        assert caught.value.status_code == 502
    late = client(serve(ScriptedChatModel(fails_after=2, error=broken)))
    said = ""
    with pytest.raises(openai.APIError, match="接口中断了"):
        for chunk in late.chat.completions.create(model="tutor", messages=QUESTION, stream=True):
            said += chunk.choices[0].delta.content or ""
    assert said == "银行家算法避免死锁。"


class Unusable:
    """A retriever whose store can't be used."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def retrieve(self, *_: Any, **__: Any) -> Any:
        raise self.error


@pytest.mark.parametrize(
    ("error", "code"), [(EmptyStoreError("还是空的"), "store_empty"), (StoreBusyError("正忙"), "store_busy")]
)
def test_a_store_that_cannot_be_used_is_503(serve, error: Exception, code: str) -> None:
    answer = serve(retriever=Unusable(error)).post(
        "/v1/chat/completions", {"model": "tutor", "messages": QUESTION, "stream": True}
    )
    assert answer.status_code == 503 and answer.json()["error"]["code"] == code and answer.headers["retry-after"]


def test_an_unforeseen_error_is_500_without_a_traceback(serve, caplog) -> None:
    served = serve(retriever=Unusable(KeyError("secret")))
    logging.getLogger("uvicorn.error").addHandler(caplog.handler)
    answer = served.post("/v1/chat/completions", {"model": "tutor", "messages": QUESTION})
    assert (
        answer.status_code == 500 and "KeyError" in answer.text and "Traceback" not in answer.text and "secret" not in answer.text
    )
    deadline = time.monotonic() + SOON
    while not any(record.exc_info for record in caplog.records) and time.monotonic() < deadline:
        served.get("/healthz")
    logging.getLogger("uvicorn.error").removeHandler(caplog.handler)
    assert any(record.exc_info for record in caplog.records), "the terminal has it"


def test_before_it_is_ready_it_says_what_it_prepares(serve) -> None:
    served = serve()
    served.preparation.done.clear()
    served.preparation.status = "正在准备资料 3/9"
    answer = served.post("/v1/chat/completions", {"model": "tutor", "messages": QUESTION})
    assert answer.status_code == 503 and "正在准备资料 3/9" in answer.text
    health = served.get("/healthz")
    assert health.status_code == 503 and health.json()["doing"] == "正在准备资料 3/9"


def test_a_client_that_leaves_stops_the_model(serve) -> None:
    for stream in (True, False):
        model = ScriptedChatModel(
            words=["字"] * 1000, may=threading.Semaphore(3), said=threading.Semaphore(0), closed=threading.Event()
        )
        served = serve(model)
        body = {"model": "tutor", "messages": QUESTION, "stream": stream}
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(served.url + "/v1/chat/completions", json=body, timeout=0.5, trust_env=False)
        for _ in range(997):
            model.may.release()
            if model.closed.wait(0.005):
                break
        assert model.closed.is_set()
        assert sum(model.said.acquire(blocking=False) for _ in range(1000)) < 900, "it stopped long before its end"


def test_one_more_than_may_wait_is_429(serve) -> None:
    model = ScriptedChatModel(may=threading.Semaphore(0))
    served = serve(model, running=1, waiting=1)
    body = {"model": "tutor", "messages": QUESTION}
    with ThreadPoolExecutor(2) as pool:
        held = [pool.submit(served.post, "/v1/chat/completions", body) for _ in range(2)]
        deadline = time.monotonic() + SOON
        while "tutor_requests_running 3.0" not in served.get("/metrics").text and time.monotonic() < deadline:
            pass
        refused = served.post("/v1/chat/completions", body)
        assert (
            refused.status_code == 429
            and refused.json()["error"]["type"] == "rate_limit_error"
            and refused.headers["retry-after"]
        )
        model.may.release(10)
        assert [h.result().status_code for h in held] == [200, 200]


def test_twenty_clients_at_once_and_the_loop_stays_free(serve, client) -> None:
    served = serve(running=4)
    chat = client(served)
    served.get("/healthz")
    with ThreadPoolExecutor(20) as pool:
        asked = [
            pool.submit(chat.chat.completions.create, model="tutor", messages=QUESTION, stream=n % 2 == 0) for n in range(40)
        ]
        waits = []
        while not all(one.done() for one in asked):
            begun = time.perf_counter()
            assert served.get("/healthz").status_code == 200
            waits.append(time.perf_counter() - begun)
        for one in asked:
            answer = one.result()
            text = (
                answer.choices[0].message.content
                if hasattr(answer, "choices")
                else "".join(c.choices[0].delta.content or "" for c in answer)
            )
            assert "互斥条件" in text
    assert sorted(waits)[len(waits) // 2] < 1.0, "far above what bench/serve.py finds: an event loop that is blocked takes longer"
