"""A real HTTP server of the OpenAI protocol that makes pairs of the passages that it is shown, and checks claims."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any

from rag.fence import read_fenced
from rag.prompts_claims import CHECK_ROLE
from rag.sentences import sentences
from tests.integration.eval.json_handler import JsonHandler

__all__ = ["PairsServer", "honest"]


def honest(message: str) -> str:
    """Pairs whose answers are the longest sentences of the passage, as many as are wanted."""
    passage = read_fenced(message)[0].text
    count = int(re.findall(r"写 (\d+) 个问答", message)[-1])
    said = [" ".join(passage[slice(*bounds)].split()) for bounds in sentences(passage)]
    longest = sorted(said, key=len, reverse=True)[:count]
    pairs = [{"question": f"“{one[:12]}”说的是什么？", "answer": one, "quote": one} for one in longest]
    return f"好的：\n```json\n{json.dumps({'pairs': pairs}, ensure_ascii=False)}\n```"


class PairsServer(ThreadingHTTPServer):
    """Listens on a free port of this machine.

    Attributes:
        bodies: what was asked and answered, oldest first.
        answer: what the model says to a message about a passage.
        verdict: what it says of each claim.
        refuse: HTTP status for a message, 200 to answer it.
        stop_after: requests that are answered; the next ones hang until `released`, and `stuck` tells so.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: list[dict[str, Any]] = []
        self.answer: Callable[[str], str] = honest
        self.verdict: Callable[[str], str] = lambda claim: "支持"
        self.refuse: Callable[[str], int] = lambda message: 200
        self.stop_after = 10**9
        self.stuck, self.released = threading.Event(), threading.Event()
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def messages(self) -> list[str]:
        """The last messages of the requests that were answered."""
        return [body["messages"][-1]["content"] for body in self.bodies]

    def take(self, body: dict[str, Any]) -> int:
        """Note a request; its status, 0 to let it hang."""
        with self._lock:
            if len(self.bodies) >= self.stop_after:
                self.stuck.set()
                return 0
            status = self.refuse(body["messages"][-1]["content"])
            if status == 200:
                self.bodies.append(body)
            return status

    def reply(self, body: dict[str, Any]) -> str:
        """What the model says."""
        message = body["messages"][-1]["content"]
        if body["messages"][0]["content"] != CHECK_ROLE:
            return self.answer(message)
        claims = re.findall(r"^(\d+)\. (.*)$", message.partition("<material>")[2].partition("</material>")[0], re.MULTILINE)
        checked = [{"n": int(n), "reason": "对照过", "verdict": self.verdict(claim)} for n, claim in claims]
        return json.dumps({"checked": checked}, ensure_ascii=False)


class _Handler(JsonHandler):
    server: PairsServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.take(body)
        if status == 0:
            self.server.released.wait(60)
            self.close_connection = True
        elif status != 200:
            self.send_json(status, {"error": {"message": "out of order"}})
        else:
            choice = {"index": 0, "message": {"role": "assistant", "content": self.server.reply(body)}, "finish_reason": "stop"}
            counts = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
            self.send_json(
                200, {"id": "x", "object": "chat.completion", "model": body["model"], "choices": [choice], "usage": counts}
            )
