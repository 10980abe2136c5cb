from __future__ import annotations

from collections.abc import Sequence
from threading import Barrier, Event
from types import SimpleNamespace

import pytest

from errors import ChatModelError, ContextTooLongError, EndpointRefusedError, LettersUnavailableError, StoreError
from eval.exams.asking import Reply
from eval.exams.records import Record
from eval.exams.runner import Fault, Setup, asked
from eval.exams.samples import GENERATION, LOGPROB, Sample
from knowledge.questions import Question
from rag.retrieval import Passage
from tests.unit.eval.sample_exams import question


class Answering:
    """Says B, or raises what it was told to for some questions."""

    def __init__(self, errors: dict[str, Exception] | None = None, barrier: Barrier | None = None) -> None:
        self.errors = errors or {}
        self.barrier = barrier
        self.passages: list[Sequence[Passage]] = []

    def ask(self, sample: Sample, passages: Sequence[Passage]) -> Reply:
        if self.barrier:
            self.barrier.wait(5)
        self.passages.append(passages)
        if error := self.errors.get(sample.question.id):
            raise error
        return Reply("B", "p" * 16, "答案：B", input_tokens=7, output_tokens=3, passages=passages)


PASSAGE = Passage("c1", "a.pdf", "资料", 3, "1 > 2", "os", "文字" * 500, 0.5)


def _setup(asker: Answering) -> Setup:
    def retrieve(one: Question) -> list[Passage]:
        return [PASSAGE]

    return Setup({GENERATION: asker}, retrieve, "config")


def _samples(n: int, **values: object) -> list[Sample]:
    return [Sample(question(i), **values) for i in range(n)]  # type: ignore[arg-type]


@pytest.mark.parametrize("concurrency", [1, 8])
def test_each_sample_has_one_outcome(concurrency: int) -> None:
    outcomes = list(asked(_samples(50), _setup(Answering()), concurrency, Event()))
    assert sorted(one.qid for one in outcomes if isinstance(one, Record)) == sorted(f"q{i}" for i in range(50))
    assert all(isinstance(one, Record) and one.correct and one.config == "config" for one in outcomes)


def test_eight_are_asked_at_once() -> None:
    barrier = Barrier(8)  # a wait that fewer than eight could not pass
    assert len(list(asked(_samples(16), _setup(Answering(barrier=barrier)), 8, Event()))) == 16


def test_a_record_tells_what_was_shown_and_chosen() -> None:
    [one] = asked([Sample(question(1), rotation=1, rag=True)], _setup(Answering()), 1, Event())
    assert isinstance(one, Record)
    assert (one.parsed, one.chosen, one.gold, one.correct) == ("B", "A", "C", False)
    assert [(p.source, p.page, len(p.text)) for p in one.retrieved] == [("a.pdf", 3, 600)]
    assert (one.input_tokens, one.output_tokens, one.finish_reason) == (7, 3, "stop")


def test_passages_are_only_shown_where_retrieval_is_on() -> None:
    asker = Answering()
    list(asked([*_samples(1), *_samples(1, rag=True)], _setup(asker), 1, Event()))
    assert asker.passages == [(), [PASSAGE]]


def test_an_error_leaves_its_sample_pending_and_the_others_are_asked() -> None:
    setup = _setup(Answering({"q3": ChatModelError("断了")}))
    outcomes = list(asked(_samples(20), setup, 4, Event()))
    faults = [one for one in outcomes if isinstance(one, Fault)]
    assert [(one.sample.question.id, one.message, one.ends) for one in faults] == [("q3", "断了", False)]
    assert len(outcomes) == 20


def test_an_endpoint_that_is_down_is_left_after_ten_faults_in_a_row() -> None:
    setup = _setup(Answering({f"q{i}": ChatModelError("连不上") for i in range(30, 400)}))
    outcomes = list(asked(_samples(400), setup, 1, Event()))
    assert sum(isinstance(one, Record) for one in outcomes) == 30
    assert [one.ends for one in outcomes if isinstance(one, Fault)] == [False] * 9 + [True]


def test_scattered_faults_are_no_row() -> None:
    setup = _setup(Answering({f"q{i}": ChatModelError("断了") for i in range(0, 60, 3)}))
    outcomes = list(asked(_samples(60), setup, 1, Event()))
    assert len(outcomes) == 60 and not any(isinstance(one, Fault) and one.ends for one in outcomes)


def test_questions_that_are_too_long_do_not_keep_the_others_from_being_asked() -> None:
    setup = _setup(Answering({f"q{i}": ContextTooLongError("太长") for i in range(12)}))
    outcomes = list(asked(_samples(20), setup, 1, Event()))
    assert sum(isinstance(one, Record) for one in outcomes) == 8
    assert all("--shots 0" in one.message for one in outcomes if isinstance(one, Fault))


def test_a_mode_that_the_model_can_not_be_asked_in_is_left_and_the_other_goes_on() -> None:
    def unable(*_: object) -> Reply:
        raise LettersUnavailableError("没有 logprobs")

    setup = _setup(Answering())
    setup.askers[LOGPROB] = SimpleNamespace(ask=unable)
    samples = [Sample(question(i), mode=mode) for i in range(20) for mode in (GENERATION, LOGPROB)]
    outcomes = list(asked(samples, setup, 1, Event()))
    assert [one.message for one in outcomes if isinstance(one, Fault)] == ["没有 logprobs"]
    assert sum(isinstance(one, Record) for one in outcomes) == 20


def test_answers_under_way_when_it_is_given_up_are_kept() -> None:
    asking, failed = Barrier(2), Event()

    class Slow(Answering):
        def ask(self, sample: Sample, passages: Sequence[Passage]) -> Reply:
            asking.wait(5)  # both are under way
            if sample.question.id == "q0":
                failed.set()
                raise EndpointRefusedError("密钥不对")
            failed.wait(5)
            return super().ask(sample, passages)

    outcomes = list(asked(_samples(2), _setup(Slow()), 2, Event()))
    assert sorted(type(one).__name__ for one in outcomes) == ["Fault", "Record"]


def test_a_wrong_key_ends_it_at_once() -> None:
    setup = _setup(Answering({"q2": EndpointRefusedError("密钥不对")}))
    halt = Event()
    outcomes = asked(_samples(50), setup, 1, halt)
    assert [type(next(outcomes)) for _ in range(2)] == [Record, Record]
    fault = next(outcomes)
    assert isinstance(fault, Fault) and fault.ends
    assert all(isinstance(one, Record) for one in outcomes)  # what was answered meanwhile
    assert halt.is_set()


def test_another_error_is_not_taken_for_a_pending_answer() -> None:
    with pytest.raises(StoreError, match="坏了"):
        list(asked(_samples(5), _setup(Answering({"q2": StoreError("坏了")})), 2, Event()))


def test_leaving_stops_the_asking() -> None:
    asker, halt = Answering(), Event()
    outcomes = asked(_samples(10_000), _setup(asker), 2, halt)
    next(outcomes)
    outcomes.close()  # type: ignore[attr-defined] # a generator
    assert halt.is_set() and len(asker.passages) < 10_000
