"""The body of a request: of a limited size, JSON, and of the form that its route takes."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from server.answering import ClientLeft
from server.faults import ApiError

__all__ = ["read_form"]

MAX_BODY_BYTES = 4 << 20
"""Two hundred turns of a long conversation take a quarter of it."""

_Form = TypeVar("_Form", bound=BaseModel)

_WHYS = (
    ("missing", "缺少"),
    ("json_invalid", "不是 JSON"),
    ("string", "应是文字"),
    ("bool", "应是 true 或 false"),
    ("int", "应是整数"),
    ("float", "应是数字"),
    ("list", "应是列表"),
    ("dict", "应是对象"),
    ("model", "应是对象"),
    ("too_long", "太多"),
    ("too_short", "是空的"),
    ("less_than", "太大"),
    ("greater_than", "太小"),
    ("literal", "不在可选的值里"),
)


async def read_form(request: Request, form: type[_Form]) -> _Form:
    """The body as a `form`.

    Raises:
        ApiError: it is not announced as JSON, too big, no JSON, or of another form; the message names the field.
        ClientLeft: it never came whole.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "请求体应是 JSON：请加上 Content-Type: application/json。", "unsupported_media_type")
    body = await _body(request)
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ApiError(
            400, f"请求体{f'的 {place} ' if place else ''}{_why(first['type'])}。", "invalid_value", place or None
        ) from error


async def _body(request: Request) -> bytes:
    announced = request.headers.get("content-length", "0")
    parts, size = [], int(announced) if announced.isdecimal() else 0
    if size <= MAX_BODY_BYTES:
        size = 0
        try:
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > MAX_BODY_BYTES:
                    break
        except ClientDisconnect as error:
            raise ClientLeft from error
    if size > MAX_BODY_BYTES:
        raise ApiError(413, f"请求体超过 {MAX_BODY_BYTES >> 20} MB。请缩短对话或分几次发送。", "request_too_large")
    return b"".join(parts)


def _why(kind: str) -> str:
    return next((told for word, told in _WHYS if kind.startswith(word) or word in kind), "不可用")
