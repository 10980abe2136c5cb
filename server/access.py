"""Who may ask. The API: holders of a key. The page: who is logged in. Without keys or accounts: the user of this machine."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from errors import TutorError
from server.faults import ApiError, as_api_error, response_of
from server.gate import Gate, cookie_of, token_of
from server.login_page import message_page
from server.origin import check_origin, is_loopback, is_secure, name_of
from server.page_sessions import PageSessions
from settings import Settings
from tutoring.clock import Clock
from tutoring.storage import LOCAL

__all__ = ["Access", "is_api", "keys_of", "owner_of"]

_OPEN = "/healthz"
"""Whoever runs the server may look whether it runs, without a key."""
_LOGIN = ("/login", "/logout")
_UPLOAD = "/gradio_api/upload"
"""It takes files onto the disk before any event asks who sends them; all that is ever uploaded is documents, which learners don't add."""
_POLICY_VIOLATED = 1008


def keys_of(settings: Settings) -> tuple[str, ...]:
    """The keys of the settings."""
    given = settings.api_keys.get_secret_value() if settings.api_keys else ""
    return tuple(key.strip() for key in given.split(",") if key.strip())


def is_api(path: str) -> bool:
    """Whether a path is of the API; all others are the page's."""
    return path.startswith(("/v1/", "/api/")) or path in ("/v1", "/api", _OPEN, "/metrics")


def owner_of(key: str) -> str:
    """Whose conversations the holder of a key has: its digest, so that no table holds a key."""
    return f"key:{sha256(key.encode()).hexdigest()}"


class Access:
    """Lets a request through with its owner in `scope["owner"]` (None: unknown, and only /healthz and /login are open to it), or
    refuses it. Without `gate` there are no accounts."""

    def __init__(self, app: ASGIApp, keys: Sequence[str], clock: Clock, gate: Gate | None = None) -> None:
        self._app = app
        self._keys = [(sha256(key.encode()).digest(), owner_of(key)) for key in keys]
        self._clock = clock
        self._gate = gate
        self._sessions = PageSessions()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "websocket":  # nothing here speaks it
            await send({"type": "websocket.close", "code": _POLICY_VIOLATED})
            return
        if scope["type"] == "http":
            try:
                receive, send = await self._admitted(scope, receive, send)
            except TutorError as refused:
                await self._refusal(as_api_error(refused), scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """Find the owner of a request; how it goes on being read and answered.

        Raises:
            TutorError: it is refused.
        """
        headers, path = Headers(scope=scope), scope["path"]
        has_accounts = self._gate is not None and await self._gate.is_on()
        if self._keys and is_api(path) and not (has_accounts and "authorization" not in headers):
            scope["owner"] = self._holder(headers, path)
        elif has_accounts:
            return await self._logged_in(scope, headers, receive, send)
        else:
            scope["owner"] = _local(scope, headers)
        return receive, send

    async def _logged_in(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> tuple[Receive, Send]:
        """The owner by the login of a browser."""
        assert self._gate is not None
        token, path = token_of(headers), scope["path"]
        found = await self._gate.owner(token) if token else None
        scope["owner"] = found[0] if found else None
        if path in (*_LOGIN, _OPEN):
            return receive, send
        if found is None:
            raise ApiError(401, _NO_LOGIN, "login_required")
        check_origin(scope["method"], headers)
        if path == _UPLOAD and not await self._gate.may_manage(found[0]):
            raise ApiError(403, "添加资料由教师或管理员来做。", "managers_only")
        if found[1]:
            send = _with_cookie(send, cookie_of(token, is_secure(scope.get("scheme", ""), headers)))
        return await self._sessions.checked(scope, receive, found[0]), send

    def _holder(self, headers: Headers, path: str) -> str | None:
        """The owner by the key of a request; every key is compared, in the same time for any."""
        scheme, _, key = headers.get("authorization", "").partition(" ")
        given = sha256(key.strip().encode("latin-1", "replace")).digest()  # the bytes that were sent: a header is read as Latin-1
        holders = [owner for digest, owner in self._keys if compare_digest(digest, given)]
        if holders and scheme.lower() == "bearer":
            return holders[0]
        if path == _OPEN:
            return None
        raise ApiError(401, "密钥不对或没有给出。请用 Authorization: Bearer 密钥（TUTOR_API_KEYS 里的一个）。", "invalid_api_key")

    def _refusal(self, error: ApiError, scope: Scope) -> Response:
        """A browser that opens the page is sent to log in, or told on a page; programs get the form of their path."""
        opens = scope["method"] in ("GET", "HEAD") and not is_api(scope["path"])
        if opens and "text/html" in Headers(scope=scope).get("accept", ""):
            if error.code == "login_required":
                return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})
            return message_page(str(error), error.status)
        return response_of(error, scope["path"], self._clock)


_NO_LOGIN = "需要登录：没有登录，或登录已过期。请打开 /login 登录；程序请用 TUTOR_API_KEYS 里的密钥。"


def _with_cookie(send: Send, cookie: str) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return sent


def _local(scope: Scope, headers: Headers) -> str:
    """The owner on this machine.

    Another site's script may reach this machine through the user's browser: under a name of its own that it lets point here
    (then `Host` is that name), or by a form that the browser sends without asking (then `Origin` is that site).
    """
    client = scope.get("client")
    if not (client and is_loopback(client[0])):
        raise ApiError(403, "没有设置 TUTOR_API_KEYS 时只接受本机的请求；网页在建立账号之前也只接受本机的。", "loopback_only")
    if not is_loopback(name_of(f"//{headers.get('host', '')}")):
        raise ApiError(
            403,
            "请求的 Host 不是本机地址。请用 http://127.0.0.1 或 http://localhost 打开；经代理转发时由代理改写 Host。",
            "loopback_only",
        )
    if (origin := headers.get("origin")) is not None and not is_loopback(name_of(origin)):
        raise ApiError(403, "不接受别的网站发来的请求（Origin 不是本机地址）。", "loopback_only")
    return LOCAL
