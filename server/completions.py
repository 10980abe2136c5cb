"""POST /v1/chat/completions: the tutor as a chat model of the OpenAI protocol; each mode is a model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from errors import TutorError
from rag.chat_models.tokens import PER_MESSAGE, estimate
from rag.conversation import Session
from rag.events import Answer, Event, Token
from server.answering import Run, while_connected
from server.context import ApiContext
from server.faults import ApiError, as_api_error, fault_json
from server.openai_answers import DONE, Completion, event_line
from server.openai_forms import CompletionForm, conversation, mode_of_model
from server.requests import read_form
from tutoring.modes import teach

__all__ = ["completion_routes"]

_PATIENCE_SECONDS = 15.0
"""A stream that has nothing to say for so long says that it is alive, lest something on the way closes it. Until then an error is
told by the status of the response."""
_ALIVE = b": waiting\n\n"
_HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


def completion_routes(api: ApiContext) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post("/v1/chat/completions")
    async def complete(request: Request) -> Response:
        begun = perf_counter()
        form = await read_form(request, CompletionForm)
        mode = mode_of_model(form.model)
        form.check_supported()
        question, turns = conversation(form.messages, mode, form.subject, form.memory)
        session = form.session(mode, turns)
        api.checked(question, "messages")
        api.check_ready()
        asked = sum(estimate(turn.question) + estimate(turn.answer.text) + 2 * PER_MESSAGE for turn in session.turns)
        prompt_tokens = asked + estimate(question) + PER_MESSAGE
        counted = _Counted(api, mode, prompt_tokens, begun)
        completion = Completion.begin(form.model, int(api.clock().timestamp()))
        run = api.answering.start(_answer(api, question, session, form.memory is not None))
        if form.stream:
            opening = await _or_close(run, request, run.opening(_PATIENCE_SECONDS))
            return _Stream(run, _pieces(run, opening, completion, counted, form.with_usage))
        answer = await _or_close(run, request, run.whole())
        counted.answered(answer)
        return JSONResponse(completion.whole(answer, prompt_tokens))

    return routes


def _answer(api: ApiContext, question: str, session: Session, told_memory: bool) -> Callable[[], Iterator[Event]]:
    def events() -> Iterator[Event]:
        try:
            yield from teach(api.tutor, question, session)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            if not told_memory:
                raise
            raise ApiError(  # a mode found its own notes in an order that it never writes
                400,
                "memory 不是这个模式上一轮给出的。请原样传回上一轮回答里的 memory，或去掉它重新开始。",
                "invalid_value",
                "memory",
            ) from error

    return events


async def _or_close(run: Run, request: Request, wanted: Any) -> Any:
    """What is awaited; the run is over if that fails, or if the client leaves."""
    try:
        return await while_connected(request, wanted)
    except BaseException:
        run.close()
        raise


async def _pieces(
    run: Run, opening: Sequence[Event], completion: Completion, counted: _Counted, with_usage: bool
) -> AsyncIterator[bytes]:
    """The lines of a stream. An error after the first of them is a line too, as OpenAI's clients expect it."""
    said, events = "", list(opening)
    yield completion.piece({"role": "assistant", "content": ""})
    try:
        while True:
            if text := "".join(event.text for event in events if isinstance(event, Token)):
                counted.first_words()
                said += text
                yield completion.piece({"content": text})
            for answer in (event for event in events if isinstance(event, Answer)):
                counted.answered(answer)
                yield completion.last_piece(answer, said)
                if with_usage:
                    yield completion.usage_piece(counted.prompt_tokens, answer.text)
                yield DONE
                return
            if run.ended and not events:
                raise ApiError(500, "没有得到回答。请重试。", "internal_error")
            events = await run.batch(_PATIENCE_SECONDS)
            if not events and not run.ended:
                yield _ALIVE
    except TutorError as error:
        yield event_line(fault_json(as_api_error(error)))


class _Stream(StreamingResponse):
    """A stream that stops the answer when its client leaves."""

    def __init__(self, run: Run, pieces: AsyncIterator[bytes]) -> None:
        super().__init__(pieces, media_type="text/event-stream", headers=_HEADERS)
        self._run = run

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._run.close()


class _Counted:
    """What the metrics learn of one answer."""

    def __init__(self, api: ApiContext, mode: str, prompt_tokens: int, begun: float) -> None:
        self.prompt_tokens = prompt_tokens
        self._api = api
        self._mode = mode
        self._begun: float | None = begun

    def first_words(self) -> None:
        if self._begun is not None:
            self._api.metrics.first_words(perf_counter() - self._begun)
            self._begun = None

    def answered(self, answer: Answer) -> None:
        self._api.metrics.answered(self._mode, answer.refused, self.prompt_tokens, estimate(answer.text))
