"""Asking all samples: several at once, each outcome given on as soon as it is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from errors import ChatModelError, ContextTooLongError, EndpointRefusedError, LettersUnavailableError
from eval.exams.asking import Asker, Reply
from eval.exams.records import Record, Retrieved
from eval.exams.samples import EVIDENCE, Sample
from knowledge.questions import Question
from rag.contamination import question_hash

if TYPE_CHECKING:
    from rag.retrieval import Passage

__all__ = ["Fault", "Setup", "asked"]

_FAULTS_IN_A_ROW, _OWN_FAULTS_IN_A_ROW = 10, 50
"""After so many, the endpoint is taken to be down: going on would only fail faster. Of faults that are the question's own (too
long, refused for what it says) more are borne: a run must not end at the same ten questions each time.
"""
_SHORTER = "评测时还可以用 --shots 0、--rag off，或加大 TUTOR_CHAT_WINDOW_TOKENS。"
_LEAVE_SECONDS = 5.0
_TEXT_CHARS = 600
"""Of a passage that the record keeps."""
Retrieve = Callable[[Question], "Sequence[Passage]"]


@dataclass(frozen=True)
class Fault:
    """A sample that was not answered; it stays pending.

    Attributes:
        ends: no other sample would be answered either.
        closes: nor would any other in its mode: the model can't be asked in that way.
        own: another question may well be answered.
    """

    sample: Sample
    message: str
    ends: bool = False
    closes: bool = False
    own: bool = False


@dataclass(frozen=True)
class Setup:
    """How samples are asked: an asker for each mode, the passages for those with retrieval, the hash of the configuration."""

    askers: dict[str, Asker]
    retrieve: Retrieve
    config: str

    def record(self, sample: Sample) -> Record:
        """Ask a sample.

        Raises:
            ChatModelError: the model did not answer.
        """
        begun = time.perf_counter()
        wanted = sample.rag and sample.mode != EVIDENCE  # which looks for each option by itself
        passages = self.retrieve(sample.question) if wanted else ()
        reply = self.askers[sample.mode].ask(sample, passages)
        return _record(sample, reply, self.config, time.perf_counter() - begun)


def asked(samples: Sequence[Sample], setup: Setup, concurrency: int, halt: Event) -> Iterator[Record | Fault]:
    """The outcome of each sample, in the order in which they come; leaving the loop stops the asking.

    It ends early, with a `Fault` that `ends`, when the endpoint refuses the key or fails ten times in a row. A mode in which the
    model can't be asked is left after its first `Fault`.

    Raises:
        TutorError: something other than the chat model failed.
    """
    outcomes: SimpleQueue[Record | Fault | BaseException | None] = SimpleQueue()
    todo, turn, closed = iter(samples), Lock(), set[str]()

    def work() -> None:
        while not halt.is_set():
            with turn:
                sample = next((one for one in todo if one.mode not in closed), None)
            if sample is None:
                break
            outcome = _outcome(setup, sample)
            if isinstance(outcome, Fault) and outcome.closes:
                closed.add(sample.mode)
            outcomes.put(outcome)
        outcomes.put(None)

    # Daemons: a server that hangs must not keep the command from ending.
    threads = [Thread(target=work, daemon=True) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    try:
        yield from _until_all_ended(outcomes, concurrency)
        halt.set()
        yield from _late(outcomes, threads)
    finally:
        halt.set()
        for thread in threads:
            thread.join(_LEAVE_SECONDS / concurrency)


def _until_all_ended(outcomes: SimpleQueue[Record | Fault | BaseException | None], workers: int) -> Iterator[Record | Fault]:
    row = own = 0
    while workers:
        outcome = outcomes.get()
        if outcome is None:
            workers -= 1
        elif isinstance(outcome, BaseException):
            raise outcome
        elif isinstance(outcome, Fault) and outcome.closes:
            yield outcome
        elif isinstance(outcome, Fault):
            row, own = row + (not outcome.own), own + outcome.own
            if outcome.ends or row >= _FAULTS_IN_A_ROW or own >= _OWN_FAULTS_IN_A_ROW:
                yield Fault(outcome.sample, outcome.message, ends=True)
                return
            yield outcome
        else:
            row = own = 0
            yield outcome


def _late(outcomes: SimpleQueue[Record | Fault | BaseException | None], threads: Sequence[Thread]) -> Iterator[Record]:
    """The answers that were under way when the asking was given up."""
    until = time.monotonic() + _LEAVE_SECONDS
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0))
    while not outcomes.empty():
        if isinstance(outcome := outcomes.get(), Record):
            yield outcome


def _outcome(setup: Setup, sample: Sample) -> Record | Fault | BaseException:
    try:
        return setup.record(sample)
    except LettersUnavailableError as error:
        return Fault(sample, str(error), closes=True)
    except ContextTooLongError as error:
        return Fault(sample, f"{error}{_SHORTER}", own=True)
    except ChatModelError as error:
        return Fault(sample, str(error), isinstance(error, EndpointRefusedError), own=_is_refused(error))
    except BaseException as error:  # noqa: BLE001 - raised again where the outcomes are read
        return error


def _is_refused(error: ChatModelError) -> bool:
    """Whether a server did not accept the request as it is (400, 422)."""
    import openai

    return isinstance(error.__cause__, openai.BadRequestError | openai.UnprocessableEntityError)


def _record(sample: Sample, reply: Reply, config: str, seconds: float) -> Record:
    question = sample.question
    return Record(
        question.id, question_hash(question), config, question.subject, sample.rotation, sample.mode, sample.rag,
        reply.prompt, reply.raw, reply.letter, sample.original(reply.letter) if reply.letter else None, sample.gold,
        reply.letter == sample.gold, reply.reason, dict(reply.scores), reply.input_tokens, reply.output_tokens,
        round(seconds, 4), reply.finish_reason,
        tuple(Retrieved(p.chunk_id, p.source, p.page, p.section, p.text[:_TEXT_CHARS]) for p in reply.passages),
    )  # fmt: skip
