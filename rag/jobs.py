"""Doing many things that a chat model is asked for, several at once; what it fails to answer stays pending."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import Generic, NamedTuple, TypeVar

from errors import ChatModelError, ContextTooLongError, EndpointRefusedError

__all__ = ["Done", "done"]

J = TypeVar("J")
R = TypeVar("R")

_FAULTS_IN_A_ROW = 10
"""After so many the model is taken to be down: going on would only fail faster."""
_LEAVE_SECONDS = 5.0


class Done(NamedTuple, Generic[J, R]):
    """A job and what came of it: its outcome, or what the chat model's failure says."""

    job: J
    outcome: R | None
    fault: str = ""


def done(jobs: Sequence[J], do: Callable[[J], R], concurrency: int) -> Iterator[Done[J, R]]:
    """What came of each job, in the order in which they end; leaving the loop stops the work.

    It ends early when the endpoint refuses the key, or after ten failures in a row: the jobs that don't come are pending.

    Raises:
        TutorError: something other than the chat model failed.
    """
    row = 0
    with closing(_worked(jobs, do, concurrency)) as outcomes:
        for job, outcome in outcomes:
            if isinstance(outcome, ChatModelError):
                row += not isinstance(outcome, ContextTooLongError)  # that is the job's fault, not the model's
                yield Done(job, None, str(outcome))
                if isinstance(outcome, EndpointRefusedError) or row >= _FAULTS_IN_A_ROW:
                    return
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                row = 0
                yield Done(job, outcome)


def _worked(jobs: Sequence[J], do: Callable[[J], R], concurrency: int) -> Generator[tuple[J, R | BaseException], None, None]:
    if concurrency == 1:  # a model of this machine: here, where Ctrl-C reaches it
        for job in jobs:
            yield job, _tried(do, job)
        return
    outcomes: SimpleQueue[tuple[J, R | BaseException]] = SimpleQueue()
    todo, turn, halt = iter(jobs), Lock(), Event()

    def work() -> None:
        while not halt.is_set():
            with turn:
                found = next(((job,) for job in todo), None)
            if found is None:
                return
            outcomes.put((found[0], _tried(do, found[0])))

    # Daemons: a server that hangs must not keep the command from ending.
    threads = [Thread(target=work, daemon=True) for _ in range(min(concurrency, len(jobs)))]
    for thread in threads:
        thread.start()
    try:
        for _ in jobs:
            yield outcomes.get()
    finally:
        halt.set()
        for thread in threads:
            thread.join(_LEAVE_SECONDS / len(threads))


def _tried(do: Callable[[J], R], job: J) -> R | BaseException:
    try:
        return do(job)
    except BaseException as error:  # noqa: BLE001 - raised again where the outcomes are read
        return error
