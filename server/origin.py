"""Where a request comes from: this machine, this site, or a page of somebody else's that uses the visitor's browser."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from server.faults import ApiError

__all__ = ["check_origin", "is_loopback", "is_secure", "name_of"]

_HARMLESS = ("GET", "HEAD", "OPTIONS")


def is_loopback(host: str) -> bool:
    """Whether a host's name or address is this machine's own."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def name_of(url: str) -> str:
    """The host of a URL; '' if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def check_origin(method: str, headers: Headers) -> None:
    """Whether a request with a login was made by a page of this site, or by the visitor.

    `Origin` must be the host that was asked. Behind a proxy that rewrites `Host` the browser's own word is taken, which no script can
    set; it is given over https. A program that is no browser sends neither, and holds no login but its own.

    Raises:
        ApiError: another site's script or form made it.
    """
    site = headers.get("sec-fetch-site")
    if site in ("same-origin", "none"):
        return
    origin = headers.get("origin")
    foreign = origin is not None and _place(origin) != headers.get("host", "").lower()
    if foreign or (site is not None and method not in _HARMLESS and origin is None):
        raise ApiError(403, "不接受别的网站发来的请求（Origin 与 Host 不同）。请直接打开这个网站再操作。", "other_site")


def is_secure(scheme: str, headers: Headers) -> bool:
    """Whether the browser speaks https, to this program or to a proxy before it."""
    return scheme == "https" or headers.get("origin", "").startswith("https://")


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""
