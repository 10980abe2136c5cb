"""A real HTTP server that speaks enough of the OpenAI protocol, and misbehaves as the key in the request says."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["PIECES", "EndpointServer"]

PIECES = ["银行家算法", "避免死锁。", "[1]"]
_TOO_LONG = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens."

_REASONS = {"starved": "insufficient_system_resource", "failed": "error", "full": "length"}
"""Why an answer ends, by the key."""

_NO_ANSWERS = {
    "page": ("text/html", b"<html>log in first</html>"),
    "empty": ("application/json", b'{"id": "x", "object": "chat.completion", "choices": []}'),
    "other": ("application/json", b'{"detail": "hello"}'),
}


class EndpointServer(ThreadingHTTPServer):
    """Listens on a free port of this machine.

    Attributes:
        bodies: what was asked, oldest first.
        left: set when a client has gone in the middle of an endless answer.
        released: set at the end, to free the answers that hang.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, Any]] = []
        self.left = threading.Event()
        self.released = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EndpointServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        key = self.headers["Authorization"].removeprefix("Bearer ")
        if key.isdigit():
            self._refuse(int(key), "no")
        elif key == "flaky" and len(self.server.bodies) % 3:
            self._refuse(503, "busy")
        elif key == "too-long":
            self._refuse(400, _TOO_LONG)
        elif key == "plain" and "stream_options" in body:
            self._refuse(400, "Unrecognized request argument supplied: stream_options")
        elif key == "cool" and body.get("temperature") is not None:
            self._refuse(400, "Unsupported value: 'temperature' does not support 0 with this model.")
        elif key in _NO_ANSWERS:
            self._send(200, *_NO_ANSWERS[key])
        elif key == "hangs":
            self.server.released.wait(20)
        elif body.get("stream"):
            self._stream(key, "stream_options" in body)
        else:
            self._whole(_REASONS.get(key, "stop"))

    def _stream(self, key: str, usage: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in PIECES[: 2 if key in ("half", "unfinished", "stalls") else 3]:
            self._event({"choices": [{"index": 0, "delta": {"content": piece}}]})
        if key == "endless":
            self._go_on()
        elif key == "half":
            self.close_connection = True  # without the last chunk
        elif key == "stalls":
            self.server.released.wait(20)
        elif key == "unfinished":
            self._end()
        elif key == "error":
            self._event({"error": {"message": "the engine died", "code": 500}})
            self._end()
        else:
            self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": _REASONS.get(key, "stop")}]})
            if usage:
                counts = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
                self._event({"choices": [], "usage": counts})
            self._chunk("data: [DONE]\n\n")
            self._end()

    def _go_on(self) -> None:
        try:
            while not self.server.released.wait(0.01):
                self._event({"choices": [{"index": 0, "delta": {"content": "。"}}]})
        except OSError:
            self.server.left.set()
            self.close_connection = True

    def _event(self, values: dict[str, Any]) -> None:
        self._chunk(f"data: {json.dumps({'id': 'x', 'object': 'chat.completion.chunk', 'model': 'm-1', **values})}\n\n")

    def _chunk(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _end(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _whole(self, reason: str) -> None:
        message = {"role": "assistant", "content": "".join(PIECES)}
        counts = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
        choice = {"index": 0, "message": message, "finish_reason": reason}
        whole = {"id": "x", "object": "chat.completion", "model": "m-1", "choices": [choice], "usage": counts}
        self._send(200, "application/json", json.dumps(whole).encode())

    def _refuse(self, status: int, told: str) -> None:
        self._send(status, "application/json", json.dumps({"error": {"message": told}}).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Retry-After-Ms", "1")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""
