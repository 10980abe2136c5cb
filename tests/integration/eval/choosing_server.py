"""A real HTTP server that answers exam questions: always the same to the same question, until it is told to die."""

from __future__ import annotations

import json
import re
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["ChoosingServer"]

REPLIES = ("DMA 方式与之无关。\n答案：{}", "<think>先看 A 项……</think>故选 {}", "**{}**", "The answer is {}.", "我不知道。")


class ChoosingServer(ThreadingHTTPServer):
    """Listens on `port` of this machine, or a free one.

    Attributes:
        asked: how many requests came; `last` is the newest one's body.
        dies_at: from this request on, each is cut off without an answer; None for never.
        held_at: at this request it sets `reached` and answers no more until `released`.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, dies_at: int | None = None, held_at: int | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = 0
        self.last: dict[str, Any] = {}
        self.dies_at, self.held_at = dies_at, held_at
        self.reached, self.released = threading.Event(), threading.Event()
        self.turn = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __exit__(self, *args: object) -> None:
        self.released.set()
        self.shutdown()
        super().__exit__(*args)  # type: ignore[arg-type]


def _reply(asked: str) -> str:
    """Marks, where a judge is asked for them: full ones for each second criterion; else some answer with a letter or none."""
    if criteria := re.findall(r"^(\d+)\. \[第 \d+ 问，(\d+) 分\]", asked, re.MULTILINE):
        marks = [{"criterion": int(n), "reason": "对照评分点", "score": int(full) * (int(n) % 2)} for n, full in criteria]
        return json.dumps({"marks": marks}, ensure_ascii=False)
    told = zlib.crc32(asked.encode())
    return REPLIES[told % len(REPLIES)].format("ABCD"[told // 7 % 4])


class _Handler(BaseHTTPRequestHandler):
    server: ChoosingServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.turn:
            self.server.asked += 1
            self.server.last = body
            number = self.server.asked
        if self.server.held_at and number >= self.server.held_at:
            self.server.reached.set()
            self.server.released.wait(60)
        if self.server.dies_at and number >= self.server.dies_at:
            self.close_connection = True
            return
        self._answer(body)

    def _answer(self, body: dict[str, Any]) -> None:
        reply = _reply(body["messages"][-1]["content"])
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": reply}}
        counts = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}
        data = json.dumps({"id": "x", "object": "chat.completion", "model": "m", "choices": [choice], "usage": counts}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Nothing on the test's screen."""
