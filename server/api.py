"""The HTTP API, assembled."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from langchain_core.embeddings import Embeddings
from starlette.exceptions import HTTPException
from starlette.responses import Response

from errors import TutorError
from rag.tutor import Tutor
from server.access import Access, is_api, keys_of
from server.answering import RUNNING, Answering, ClientLeft
from server.completions import completion_routes
from server.context import ApiContext, Preparation
from server.educhat import educhat_routes
from server.embeddings import model_routes
from server.faults import ApiError, as_api_error, response_of
from server.gate import Gate
from server.health import health_routes
from server.login import login_routes
from server.metrics import Metrics, Timed
from server.page_policy import PagePolicy
from settings import Settings
from tutoring.clock import Clock, utc_now
from tutoring.storage import Storage

__all__ = ["build_api"]

_CLIENT_LEFT = 499


def build_api(
    settings: Settings,
    tutor: Tutor,
    storage: Storage,
    embeddings: Embeddings,
    preparation: Preparation,
    documents: Callable[[], int],
    answering: Answering | None = None,
    clock: Clock = utc_now,
    gate: Gate | None = None,
) -> FastAPI:
    """The API as an application that the page can be mounted on; who may use either is checked before both.

    Args:
        documents: counts the documents of the knowledge base.
        answering: how many answers at once; as many as suits the tutor's model, if it is not given.
        gate: who is logged in; without it there are no accounts.
    """
    running = RUNNING[tutor.speaker.generative]
    api = ApiContext(
        tutor, storage, embeddings, preparation, documents, settings.max_question_chars, answering or Answering(running), Metrics(), clock
    )  # fmt: skip
    app = FastAPI(title="Tutor408", docs_url=None, redoc_url=None, openapi_url=None)
    for routes in (completion_routes(api), model_routes(api), educhat_routes(api), health_routes(api)):
        app.include_router(routes)
    if gate:
        app.include_router(login_routes(gate, clock))
    _add_errors(app, clock)
    app.add_middleware(Access, keys=keys_of(settings), clock=clock, gate=gate)
    app.add_middleware(Timed, metrics=api.metrics)
    app.add_middleware(PagePolicy)
    return app


def _add_errors(app: FastAPI, clock: Clock) -> None:
    """Every failure is told in the form of its path."""

    @app.api_route("/v1/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    @app.api_route("/api/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def unknown(request: Request) -> Response:
        raise ApiError(404, f"没有 {request.method} {request.url.path[:100]} 这个接口。", "not_found")

    @app.exception_handler(TutorError)
    async def ours(request: Request, error: TutorError) -> Response:
        return response_of(as_api_error(error), request.url.path, clock)

    @app.exception_handler(ClientLeft)
    async def left(request: Request, error: ClientLeft) -> Response:
        return Response(status_code=_CLIENT_LEFT)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        told = f"{request.method} {request.url.path[:100]} 不能这样用（{error.status_code}）。"
        return response_of(ApiError(error.status_code, told, "invalid_request"), request.url.path, clock)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        where = "" if is_api(request.url.path) else "网页"
        told = ApiError(
            500, f"{where}出了没有预料到的错误（{type(error).__name__}）。请看运行程序的终端里的信息。", "internal_error"
        )
        return response_of(told, request.url.path, clock)
