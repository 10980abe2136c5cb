"""What the exam evaluator adds: questions a second, with an endpoint that answers at once.

Run as: python -m bench.exam [--questions 2000] [--concurrency 16] [--rounds 3]
The endpoint is a process of its own on the same machine; its work is part of the time. Computed questions are asked,
answers read, records written, as `python -m eval.exam` does; loading and the report are not counted.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event

from eval.exams.exam_set import generated_exam
from eval.exams.plan import planned
from eval.exams.records import Records
from eval.exams.runner import Fault, asked
from eval.exams.setup import set_up
from settings import ROOT, Settings

_ENDPOINT = "--endpoint"
_ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "fixed",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "先分析题意。\n答案：C"}}],
    "usage": {"prompt_tokens": 300, "completion_tokens": 8, "total_tokens": 308},
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.exam")
    parser.add_argument("--questions", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(_ENDPOINT, type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.endpoint:
        ThreadingHTTPServer(("127.0.0.1", options.endpoint), _AtOnce).serve_forever()
    with _endpoint() as url, tempfile.TemporaryDirectory() as folder:
        settings = Settings(chat_model="openai:fixed", chat_base_url=f"{url}/v1", data_dir=Path(folder))
        plan, exam = planned(settings, "gen", "off", 0, False, False), generated_exam(options.questions, 408, 0)
        for number in range(options.rounds):
            setup = set_up(settings, plan, exam, None, {}, Event())
            records, begun = Records(Path(folder) / f"{number}.jsonl"), time.perf_counter()
            faults = 0
            for outcome in asked(plan.samples(exam.questions), setup, options.concurrency, Event()):
                if isinstance(outcome, Fault):
                    faults += 1
                else:
                    records.add(outcome)
            seconds = time.perf_counter() - begun
            records.close()
            n = len(exam.questions)
            print(f"{n} questions, {options.concurrency} at once: {n / seconds:.0f} a second, {faults} faults")
    return 0


class _AtOnce(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps(_ANSWER).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Nothing: a line for each request would be measured too."""


@contextmanager
def _endpoint() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "bench.exam", _ENDPOINT, str(port)], cwd=ROOT)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None:
                    raise
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    raise SystemExit(main())
