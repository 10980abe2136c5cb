"""A real HTTP server that plays two models: `teacher` answers with a quote, `judge` bears out whatever it is asked; until it dies."""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["TutorServer"]

_LINE = re.compile(r"^(\d+)\. ", re.MULTILINE)


class TutorServer(ThreadingHTTPServer):
    """Listens on a free port of this machine; the teacher's answer is the first sentence of its first passage, and one of its own.

    Attributes:
        temperatures: that the judge was asked with.
        dies_at: from this request to the teacher on, each is cut off without an answer; None for never.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = 0
        self.dies_at: int | None = None
        self.temperatures: list[float] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        super().__exit__(*args)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    server: TutorServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = str(body["messages"][-1]["content"])
        if body["model"] == "judge":
            self.server.temperatures.append(body["temperature"])
            return self._whole(_judged(message))
        self.server.asked += 1
        if self.server.dies_at and self.server.asked >= self.server.dies_at:
            self.close_connection = True
            return None
        return self._stream(_taught(message))

    def _whole(self, text: str) -> None:
        choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
        self._send("application/json", json.dumps({"id": "x", "object": "chat.completion", "choices": [choice]}).encode())

    def _stream(self, text: str) -> None:
        events: list[Any] = [{"choices": [{"index": 0, "delta": {"content": text}}]}]
        events.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        lines = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
        self._send("text/event-stream", lines.encode())

    def _send(self, kind: str, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
        pass


def _taught(message: str) -> str:
    passage = message.partition(">\n")[2].partition("\n</passage>")[0]
    return f"{passage.splitlines()[0]}[1] 我认为考试会考 7 次。"


def _judged(message: str) -> str:
    if "拆成断言" in message:
        return json.dumps({"claims": ["资料里的一句", "考试会考 7 次"]}, ensure_ascii=False)
    listed = message.partition("<material>")[2].partition("</material>")[0]
    verdicts = [
        {"n": int(n), "reason": "核对过", "verdict": "矛盾" if f"{n}. 考试" in listed else "支持"} for n in _LINE.findall(listed)
    ]
    return json.dumps({"checked": verdicts}, ensure_ascii=False)
