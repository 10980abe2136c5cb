"""Answers are made in threads, so many at a time; the event loop hands their events on and stays free."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from rag.events import Answer, Event, Token
from server.faults import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.requests import Request

__all__ = ["Answering", "ClientLeft", "Run", "while_connected"]

_T = TypeVar("_T")

RUNNING = {False: 2, True: 32}
"""Answers at the same time, by whether a language model makes them. A model is waited for; but to quote passages is work for this
machine's processor: four threads at it give no more answers a second than two, and keep the event loop waiting longer (bench/serve.py)."""
WAITING = 128
"""Requests that may wait for their turn; the next is told to come later."""


class ClientLeft(Exception):
    """The client closed the connection; nobody is there to be told anything."""


class Answering:
    """Runs answers in threads.

    Args:
        running: most answers at the same time.
        waiting: most answers that wait for one of these to end.
    """

    def __init__(self, running: int, waiting: int = WAITING) -> None:
        self._running = running
        self._waiting = waiting
        self._limiter: anyio.CapacityLimiter | None = None
        self._present = 0

    def start(self, make: Callable[[], Iterator[Event]]) -> Run:
        """Begin an answer, or its waiting. `make` and all that it yields run in one thread.

        Raises:
            ApiError: too many are waiting already.
        """
        if self._present >= self._running + self._waiting:
            raise ApiError(429, f"现在有 {self._present} 个请求在回答或排队，太多了。请稍后再试。", "too_many_requests")
        self._limiter = self._limiter or anyio.CapacityLimiter(self._running)  # here: it belongs to the running event loop
        self._present += 1
        run = Run(make, self._limiter)
        run.task.add_done_callback(self._ended)
        return run

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._present -= 1
        if not task.cancelled():
            task.exception()  # looked at, so that asyncio does not complain of one whose client has left


class Run:
    """One answer in the making.

    Attributes:
        task: ends when the thread does.
        ended: whether all its events have been handed out.
    """

    def __init__(self, make: Callable[[], Iterator[Event]], limiter: anyio.CapacityLimiter) -> None:
        self._make = make
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._left = threading.Event()
        self._begun = False
        self.ended = False
        self.task = asyncio.create_task(self._work(limiter))

    async def batch(self, seconds: float | None = None) -> list[Event]:
        """The next events, at least one; [] after `seconds` without any, or at the end.

        Raises:
            TutorError: the answer failed.
        """
        try:
            event = await asyncio.wait_for(self._events.get(), seconds) if self._events.empty() else self._events.get_nowait()
        except TimeoutError:
            return []
        events: list[Event] = []
        while event is not None:
            events.append(event)
            if self._events.empty():
                return events
            event = self._events.get_nowait()
        if events:
            self._events.put_nowait(None)  # what came before an error is handed out first
        else:
            self.ended = True
            await self.task
        return events

    async def opening(self, seconds: float) -> list[Event]:
        """The events up to the first words; fewer if that takes longer than `seconds`."""
        events: list[Event] = []
        deadline = self._loop.time() + seconds
        while not any(isinstance(event, Answer) or (isinstance(event, Token) and event.text) for event in events):
            if self.ended or (left := deadline - self._loop.time()) <= 0:
                break
            events += await self.batch(left)
        return events

    async def whole(self) -> Answer:
        """The answer alone."""
        while True:
            for event in await self.batch():
                if isinstance(event, Answer):
                    await self.task
                    return event
            if self.ended:
                raise ApiError(500, "没有得到回答。请重试。", "internal_error")

    def close(self) -> None:
        """Nobody wants the rest: the thread stops at its next event, or never begins."""
        self._left.set()
        if not self._begun:
            self.task.cancel()

    async def _work(self, limiter: anyio.CapacityLimiter) -> None:
        await anyio.to_thread.run_sync(self._run, limiter=limiter)

    def _run(self) -> None:
        self._begun = True
        try:
            if self._left.is_set():
                return
            events = self._make()
            try:
                for event in events:
                    self._post(event)
                    if self._left.is_set():
                        break
            finally:
                events.close()  # type: ignore[attr-defined] # a generator: leaving early stops the model
        finally:
            self._post(None)

    def _post(self, event: Event | None) -> None:
        self._loop.call_soon_threadsafe(self._events.put_nowait, event)


async def while_connected(request: Request, wanted: Awaitable[_T]) -> _T:
    """What is awaited, unless the client closes the connection before.

    Raises:
        ClientLeft: it did.
    """
    work = asyncio.ensure_future(wanted)
    gone = asyncio.ensure_future(_disconnection(request))
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            return work.result()
        raise ClientLeft
    finally:
        for task in (work, gone):
            task.cancel()


async def _disconnection(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
