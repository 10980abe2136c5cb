"""Who may ask: holders of a key, or without keys the user of this machine; the page, which has no login yet, only the latter."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from server.clock import Clock
from server.faults import ApiError, response_of
from settings import Settings
from tutoring.storage import LOCAL

__all__ = ["Access", "is_api", "is_loopback", "keys_of", "owner_of"]

_OPEN = "/healthz"
"""Whoever runs the server may look whether it runs, without a key."""


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


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


class Access:
    """Lets a request through with its owner in `scope["owner"]` (None: unknown, and only /healthz is open to it), or refuses it."""

    def __init__(self, app: ASGIApp, keys: Sequence[str], clock: Clock) -> None:
        self._app = app
        self._keys = [(sha256(key.encode()).digest(), owner_of(key)) for key in keys]
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] == "http":
            try:
                scope["owner"] = self._owner(scope)
            except ApiError as refused:
                await response_of(refused, scope["path"], self._clock)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _owner(self, scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        path = scope["path"]
        if not (self._keys and is_api(path)):
            return _local(scope, headers)
        owner = self._holder(headers.get("authorization", ""))
        if owner is None and path != _OPEN:
            raise ApiError(
                401, "密钥不对或没有给出。请用 Authorization: Bearer 密钥（TUTOR_API_KEYS 里的一个）。", "invalid_api_key"
            )
        return owner

    def _holder(self, authorization: str) -> str | None:
        """The owner by the key of a request; every key is compared, in the same time for any."""
        scheme, _, key = authorization.partition(" ")
        given = sha256(key.strip().encode("latin-1", "replace")).digest()  # the bytes that were sent: a header is read as Latin-1
        holders = [owner for digest, owner in self._keys if compare_digest(digest, given)]
        return holders[0] if holders and scheme.lower() == "bearer" else None


def _local(scope: Scope, headers: Headers) -> str:
    """The owner on this machine.

    Another site's script may reach this machine through the user's browser: under a name of its own that it lets point here
    (then `Host` is that name), or by a form that the browser sends without asking (then `Origin` is that site).
    """
    client = scope.get("client")
    if not (client and is_loopback(client[0])):
        raise ApiError(403, "没有设置 TUTOR_API_KEYS 时只接受本机的请求；网页在有登录之前也只接受本机的。", "loopback_only")
    if not is_loopback(_name(f"//{headers.get('host', '')}")):
        raise ApiError(
            403,
            "请求的 Host 不是本机地址。请用 http://127.0.0.1 或 http://localhost 打开；经代理转发时由代理改写 Host。",
            "loopback_only",
        )
    if (origin := headers.get("origin")) is not None and not is_loopback(_name(origin)):
        raise ApiError(403, "不接受别的网站发来的请求（Origin 不是本机地址）。", "loopback_only")
    return LOCAL


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
