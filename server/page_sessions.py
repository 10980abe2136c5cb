"""Whose a session of the page is. Gradio keeps the state of an opened page under an id that the browser makes up, and hands it to
whoever names that id; here it belongs to who named it first."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from server.faults import ApiError

__all__ = ["PageSessions"]

_PREFIX = "/gradio_api/"
_IN_PATH = re.compile(r"/gradio_api/(?:heartbeat|stream)/([^/]+)")
_REMEMBERED = 20_000
_MOST_BYTES = 16 << 20
"""Of what a page sends at once, files apart; they come as forms, in pieces."""


class PageSessions:
    """Remembers the owner of each session, of the last 20,000."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    async def checked(self, scope: Scope, receive: Receive, owner: str) -> Receive:
        """Look at the session that a request names; return where its body can be read (again).

        Raises:
            ApiError: the session is another owner's, or the request is too large.
        """
        if not scope["path"].startswith(_PREFIX):
            return receive
        body = None
        if scope["method"] == "POST" and not Headers(scope=scope).get("content-type", "").startswith("multipart/form-data"):
            body = await _whole(receive)
        for session in _named(scope, body):
            if not self._belongs(session, owner):
                raise ApiError(403, "这个页面属于另一个账号（登录的人换了）。请刷新页面。", "other_session")
        return receive if body is None else _again(body, receive)

    def _belongs(self, session: str, owner: str) -> bool:
        known = self._owners.pop(session, owner)
        self._owners[session] = known  # the last one to be forgotten
        if len(self._owners) > _REMEMBERED:
            del self._owners[next(iter(self._owners))]
        return known == owner


def _named(scope: Scope, body: bytes | None) -> Iterator[str]:
    """Every session that a request names, wherever."""
    if found := _IN_PATH.match(scope["path"]):
        yield found[1]
    yield from parse_qs(scope.get("query_string", b"").decode("latin-1")).get("session_hash", [])
    try:
        sent = json.loads(body) if body else None
    except ValueError:
        return  # nobody else can read it either
    if isinstance(sent, dict) and isinstance(sent.get("session_hash"), str):
        yield sent["session_hash"]


async def _whole(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(pieces)
        pieces.append(message.get("body", b""))
        if sum(map(len, pieces)) > _MOST_BYTES:
            raise ApiError(413, f"请求太大（上限 {_MOST_BYTES >> 20} MB）。请分几次提交。", "request_too_large")
        if not message.get("more_body"):
            return b"".join(pieces)


def _again(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replayed() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
