"""Whether the application runs and is ready, and its metrics."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import anyio.to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from errors import TutorError
from server.context import ApiContext

__all__ = ["health_routes"]

_FRESH_SECONDS = 2.0
_PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


def health_routes(api: ApiContext) -> APIRouter:
    """GET /healthz and GET /metrics."""
    routes = APIRouter()
    documents = _Count(api.documents)

    @routes.get("/healthz")
    async def healthz(request: Request) -> Response:
        ready = api.preparation.done.is_set()
        told: dict[str, object] = {"status": "ready" if ready else "preparing"}
        if request.scope["owner"] is not None:
            told |= {"model": api.tutor.label, "doing": api.preparation.status, "documents": await documents.now()}
        return JSONResponse(told, 200 if ready else 503)

    @routes.get("/metrics")
    async def metrics() -> Response:
        return Response(api.metrics.text(), media_type=_PROMETHEUS)

    return routes


class _Count:
    """The number of documents, looked up at most every two seconds: whoever asks for health wants an answer at once."""

    def __init__(self, look: Callable[[], int]) -> None:
        self._look = look
        self._known: int | None = None
        self._due = 0.0

    async def now(self) -> int | None:
        """The number; None where the registry can't be read, which the page tells in full."""
        if monotonic() >= self._due:
            try:
                self._known = await anyio.to_thread.run_sync(self._look)
            except TutorError:
                self._known = None
            self._due = monotonic() + _FRESH_SECONDS
        return self._known
