"""Stand-ins for lmdeploy's engine, which needs a GPU: a pipeline of our own, and lmdeploy's own around a scripted core."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

__all__ = ["ScriptedPipeline", "ScriptedResponse", "real_pipeline"]


@dataclass
class ScriptedResponse:
    """The fields of lmdeploy's `Response` that are read."""

    text: str
    generate_token_len: int
    input_token_len: int
    finish_reason: str | None = None
    error_code: str | None = None
    error_message: str | None = None


@dataclass
class ScriptedSession:
    """A session that remembers being aborted."""

    epoch: int | None = None
    aborted: threading.Event = field(default_factory=threading.Event)

    def abort(self) -> None:
        self.aborted.set()


class ScriptedPipeline:
    """Answers what it was told to; `None` in the script means: go on for ever, until the session is aborted."""

    def __init__(self, script: Sequence[ScriptedResponse | None]) -> None:
        self.script = script
        self.asked: list[dict[str, Any]] = []
        self.sessions: list[ScriptedSession] = []

    def session(self) -> ScriptedSession:
        self.sessions.append(ScriptedSession())
        return self.sessions[-1]

    def stream_infer(self, prompts: Any, sessions: ScriptedSession, **options: Any) -> Iterator[ScriptedResponse]:
        self.asked.append({"prompts": prompts, **options})
        for response in self.script:
            if response is not None:
                yield response
                continue
            while not sessions.aborted.wait(0.01):
                yield ScriptedResponse("。", 1, 5)


def real_pipeline(pieces: Sequence[str], endless: bool = False) -> Any:
    """lmdeploy's own `Pipeline`, sessions and event loop; only the engine below them is scripted."""
    from lmdeploy import Pipeline
    from lmdeploy.pipeline import _EventLoopThread
    from lmdeploy.serve.managers import SessionManager

    pipeline = Pipeline.__new__(Pipeline)
    pipeline.internal_thread = _EventLoopThread(daemon=True)
    pipeline.limiter = None
    pipeline.backend_config = SimpleNamespace(max_batch_size=4)
    pipeline.session_mgr = SessionManager()
    pipeline.session_mgr.attach_event_loop(pipeline.internal_thread.loop)
    pipeline.session_mgr.build_request_handle_pool(_Handles(), 4)
    pipeline.async_engine = _Engine(pipeline.session_mgr, pieces, endless)
    return pipeline


class _Handles:
    def create_instance(self) -> Any:
        return _Handle()


class _Handle:
    """What a session cancels."""

    def __init__(self) -> None:
        self.cancelled = False

    async def async_cancel(self, _: int) -> None:
        self.cancelled = True


class _Engine:
    """The two coroutines of `AsyncEngine` that the pipeline calls."""

    epoch = 0

    def __init__(self, sessions: Any, pieces: Sequence[str], endless: bool) -> None:
        self.sessions = sessions
        self.pieces = pieces
        self.endless = endless
        self.requests: list[dict[str, Any]] = []
        self.finished = threading.Event()

    async def preprocess(self, **request: Any) -> Any:
        self.requests.append(request)
        return SimpleNamespace(session=request["session_id"], input_token_len=5)

    async def generate(self, request: Any, stream_response: bool = True) -> AsyncIterator[Any]:
        from lmdeploy.serve.core.async_engine import GenOut

        request.session._remove_on_request_exit = True
        async with request.session.request_handle() as handle:
            if request.session.epoch not in (None, self.epoch):
                yield GenOut("", 5, 0, "abort")
                return
            made = 0
            while made < len(self.pieces) or (self.endless and not handle.cancelled):
                made += 1
                yield GenOut(self.pieces[(made - 1) % len(self.pieces)], 5, made)
                await asyncio.sleep(0.001)
            yield GenOut("", 5, made, "abort" if handle.cancelled else "stop")
        self.finished.set()

    def close(self) -> None:
        """Nothing to free."""
