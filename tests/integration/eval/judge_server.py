"""A real HTTP server of the OpenAI protocol that plays two systems and the judge, told apart by the model's name."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any

from tests.integration.eval.json_handler import JsonHandler

__all__ = ["GOOD", "JUDGE", "OTHER_JUDGE", "TIE", "JudgeServer"]

JUDGE, OTHER_JUDGE = "big", "huge"
GOOD, TIE = '{"reason": "可以", "score": 8}', '{"reason": "相当", "winner": "平"}'
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)


class JudgeServer(ThreadingHTTPServer):
    """Listens on a free port of this machine.

    Attributes:
        bodies: what was asked and answered, oldest first; `keys`: with which key.
        answer: what a system says to the messages.
        verdict: what the judge says to a question and the whole message.
        cut_off: whether an answer is said to have ended by its length.
        refuse: HTTP status for a request, 200 to answer it.
        stop_after: requests that are answered; the next ones hang until `released`, and `stuck` tells so.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[tuple[str, str]] = []
        self.answer: Callable[[str, list[dict[str, str]]], str] = lambda model, turns: f"{model} 答：{turns[-1]['content'][:20]}"
        self.verdict: Callable[[str, str], str] = lambda question, message: TIE if "winner" in message else GOOD
        self.refuse: Callable[[dict[str, Any]], int] = lambda body: 200
        self.cut_off: Callable[[dict[str, Any]], bool] = lambda body: False
        self.stop_after = 10**9
        self.stuck, self.released = threading.Event(), threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def asked(self, model: str) -> list[dict[str, Any]]:
        """The requests to one model that were answered."""
        return [body for body in self.bodies if body["model"] == model]

    def take(self, body: dict[str, Any], key: str) -> int:
        """Note a request; its status."""
        with self._lock:
            status = self.refuse(body)
            if len(self.bodies) >= self.stop_after:
                self.stuck.set()
                status = 0
            elif status == 200:
                self.bodies.append(body)
            self.keys.append((body["model"], key))
        return status

    def reply(self, body: dict[str, Any]) -> str:
        """What the model says."""
        message = body["messages"][-1]["content"]
        if body["model"] in (JUDGE, OTHER_JUDGE):
            found = _QUESTION.search(message)
            assert found, "the judge is shown the question"
            return self.verdict(found[1], message)
        return self.answer(body["model"], body["messages"])


class _Handler(JsonHandler):
    server: JudgeServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.take(body, self.headers["Authorization"].removeprefix("Bearer "))
        if status == 0:
            self.server.released.wait(60)
            self.close_connection = True
        elif status != 200:
            self.send_json(status, {"error": {"message": "out of order"}})
        else:
            message = {"role": "assistant", "content": self.server.reply(body)}
            choice = {"index": 0, "message": message, "finish_reason": "length" if self.server.cut_off(body) else "stop"}
            counts = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
            self.send_json(
                200, {"id": "x", "object": "chat.completion", "model": body["model"], "choices": [choice], "usage": counts}
            )
