"""A browser of the page without a window: it speaks Gradio's protocol as the page's own script does (queue, SSE, chains of events).

One session each: what the page holds in its components is kept here, goes out with every event and is changed by what comes back.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

__all__ = ["Browser", "Came", "Failed"]

_API = "/gradio_api"
_TIMEOUT = 120.0
_CONFIG = "window.gradio_config = "
"""What stands before the page's components in its HTML."""


class Failed(Exception):
    """The page did not do what it was asked; the message says how."""


@dataclass
class Came:
    """What came of an event: seconds until something was shown, until all was, and the components that were changed."""

    first: float = 0.0
    whole: float = 0.0
    values: dict[str, Any] = field(default_factory=dict)


class Browser:
    """One opened page. `async with` it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = httpx.AsyncClient(base_url=url, timeout=_TIMEOUT, trust_env=False, follow_redirects=True)
        self._session = secrets.token_hex(6)
        self._events: list[dict[str, Any]] = []
        self._ids: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._values: dict[int, Any] = {}
        self._heart: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Browser:
        return self

    async def __aexit__(self, *about: object) -> None:
        if self._heart:
            self._heart.cancel()
            with suppress(asyncio.CancelledError):
                await self._heart
        await self._http.aclose()

    async def login(self, name: str, password: str) -> None:
        """Log in; the cookie stays."""
        answer = await self._http.post("/login", data={"name": name, "password": password}, headers={"origin": self._url})
        if answer.status_code != 200 or "/login" in str(answer.url):
            raise Failed(f"login: HTTP {answer.status_code}")

    async def open(self) -> None:
        """Load the page and everything that it loads by itself."""
        page = (await self._got("/")).raise_for_status().text
        _, mark, rest = page.partition(_CONFIG)
        if not mark:
            raise Failed("the page says nothing of its components")
        config, _ = json.JSONDecoder().raw_decode(rest)
        self._events = config["dependencies"]
        for one in config["components"]:
            self._values[one["id"]] = one["props"].get("value")
            if name := one["props"].get("elem_id"):
                self._ids[name], self._names[one["id"]] = one["id"], name
        if config.get("connect_heartbeat"):
            self._heart = asyncio.create_task(self._beat())
        for event in self._triggered(None, "load"):
            await self._fire(event, None)

    async def do(self, element: str, what: str, told: Any = None, chained: bool = True) -> Came:
        """An event of an element by its id, such as `click`, and, if `chained`, all that follows it.

        Raises:
            Failed: there is no such event, or the server did not do it.
        """
        events = list(self._triggered(self._ids.get(element, -1), what))
        if not events:
            raise Failed(f"no {what} of #{element}")
        came = await self._fire(events[0], told)
        if chained:
            await self.after(element, what)
        return came

    async def after(self, element: str, what: str) -> Came:
        """What follows an event of an element, one after the other."""
        came, began = Came(), time.perf_counter()
        waiting = [event["id"] for event in self._triggered(self._ids.get(element, -1), what)][:1]
        while waiting:
            before = waiting.pop()
            for event in self._events:
                if event.get("trigger_after") == before and not event.get("trigger_only_on_failure"):
                    waiting.append(event["id"])
                    if event["backend_fn"]:
                        came.values |= (await self._fire(event, None)).values
        came.first = came.whole = time.perf_counter() - began
        return came

    def put(self, element: str, value: Any) -> None:
        """Type into an element."""
        self._values[self._ids[element]] = value

    def value(self, element: str) -> Any:
        """What an element holds."""
        return self._values.get(self._ids.get(element, -1))

    def _triggered(self, target: int | None, what: str) -> Iterator[dict[str, Any]]:
        for event in self._events:
            if event["backend_fn"] and any(name == what and target in (None, one) for one, name in event["targets"]):
                yield event

    async def _fire(self, event: Mapping[str, Any], told: Any) -> Came:
        began, came = time.perf_counter(), Came()
        body = {
            "data": [self._values.get(one) for one in event["inputs"]], "event_data": told, "fn_index": event["id"],
            "trigger_id": event["targets"][0][0] if event["targets"] else None, "session_hash": self._session,
        }  # fmt: skip
        joined = await self._http.post(f"{_API}/queue/join", json=body)
        if joined.status_code != 200:
            raise Failed(f"queue/join: HTTP {joined.status_code}")
        number = joined.json()["event_id"]
        async for message in self._messages():
            if message.get("event_id") not in (number, None):
                continue
            if message["msg"] in ("process_generating", "process_completed"):
                came.first = came.first or time.perf_counter() - began
            if message["msg"] == "process_completed":
                came.whole = time.perf_counter() - began
                self._take(event["outputs"], message, came)
            if message["msg"] == "unexpected_error":
                raise Failed(str(message.get("message")))
        if not came.whole:
            raise Failed("the stream ended before the answer")
        await self._fetch(came.values)
        return came

    async def _messages(self) -> AsyncIterator[dict[str, Any]]:
        """What the server sends until it has nothing more to say."""
        async with self._http.stream("GET", f"{_API}/queue/data", params={"session_hash": self._session}) as stream:
            if stream.status_code != 200:
                raise Failed(f"queue/data: HTTP {stream.status_code}")
            async for line in stream.aiter_lines():
                if line.startswith("data:"):
                    message = json.loads(line[5:])
                    if message["msg"] == "close_stream":
                        return
                    yield message

    def _take(self, outputs: Sequence[int], message: Mapping[str, Any], came: Came) -> None:
        if not message.get("success", True):
            raise Failed(f"event failed: {str(message.get('output', {}).get('error'))[:200]}")
        for one, given in zip(outputs, message["output"].get("data", []), strict=False):
            value = given
            if isinstance(given, dict) and given.get("__type__") == "update":
                if "value" not in given:
                    continue
                value = given["value"]
            self._values[one] = value
            came.values[self._names.get(one, str(one))] = value

    async def _fetch(self, values: Any) -> None:
        """Get the images that came, as a browser does."""
        for url in set(_urls(values)):
            (await self._got(url)).raise_for_status()

    async def _got(self, url: str) -> httpx.Response:
        return await self._http.get(url)

    async def _beat(self) -> None:
        """The connection by which the server knows that the page is open."""
        with suppress(httpx.HTTPError):
            async with self._http.stream("GET", f"{_API}/heartbeat/{self._session}", timeout=None) as stream:
                async for _ in stream.aiter_lines():
                    pass


def _urls(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("url"), str) and f"{_API}/file=" in value["url"]:
            yield value["url"]
        for one in value.values():
            yield from _urls(one)
    elif isinstance(value, list):
        for one in value:
            yield from _urls(one)
