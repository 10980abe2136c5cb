"""Listening on an address, and serving an application there until Ctrl-C."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from errors import UsageError
from server.origin import is_loopback

__all__ = ["address_of", "reserve", "serve"]

_GOODBYE_SECONDS = 3
"""Pages keep connections open: so long they may finish what they do when the program is stopped."""


def reserve(host: str, port: int, has_accounts: Callable[[], bool] = lambda: False) -> socket.socket:
    """A socket that is bound to an address of this machine, and not yet listening.

    Args:
        has_accounts: whether whoever comes has to log in; asked only for an address that others reach.

    Raises:
        UsageError: the address would open the page to others, or can't be listened on.
    """
    if not is_loopback(host) and not has_accounts():
        raise UsageError(
            f"拒绝监听 {host or '所有地址'}：还没有登录账号，别的机器一打开就能看到和改动一切。"
            "请先运行 python -m tutoring.accounts add 姓名 --role 管理员 建立管理员，或只监听本机地址（127.0.0.1）。"
        )
    if not 0 < port < 65536:
        raise UsageError(f"端口 {port} 不可用。请用 --port 指定 1 到 65535 之间的端口。")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            if os.name == "posix":  # elsewhere it would let two programs share a port
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise UsageError(f"端口 {port} 已被占用或不能监听。请用 --port 换一个端口，或关掉占用它的程序。") from error
    return bound


def address_of(bound: socket.socket) -> str:
    """The URL of what is served on a socket."""
    host, port = bound.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve(app: ASGIApp, bound: socket.socket) -> None:
    """Serve on a reserved address until Ctrl-C.

    Raises:
        UsageError: another program has begun to listen there in the meantime.
    """
    config = uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=_GOODBYE_SECONDS)
    try:
        bound.listen()
        _Server(config).run([bound])
    except OSError as error:
        raise UsageError("端口刚刚被别的程序占用。请用 --port 换一个端口。") from error
    finally:
        bound.close()


class _Server(uvicorn.Server):
    """A server that cuts the connections of open pages, when it is stopped, without a traceback for each."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        log = logging.getLogger("uvicorn.error")
        level = log.level
        log.setLevel(logging.CRITICAL)
        try:
            await super().shutdown(sockets)
        finally:
            log.setLevel(level)
