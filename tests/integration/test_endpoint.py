"""The `openai:` chat model against a real HTTP server on this machine."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from errors import EndpointFaultError, EndpointRefusedError, EndpointUnreachableError
from rag.chat_models import load_chat_model
from settings import Settings

PIECES = ["银行家算法", "避免死锁。", "[1]"]


class Endpoint(BaseHTTPRequestHandler):
    """Speaks enough of the OpenAI protocol; the key in the request chooses the status of the answer."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)  # type: ignore[attr-defined]
        key = self.headers["Authorization"].removeprefix("Bearer ")
        status = int(key) if key.isdigit() else 200
        if status != 200:
            self._send(status, "application/json", json.dumps({"error": {"message": "no"}}).encode())
        elif key == "page":
            self._send(200, "text/html", b"<html>log in first</html>")
        elif body.get("stream"):
            chunks = [{"choices": [{"index": 0, "delta": {"content": p}}]} for p in PIECES]
            lines = [f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'model': 'm', **c})}\n\n" for c in chunks]
            self._send(200, "text/event-stream", ("".join(lines) + "data: [DONE]\n\n").encode())
        else:
            message = {"role": "assistant", "content": "".join(PIECES)}
            whole = {"id": "x", "object": "chat.completion", "model": "m", "choices": [{"index": 0, "message": message}]}
            self._send(200, "application/json", json.dumps(whole).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def server() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Endpoint) as http:
        http.bodies = []  # type: ignore[attr-defined]
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield http
        http.shutdown()


def model(url: str, key: str = "sk-test"):
    values = {"chat_model": "openai:m", "chat_base_url": url, "chat_api_key": key, "chat_timeout_seconds": 5}
    return load_chat_model(Settings(_env_file=None, **values))


def url(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}/v1"


def test_it_streams_and_answers(server: ThreadingHTTPServer) -> None:
    chat = model(url(server))
    assert [str(c.content) for c in chat.stream("怎样避免死锁？") if c.content] == PIECES
    assert chat.invoke("怎样避免死锁？").content == "".join(PIECES)
    assert server.bodies[-1]["model"] == "m" and server.bodies[-1]["messages"][0]["content"] == "怎样避免死锁？"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("status", "error", "advice"),
    [
        (401, EndpointRefusedError, "TUTOR_CHAT_API_KEY"),
        (403, EndpointRefusedError, "TUTOR_CHAT_API_KEY"),
        (404, EndpointFaultError, "/v1"),
        (429, EndpointFaultError, "额度"),
        (503, EndpointFaultError, "服务端出错"),
    ],
)
def test_each_failure_says_what_to_do(server: ThreadingHTTPServer, status: int, error: type[Exception], advice: str) -> None:
    chat = model(url(server), str(status))
    for call in (lambda: chat.invoke("死锁？"), lambda: list(chat.stream("死锁？"))):
        with pytest.raises(error, match=advice) as caught:
            call()
        assert str(status) in str(caught.value)


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(EndpointUnreachableError, match="TUTOR_CHAT_BASE_URL"):
        model(f"http://127.0.0.1:{port}/v1").invoke("死锁？")


def test_a_login_page_is_no_answer(server: ThreadingHTTPServer) -> None:
    with pytest.raises(EndpointFaultError, match="兼容 OpenAI"):
        list(model(url(server), "page").stream("死锁？"))
