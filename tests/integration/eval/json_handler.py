"""What the test servers of the OpenAI protocol answer with."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any

__all__ = ["JsonHandler"]


class JsonHandler(BaseHTTPRequestHandler):
    """Sends JSON over a connection that stays open; says nothing on the test's screen."""

    protocol_version = "HTTP/1.1"

    def send_json(self, status: int, values: dict[str, Any]) -> None:
        """Answer; a client that tries again need not wait."""
        data = json.dumps(values).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Retry-After-Ms", "1")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""
