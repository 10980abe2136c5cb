"""The address of an endpoint: whether it is one, and how it is shown."""

from __future__ import annotations

from urllib.parse import urlsplit

__all__ = ["is_address", "shown_address"]


def is_address(url: str) -> bool:
    """Whether it is an http(s) address with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def shown_address(url: str) -> str:
    """The address without what may be a secret: name and password, query, fragment."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
