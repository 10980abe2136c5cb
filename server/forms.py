"""Forms as a browser sends them without a script."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import Request

from server.faults import ApiError

__all__ = ["read_fields"]

_MOST_BYTES = 8192


async def read_fields(request: Request) -> dict[str, str]:
    """The fields of a form.

    Raises:
        ApiError: it is far too long to be one.
    """
    sent = b""
    async for piece in request.stream():
        sent += piece
        if len(sent) > _MOST_BYTES:
            raise ApiError(413, "表单太长。请缩短后再提交。", "request_too_large")
    return {name: values[0] for name, values in parse_qs(sent.decode("utf-8", "replace"), keep_blank_values=True).items()}
