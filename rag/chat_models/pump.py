"""A model that works in a thread of its own, so that whoever reads its answer can leave at any time."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

__all__ = ["BEAT_SECONDS", "pumped"]

T = TypeVar("T")

BEAT_SECONDS = 0.2
"""How often a reader who waits gets a chance to leave."""

_EXIT_SECONDS = 3.0
"""How long the end of the program waits for what still computes: about a token of a model on a CPU."""


@dataclass(frozen=True)
class _End:
    error: BaseException | None


class _Computing(Thread):
    """A thread in compiled code. Where it comes back from there after the interpreter has gone, the whole program is aborted."""

    def __init__(self, run: Callable[[], None], end: Callable[[], None]) -> None:
        super().__init__(target=run, name="chat-model", daemon=True)
        self.end = end


def pumped(
    produce: Callable[[Callable[[T], None], Event], None], stop: Callable[[], None] = lambda: None, computes: bool = False
) -> Generator[T | None, None, None]:
    """What `produce(put, halt)` puts, as it comes; None whenever nothing has come for `BEAT_SECONDS`.

    A generator can't be closed while it waits inside: the Nones are the moments at which it can.

    Args:
        produce: runs in a thread of its own; it should return soon after `halt` is set.
        stop: called when the reader has left, after `halt` is set; wakes up a `produce` that waits for something.
        computes: `produce` runs a model in this process: the end of the program halts it and waits a few seconds for it.
            Without, it may wait for a server, and nobody waits for that.

    Raises:
        whatever `produce` raised, after all that it had put.
    """
    items: SimpleQueue[T | _End] = SimpleQueue()
    halt = Event()

    def run() -> None:
        error: BaseException | None = None
        try:
            produce(items.put, halt)
        except BaseException as caught:  # noqa: BLE001 - a thread has no caller: the reader raises it
            error = caught
        items.put(_End(error))

    def end() -> None:
        halt.set()
        stop()

    thread = _Computing(run, end) if computes else Thread(target=run, name="chat-model", daemon=True)
    thread.start()
    try:
        yield from _read(items)
    finally:
        end()


def _read(items: SimpleQueue[T | _End]) -> Iterator[T | None]:
    while True:
        try:
            item = items.get(timeout=BEAT_SECONDS)
        except Empty:
            yield None
            continue
        if isinstance(item, _End):
            if item.error:
                raise item.error
            return
        yield item


@atexit.register
def _end_computing() -> None:
    last = time.monotonic() + _EXIT_SECONDS
    threads = [thread for thread in threading.enumerate() if isinstance(thread, _Computing)]
    for thread in threads:
        thread.end()
    for thread in threads:
        thread.join(max(0.0, last - time.monotonic()))
