"""What Prometheus is told: requests and their times, answers by mode, tokens."""

from __future__ import annotations

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.access import is_api

__all__ = ["ROUTES", "Metrics", "Timed"]

ROUTES = ("/v1/chat/completions", "/v1/models", "/v1/embeddings", "/api/chat", "/healthz", "/metrics")
"""Names under which requests are counted; all other paths of the API are `other`, so that nobody can make up names without end."""
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)


class Metrics:
    """Counters of one application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter("tutor_requests", "Requests to the API.", ("route", "status"), registry=self.registry)
        self._seconds = Histogram(
            "tutor_request_seconds", "Seconds to the end of an answer.", ("route",), buckets=_SECONDS, registry=self.registry
        )
        self._first = Histogram(
            "tutor_first_token_seconds",
            "Seconds to the first words of a streamed answer.",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._answers = Counter("tutor_answers", "Answers given.", ("mode", "refused"), registry=self.registry)
        self._tokens = Counter("tutor_tokens", "Tokens, estimated.", ("kind",), registry=self.registry)
        self._running = Gauge("tutor_requests_running", "Requests to the API being answered.", registry=self.registry)

    def answered(self, mode: str, refused: bool, prompt_tokens: int, answer_tokens: int) -> None:
        """Count an answer."""
        self._answers.labels(mode, str(refused).lower()).inc()
        self._tokens.labels("prompt").inc(prompt_tokens)
        self._tokens.labels("answer").inc(answer_tokens)

    def first_words(self, seconds: float) -> None:
        """Count the wait for the first words of a streamed answer."""
        self._first.observe(seconds)

    def text(self) -> bytes:
        """All of it, in Prometheus' format."""
        return generate_latest(self.registry)

    def begun(self) -> None:
        """A request has come."""
        self._running.inc()

    def ended(self, path: str, status: int, seconds: float) -> None:
        """A request is answered, or given up by its client (499)."""
        route = path if path in ROUTES else "other"
        self._running.dec()
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)


class Timed:
    """Counts and times the requests to the API; the page has its own."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An ASGI application."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        status, begun = 499, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self._metrics.begun()
        try:
            await self._app(scope, receive, noted)
        finally:
            self._metrics.ended(scope["path"], status, perf_counter() - begun)
