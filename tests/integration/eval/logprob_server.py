"""A real HTTP server that speaks enough of the OpenAI protocol to be asked for the likeliest first tokens."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from http.server import ThreadingHTTPServer
from typing import Any

from tests.integration.eval.json_handler import JsonHandler

__all__ = ["LogprobServer", "candidates"]


class LogprobServer(ThreadingHTTPServer):
    """Listens on a free port of this machine; its attributes say how it answers.

    Attributes:
        logprobs: of the only choice, as it stands in the answer; "absent" leaves the field out.
        most: the largest `top_logprobs` that it accepts; -1 refuses `logprobs` altogether.
        status, told: answered instead, where the status is not 200.
        dies: closes the connection without an answer.
        counts: whether it tells the tokens used.
        reason: why its answer ended.
        warm: whether it takes a temperature.
        bodies: what was asked, oldest first.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.logprobs: Any = "absent"
        self.most = 20
        self.status = 200
        self.told = "out of order"
        self.dies = False
        self.counts = True
        self.reason = "length"
        self.warm = True
        self.bodies: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


def candidates(likeliest: Sequence[tuple[str, float]]) -> dict[str, Any]:
    """`logprobs` of a choice with one token, the first of these, and its rivals."""
    rivals = [{"token": token, "logprob": logprob, "bytes": list(token.encode())} for token, logprob in likeliest]
    return {"content": [rivals[0] | {"top_logprobs": rivals}], "refusal": None}


class _Handler(JsonHandler):
    server: LogprobServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.bodies.append(body)
        if self.server.dies:
            self.close_connection = True
        elif self.server.status != 200:
            self.send_json(self.server.status, {"error": {"message": self.server.told}})
        elif not self.server.warm and "temperature" in body:
            self.send_json(400, {"error": {"message": "temperature is not supported", "param": "temperature"}})
        elif body.get("top_logprobs", 0) > self.server.most:
            told = "Logprobs requested but not enabled" if self.server.most < 0 else f"at most {self.server.most} top_logprobs"
            self.send_json(400, {"error": {"message": told}})
        else:
            self._answer()

    def _answer(self) -> None:
        message = {"role": "assistant", "content": "B"}
        choice: dict[str, Any] = {"index": 0, "message": message, "finish_reason": self.server.reason}
        if self.server.logprobs != "absent":
            choice["logprobs"] = self.server.logprobs
        answer: dict[str, Any] = {"id": "x", "object": "chat.completion", "model": "m-1", "choices": [choice]}
        if self.server.counts:
            answer["usage"] = {"prompt_tokens": 91, "completion_tokens": 1, "total_tokens": 92}
        self.send_json(200, answer)
