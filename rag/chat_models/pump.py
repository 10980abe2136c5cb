"""A model that works in a thread of its own, so that whoever reads its answer can leave at any time."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeVar

__all__ = ["BEAT_SECONDS", "pumped"]

T = TypeVar("T")

BEAT_SECONDS = 0.2
"""How often a reader who waits gets a chance to leave."""


@dataclass(frozen=True)
class _End:
    error: BaseException | None


def pumped(
    produce: Callable[[Callable[[T], None], Event], None], stop: Callable[[], None] = lambda: None
) -> Generator[T | None, None, None]:
    """What `produce(put, halt)` puts, as it comes; None whenever nothing has come for `BEAT_SECONDS`.

    A generator can't be closed while it waits inside: the Nones are the moments at which it can.

    Args:
        produce: runs in a thread of its own; it should return soon after `halt` is set.
        stop: called when the reader has left, after `halt` is set; wakes up a `produce` that waits for something.

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

    Thread(target=run, name="chat-model", daemon=True).start()
    try:
        yield from _read(items)
    finally:
        halt.set()
        stop()


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
