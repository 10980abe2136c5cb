import asyncio
import threading
from collections.abc import Iterator

import pytest

from errors import ChatModelError
from rag.events import Answer, Event, Token
from server.answering import Answering, ClientLeft, while_connected
from server.faults import ApiError

ANSWER = Answer("甲乙", "os", "m")
SOON = 5.0


def two_words() -> Iterator[Event]:
    yield Token("甲")
    yield Token("乙")
    yield ANSWER


def failing() -> Iterator[Event]:
    yield Token("甲")
    raise ChatModelError("断了")


def test_events_come_in_order_and_the_end_is_known() -> None:
    async def drive() -> list[Event]:
        run, events = Answering(1).start(two_words), list[Event]()
        while not run.ended:
            events += await run.batch()
        return events

    assert asyncio.run(drive()) == [Token("甲"), Token("乙"), ANSWER]


def nothing() -> Iterator[Event]:
    yield from ()


def test_the_whole_answer_and_an_answer_that_never_came() -> None:
    async def drive() -> Answer:
        with pytest.raises(ApiError, match="没有得到回答"):
            await Answering(1).start(nothing).whole()
        return await Answering(1).start(two_words).whole()

    assert asyncio.run(drive()) == ANSWER


def test_what_came_before_an_error_is_handed_out_first() -> None:
    async def drive() -> list[Event]:
        run = Answering(1).start(failing)
        await asyncio.wait([run.task])
        events = await run.batch()
        with pytest.raises(ChatModelError, match="断了"):
            await run.batch()
        return events

    assert asyncio.run(drive()) == [Token("甲")]


def test_so_many_run_the_next_wait_and_one_more_is_refused() -> None:
    gate, running = threading.Event(), list[int]()

    def held() -> Iterator[Event]:
        running.append(1)
        gate.wait(SOON)
        yield ANSWER

    async def drive() -> list[Answer]:
        answering = Answering(running=2, waiting=3)
        runs = [answering.start(held) for _ in range(5)]
        with pytest.raises(ApiError) as caught:
            answering.start(held)
        assert caught.value.status == 429
        while len(running) < 2:
            await asyncio.sleep(0)
        assert await runs[4].batch(0.05) == [] and len(running) == 2
        gate.set()
        answers = [await run.whole() for run in runs]
        await answering.start(held).whole()
        return answers

    assert asyncio.run(drive()) == [ANSWER] * 5


def test_a_client_that_leaves_stops_the_words() -> None:
    said, closed, go_on = list[int](), threading.Event(), threading.Event()

    def endless() -> Iterator[Event]:
        try:
            while True:
                said.append(1)
                yield Token("字")
                go_on.wait(SOON)
        finally:
            closed.set()

    async def drive() -> None:
        run = Answering(1).start(endless)
        await run.batch()
        run.close()
        go_on.set()
        await asyncio.wait([run.task])

    asyncio.run(drive())
    assert closed.is_set() and len(said) <= 2


def test_one_who_leaves_the_line_is_never_answered() -> None:
    gate, made = threading.Event(), list[str]()

    def held() -> Iterator[Event]:
        gate.wait(SOON)
        yield ANSWER

    def late() -> Iterator[Event]:
        made.append("late")
        yield ANSWER

    async def drive() -> None:
        answering = Answering(1)
        first, second = answering.start(held), answering.start(late)
        await asyncio.sleep(0)
        second.close()
        await asyncio.wait([second.task], timeout=SOON)
        assert second.task.cancelled(), "at once, while the first still runs"
        gate.set()
        await first.whole()
        assert await answering.start(two_words).whole() == ANSWER, "its place is free again"

    asyncio.run(drive())
    assert made == []


def test_the_opening_waits_for_words_but_not_for_ever() -> None:
    gate = threading.Event()

    def silent() -> Iterator[Event]:
        gate.wait(SOON)
        yield Token("甲")

    async def drive() -> None:
        run = Answering(1).start(silent)
        assert await run.opening(0.05) == []
        gate.set()
        assert await run.opening(SOON) == [Token("甲")]

    asyncio.run(drive())


class Leaving:
    """A request whose client is gone."""

    async def receive(self) -> dict[str, str]:
        return {"type": "http.disconnect"}


def test_waiting_ends_with_the_client() -> None:
    async def drive() -> None:
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        with pytest.raises(ClientLeft):
            await while_connected(Leaving(), never)  # type: ignore[arg-type]
        assert never.cancelled()

    asyncio.run(drive())


def silent_then_failing() -> Iterator[Event]:
    for _ in range(3):
        yield Token("")
    raise ChatModelError("没有回应")


def test_a_model_that_says_nothing_has_not_begun() -> None:
    async def drive() -> None:
        await Answering(1).start(silent_then_failing).opening(SOON)

    with pytest.raises(ChatModelError, match="没有回应"):
        asyncio.run(drive())
