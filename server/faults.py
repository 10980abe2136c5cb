"""What went wrong, as an HTTP status and a message: OpenAI's form of an error under /v1, EduChat's under /api."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse, Response

from errors import (
    ChatModelError,
    ContextTooLongError,
    EmptyStoreError,
    ModelLoadError,
    StorageError,
    StoreBusyError,
    StoreError,
    TutorError,
    UnknownSubjectError,
    UsageError,
    WebSearchError,
)
from server.clock import told
from tutoring.clock import Clock

__all__ = ["ApiError", "as_api_error", "fault_json", "response_of"]

_RETRY_SECONDS = 5
_PAGE = "/gradio_api/"
"""Gradio's script in the browser shows the words of `detail`; of a 503 it always says, in English, that the application is busy."""


class ApiError(TutorError):
    """A request that is not answered.

    Attributes:
        code: OpenAI's word for it, or one like theirs.
        param: the field of the request that is wrong.
    """

    def __init__(self, status: int, message: str, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param


_KINDS: tuple[tuple[type[TutorError], int, str, str | None], ...] = (
    (ContextTooLongError, 413, "context_length_exceeded", "messages"),
    (UnknownSubjectError, 400, "invalid_value", "subject"),
    (UsageError, 400, "invalid_value", None),
    (ChatModelError, 502, "chat_model_failed", None),
    (WebSearchError, 502, "web_search_failed", None),
    (EmptyStoreError, 503, "store_empty", None),
    (StoreBusyError, 503, "store_busy", None),
    (StoreError, 503, "store_unavailable", None),
    (StorageError, 503, "storage_unavailable", None),
    (ModelLoadError, 503, "model_unavailable", None),
)
"""The first that fits."""

_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


def as_api_error(error: TutorError) -> ApiError:
    """An error of ours with its status."""
    if isinstance(error, ApiError):
        return error
    for kind, status, code, param in _KINDS:
        if isinstance(error, kind):
            return ApiError(status, str(error), code, param)
    return ApiError(500, str(error), "internal_error")


def fault_json(error: ApiError) -> dict[str, Any]:
    """The error as OpenAI's clients read it."""
    kind = _TYPES.get(error.status) or ("invalid_request_error" if error.status < 500 else "server_error")
    return {"error": {"message": str(error), "type": kind, "param": error.param, "code": error.code}}


def response_of(error: ApiError, path: str, clock: Clock) -> Response:
    """The answer to a request that failed."""
    headers = {"Retry-After": str(_RETRY_SECONDS)} if error.status in (429, 503) else {}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if path.startswith("/api/"):
        body: dict[str, Any] = {"status": error.status, "error": str(error), "time": told(clock())}
        return JSONResponse(body, error.status, headers)
    if path.startswith(_PAGE):
        return JSONResponse({"detail": str(error)}, 500 if error.status == 503 else error.status, headers)
    return JSONResponse(fault_json(error), error.status, headers)
