"""POST /api/chat: conversations as EduChat's API has them, kept here under a `uid`; and its demo's form, which sends all messages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from knowledge.subjects import AUTO
from rag.chat_models.tokens import PER_MESSAGE, estimate
from rag.conversation import QA, Session, Switches
from rag.events import Answer, Event
from server.answering import while_connected
from server.clock import told
from server.context import ApiContext
from server.faults import ApiError
from server.functions import mode_of_function
from server.openai_forms import MAX_MESSAGES, Message, conversation
from server.requests import read_form
from tutoring.modes import teach

__all__ = ["educhat_routes"]


class ChatForm(BaseModel):
    """POST /api/chat. Either `prompt`, with the `uid` of a conversation to go on in, or `messages`."""

    model_config = ConfigDict(extra="ignore")

    prompt: str | None = None
    uid: str | None = None
    messages: list[Message] | None = Field(None, max_length=MAX_MESSAGES)
    functionUsed: str | None = None  # noqa: N815 - EduChat's name
    subject: str | None = None
    retrieval: bool | None = None


def educhat_routes(api: ApiContext) -> APIRouter:
    """The route."""
    routes = APIRouter()

    @routes.post("/api/chat")
    async def chat(request: Request) -> Response:
        form = await read_form(request, ChatForm)
        if (form.prompt is None) == (form.messages is None):
            raise ApiError(400, "请给出 prompt（可加 uid 继续对话）或 messages，二者之一。", "invalid_value", "prompt")
        mode = mode_of_function(form.functionUsed)
        talk = _Kept(api, form, mode, request.scope["owner"]) if form.messages is None else _Told(form, mode)
        api.checked(talk.question, "prompt")
        api.check_ready()
        run = api.answering.start(lambda: talk.events(api))
        try:
            answer = await while_connected(request, run.whole())
        finally:
            run.close()
        tokens = estimate(talk.question) + PER_MESSAGE
        api.metrics.answered(talk.session.mode, answer.refused, tokens, estimate(answer.text))
        return JSONResponse({"response": answer.text, **talk.reply(), "status": 200, "time": told(api.clock())} | _ours(answer))

    return routes


class _Told:
    """A conversation that the client keeps: all of it is in the request."""

    def __init__(self, form: ChatForm, mode: str | None) -> None:
        subject = form.subject or AUTO
        self.question, turns = conversation(form.messages or [], mode or QA, subject)
        self.session = Session(subject, mode or QA, Switches(form.retrieval), turns)

    def events(self, api: ApiContext) -> Iterator[Event]:
        return teach(api.tutor, self.question, self.session)

    def reply(self) -> dict[str, Any]:
        return {}


class _Kept:
    """A conversation that is kept here."""

    def __init__(self, api: ApiContext, form: ChatForm, mode: str | None, owner: str) -> None:
        self.question = form.prompt or ""
        self.session = Session(form.subject or AUTO, mode or QA, Switches(form.retrieval))
        self._form = form
        self._mode = mode
        self._owner = owner
        self._uid = form.uid or None

    def events(self, api: ApiContext) -> Iterator[Event]:
        """The answer's events; the turn is kept before the answer is handed on. In a thread: the database may be slow."""
        if self._uid is not None:
            self._load(api, self._uid)
        for event in teach(api.tutor, self.question, self.session):
            if isinstance(event, Answer):
                self._keep(api)
            yield event

    def _load(self, api: ApiContext, uid: str) -> None:
        kept = api.storage.load(self._owner, uid)
        if kept is None:
            raise ApiError(
                404,
                f"没有 uid 为“{uid[:80]}”的对话（可能已删除，或属于别的密钥）。请去掉 uid 开始新的对话。",
                "session_not_found",
                "uid",
            )
        retrieval = kept.switches.retrieval if self._form.retrieval is None else self._form.retrieval
        switches = Switches(retrieval, kept.switches.calculator, kept.switches.web)
        self.session = Session(self._form.subject or kept.subject, self._mode or kept.mode, switches, kept.turns)

    def _keep(self, api: ApiContext) -> None:
        if self._uid is None:
            self._uid = api.storage.create(self._owner, self.session)
        elif not (
            api.storage.choose(self._owner, self._uid, self.session)
            and api.storage.append(self._owner, self._uid, self.session.turns[-1])
        ):
            raise ApiError(404, "这个对话在回答的时候被删除了。请去掉 uid 开始新的对话。", "session_not_found", "uid")

    def reply(self) -> dict[str, Any]:
        return {"history": [[turn.question, turn.answer.text] for turn in self.session.turns], "uid": self._uid}


def _ours(answer: Answer) -> dict[str, Any]:
    """What EduChat's answer does not have."""
    return {
        "citations": [citation.to_json() for citation in answer.citations],
        "refused": answer.refused,
        "notice": answer.notice,
        "model": answer.model,
    }
