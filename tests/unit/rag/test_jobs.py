from __future__ import annotations

import threading

import pytest

from errors import ContextTooLongError, EndpointFaultError, EndpointRefusedError, ModelLoadError
from rag.jobs import done


@pytest.mark.parametrize("concurrency", [1, 4, 50])
def test_every_job_is_done_once(concurrency: int) -> None:
    found = list(done(range(20), lambda n: n * n, concurrency))
    assert sorted((one.job, one.outcome) for one in found) == [(n, n * n) for n in range(20)]
    assert not list(done([], lambda n: n, concurrency))


def test_several_are_done_at_once() -> None:
    barrier = threading.Barrier(4, timeout=10)
    assert {one.outcome is not None for one in done(range(4), lambda _: barrier.wait(), 4)} == {True}


@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_failure_is_told_and_the_others_go_on(concurrency: int) -> None:
    def do(n: int) -> int:
        if n % 2:
            raise EndpointFaultError(f"坏 {n}")
        return n

    found = {one.job: (one.outcome, one.fault) for one in done(range(6), do, concurrency)}
    assert found == {0: (0, ""), 1: (None, "坏 1"), 2: (2, ""), 3: (None, "坏 3"), 4: (4, ""), 5: (None, "坏 5")}


def test_ten_failures_in_a_row_end_it() -> None:
    def do(n: int) -> int:
        if n != 3:
            raise EndpointFaultError("坏")
        return n

    assert len(list(done(range(100), do, 1))) == 4 + 10


def test_jobs_that_are_too_long_end_nothing() -> None:
    def do(n: int) -> int:
        raise ContextTooLongError("太长")

    assert len(list(done(range(30), do, 1))) == 30


def test_a_refused_key_ends_it_at_once() -> None:
    def do(n: int) -> int:
        raise EndpointRefusedError("密钥")

    assert [one.fault for one in done(range(100), do, 1)] == ["密钥"]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_any_other_failure_is_raised(concurrency: int) -> None:
    def do(n: int) -> int:
        raise ModelLoadError("缺文件")

    with pytest.raises(ModelLoadError):
        list(done(range(9), do, concurrency))


def test_leaving_stops_the_work() -> None:
    begun: list[int] = []
    work = done(range(1000), lambda n: begun.append(n) or n, 2)
    next(work)
    work.close()  # type: ignore[attr-defined] # a generator
    count = len(begun)
    assert not [one for one in threading.enumerate() if one.name.endswith("(work)")]
    assert len(begun) == count
