"""How fast the API answers: fifty users at once without a model, and what it adds to the time to the first token of a model.

Run as: python -m bench.serve [--users 50] [--questions 400] [--asked 60] [--seed 408]
The application runs as a process of its own on a temporary data folder, filled at its first start. The users share the
machine with it: their own work is part of all times.

1. Without a model: `--users` users ask `--questions` questions of knowledge/asked, streamed, each user one after the other.
   While they ask, /healthz is asked again and again.
2. With a model (`openai:`): an endpoint in a process of its own says its first word after FIRST_DELAY seconds and one more every
   WORD_DELAY. Users ask it and the application in turns; the difference of the times to the first word is what retrieval, the
   prompt and the API add. Once with one user, once with ten.

All times are in ms.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from knowledge.asked import read_asked
from settings import ROOT

FIRST_DELAY, WORD_DELAY, WORDS = 0.1, 0.01, 40
_START_SECONDS = 180.0
_PAUSE = 0.05
_ENDPOINT = "--endpoint"


@dataclass(frozen=True)
class Timing:
    """Seconds to the first word and to the end of one answer; `error` if there was none."""

    first: float
    whole: float
    error: str = ""


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.serve")
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--asked", type=int, default=60, help="questions of each user with a model")
    parser.add_argument("--seed", type=int, default=408)
    parser.add_argument(_ENDPOINT, type=int, metavar="PORT", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.endpoint:
        return serve_endpoint(options.endpoint)
    questions = [asked.question for asked in read_asked()]
    random.Random(options.seed).shuffle(questions)
    with tempfile.TemporaryDirectory() as folder:
        with application(Path(folder), {}) as url:
            asyncio.run(without_model(url, options.users, questions[: options.questions]))
        with endpoint() as raw:
            settings = {"TUTOR_CHAT_MODEL": "openai:fixed", "TUTOR_CHAT_BASE_URL": f"{raw}/v1"}
            with application(Path(folder), settings) as url:
                for users in (1, 10):
                    asyncio.run(with_model(raw, url, users, questions[: options.asked * users]))
    return 0


async def without_model(url: str, users: int, questions: list[str]) -> None:
    """Students before an examination, who all ask at once."""
    waiting = list(questions)
    timings: list[Timing] = []

    async def user(http: httpx.AsyncClient) -> None:
        while waiting:
            timings.append(await ask(http, url, "tutor", waiting.pop()))

    async with client() as http:
        await asyncio.gather(*(ask(http, url, "tutor", question) for question in questions[:3]))  # warm
        done = asyncio.Event()
        health = asyncio.create_task(watch(http, url, done))
        begun = time.perf_counter()
        await asyncio.gather(*(user(http) for _ in range(users)))
        seconds = time.perf_counter() - begun
        done.set()
        waits = await health
    errors = sorted({timing.error for timing in timings if timing.error})
    print(
        f"without a model, {users} users, {len(timings)} questions, {len(timings) / seconds:.1f} a second; errors: {errors or 'none'}"
    )
    print(f"  first token: {told([t.first for t in timings])}")
    print(f"  whole answer: {told([t.whole for t in timings])}")
    print(f"  /healthz meanwhile: {told(waits)}, longest {max(waits) * 1000:.0f}")


async def watch(http: httpx.AsyncClient, url: str, done: asyncio.Event) -> list[float]:
    """Seconds that each look at /healthz took."""
    waits: list[float] = []
    while not done.is_set():
        begun = time.perf_counter()
        (await http.get(f"{url}/healthz")).raise_for_status()
        waits.append(time.perf_counter() - begun)
        await asyncio.sleep(_PAUSE)
    return waits


async def with_model(raw: str, url: str, users: int, questions: list[str]) -> None:
    """The same questions to the endpoint itself and through the application, in turns."""
    waiting = list(questions)
    pairs: list[tuple[Timing, Timing]] = []

    async def user(http: httpx.AsyncClient) -> None:
        while waiting:
            question = waiting.pop()
            pairs.append((await ask(http, raw, "fixed", question), await ask(http, url, "tutor", question)))

    async with client() as http:
        for question in questions[:3]:  # warm
            await ask(http, url, "tutor", question)
        await asyncio.gather(*(user(http) for _ in range(users)))
    answered = [pair for pair in pairs if not any(one.error for one in pair)]
    errors = sorted({one.error for pair in pairs for one in pair if one.error})
    spoken = [(a, b) for a, b in answered if b.whole - b.first > WORD_DELAY]  # the others were refused without asking the model
    print(
        f"with a model, {users} users, {len(pairs)} questions ({len(answered) - len(spoken)} refused); errors: {errors or 'none'}"
    )
    print(f"  first token of the endpoint: {told([a.first for a, _ in spoken])}")
    print(f"  first token through the API: {told([b.first for _, b in spoken])}")
    print(f"  added: {told([b.first - a.first for a, b in spoken])}")


async def ask(http: httpx.AsyncClient, url: str, model: str, question: str) -> Timing:
    """Ask, streamed."""
    body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": True}
    begun, first, finished = time.perf_counter(), 0.0, False
    try:
        async with http.stream("POST", f"{url}/v1/chat/completions", json=body) as response:
            if response.status_code != 200:
                return Timing(0, 0, f"HTTP {response.status_code}")
            async for line in response.aiter_lines():
                if line == "data: [DONE]":
                    finished = True
                elif line.startswith("data: ") and not first and _words(json.loads(line[6:])):
                    first = time.perf_counter() - begun
    except httpx.HTTPError as error:
        return Timing(0, 0, type(error).__name__)
    return Timing(first, time.perf_counter() - begun, "" if finished and first else "no answer")


def _words(chunk: dict[str, Any]) -> str:
    return str(chunk["choices"][0]["delta"].get("content") or "") if chunk.get("choices") else ""


def client() -> httpx.AsyncClient:
    """A client that keeps its connections, as browsers and the `openai` client do."""
    return httpx.AsyncClient(
        timeout=120, trust_env=False, limits=httpx.Limits(max_connections=None, max_keepalive_connections=None)
    )


def told(seconds: Sequence[float]) -> str:
    """Median and 95th percentile in ms."""
    if len(seconds) < 2:
        return "too few"
    return f"p50 {median(seconds) * 1000:.0f}, p95 {quantiles(seconds, n=20)[-1] * 1000:.0f}"


@contextmanager
def application(data: Path, settings: dict[str, str]) -> Iterator[str]:
    """`app.py` in a process, when it is ready; gives its address."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    with process(["app.py", "--port"], environment | {"TUTOR_DATA_DIR": str(data), "HF_HUB_OFFLINE": "1"} | settings) as url:
        yield url


@contextmanager
def endpoint() -> Iterator[str]:
    """The model's endpoint in a process; gives its address."""
    with process(["-m", "bench.serve", _ENDPOINT], dict(os.environ)) as url:
        yield url


@contextmanager
def process(command: list[str], environment: dict[str, str]) -> Iterator[str]:
    """A Python program of this repository that listens on the port that is its last argument, once /healthz says that it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    running = subprocess.Popen([sys.executable, *command, str(port)], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_until_ready(url, running)
        yield url
    finally:
        running.terminate()
        running.wait()


def wait_until_ready(url: str, running: subprocess.Popen[bytes], patience: float = _START_SECONDS) -> None:
    """Until /healthz answers 200, at most so many seconds."""
    deadline = time.monotonic() + patience
    while running.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(_PAUSE)
    raise SystemExit(f"{url} did not start")


def serve_endpoint(port: int) -> int:
    """A model of the OpenAI protocol that speaks at a fixed pace."""
    import uvicorn

    async def complete(request: Request) -> StreamingResponse:
        await request.body()
        return StreamingResponse(_spoken(), media_type="text/event-stream")

    async def health(_: Request) -> StreamingResponse:
        return StreamingResponse(iter([b"ready"]))

    routes = [Route("/v1/chat/completions", complete, methods=["POST"]), Route("/healthz", health)]
    uvicorn.run(Starlette(routes=routes), port=port, log_level="warning")
    return 0


async def _spoken() -> AsyncIterator[bytes]:
    await asyncio.sleep(FIRST_DELAY)
    for n in range(WORDS):
        choice = {"index": 0, "delta": {"content": f"第{n}个词，"}, "finish_reason": None}
        yield _line([choice])
        await asyncio.sleep(WORD_DELAY)
    yield _line([{"index": 0, "delta": {}, "finish_reason": "stop"}]) + b"data: [DONE]\n\n"


def _line(choices: list[dict[str, Any]]) -> bytes:
    chunk = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "fixed", "choices": choices}
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


if __name__ == "__main__":
    raise SystemExit(main())
