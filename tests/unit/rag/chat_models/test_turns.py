from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import monotonic

from rag.chat_models.turns import Turns


def join(turns: Turns, halt: Event, order: list[str], name: str) -> Thread:
    def run() -> None:
        with turns.turn(halt) as mine:
            order.append(name if mine else f"{name} left")

    before = len(turns._queue)
    thread = Thread(target=run, daemon=True)
    thread.start()
    end = monotonic() + 5
    while len(turns._queue) == before and monotonic() < end:
        thread.join(0.001)
    return thread


def test_one_at_a_time_in_the_order_of_coming() -> None:
    turns, order = Turns(), list[str]()
    with turns.turn(Event()) as mine:
        assert mine
        threads = [join(turns, Event(), order, name) for name in "abcd"]
        assert order == []
    for thread in threads:
        thread.join(5)
    assert order == ["a", "b", "c", "d"]


def test_one_who_gives_up_leaves_the_line_at_once() -> None:
    turns, order = Turns(), list[str]()
    halt = Event()
    with turns.turn(Event()):
        first = join(turns, halt, order, "a")
        second = join(turns, Event(), order, "b")
        halt.set()
        turns.wake()
        first.join(5)
        assert order == ["a left"]
    second.join(5)
    assert order == ["a left", "b"]


def test_never_two_at_once() -> None:
    turns, inside, most = Turns(), list[int](), list[int]()

    def work(n: int) -> None:
        with turns.turn(Event()):
            inside.append(n)
            most.append(len(inside))
            inside.remove(n)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(work, range(200)))
    assert most == [1] * 200 and not turns._queue
