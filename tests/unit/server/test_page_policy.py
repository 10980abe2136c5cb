import asyncio
from typing import Any

from server.page_policy import PagePolicy


def test_the_page_fetches_from_nowhere_else_and_is_framed_by_nobody() -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(PagePolicy(app)({"type": "http"}, None, send))  # type: ignore[arg-type]
    headers = dict(sent[0]["headers"])
    policy = headers[b"content-security-policy"].decode()
    assert policy.startswith("default-src 'self'") and "frame-ancestors 'self'" in policy and "http" not in policy
    assert len(sent) == 2 and headers[b"x-content-type-options"] == b"nosniff"
