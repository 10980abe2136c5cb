import threading
from collections.abc import Callable
from threading import Event

import pytest

from rag.chat_models.pump import pumped


def test_items_come_in_order_and_then_the_error() -> None:
    def produce(put: Callable[[int], None], halt: Event) -> None:
        put(1)
        put(2)
        raise KeyError("broken")

    came = []
    with pytest.raises(KeyError, match="broken"):
        for item in pumped(produce):
            if item is not None:
                came.append(item)
    assert came == [1, 2]


def test_whoever_waits_can_leave_and_the_work_is_told() -> None:
    halted, woken = Event(), Event()

    def produce(put: Callable[[int], None], halt: Event) -> None:
        assert halt.wait(5)
        halted.set()

    items = pumped(produce, woken.set)
    assert next(items) is None
    items.close()
    assert halted.wait(1) and woken.is_set()


def test_it_runs_in_a_thread_of_its_own_and_ends() -> None:
    threads: list[threading.Thread] = []

    def produce(put: Callable[[int], None], halt: Event) -> None:
        threads.append(threading.current_thread())
        put(0)

    assert [item for item in pumped(produce) if item is not None] == [0]
    assert threads[0] is not threading.current_thread() and threads[0].daemon


def test_even_the_end_of_the_program_reaches_the_reader() -> None:
    def produce(put: Callable[[int], None], halt: Event) -> None:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        list(pumped(produce))
