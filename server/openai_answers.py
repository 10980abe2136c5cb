"""Answers as clients of the OpenAI protocol read them, with the tutor's own fields on the message (or on a stream's last one)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rag.chat_models.tokens import estimate
from rag.citations import Citation
from rag.events import Answer

__all__ = ["DONE", "Completion", "usage_json"]

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Completion:
    """What all pieces of one answer have in common.

    Attributes:
        created: seconds since 1970.
    """

    id: str
    model: str
    created: int

    @classmethod
    def begin(cls, model: str, created: int) -> Completion:
        """A completion with an id of its own."""
        return cls(f"chatcmpl-{secrets.token_hex(12)}", model, created)

    def whole(self, answer: Answer, prompt_tokens: int) -> dict[str, Any]:
        """The answer at once."""
        message = {"role": "assistant", "content": answer.text, **_ours(answer)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return self._json("chat.completion", [choice]) | {"usage": usage_json(prompt_tokens, answer.text)}

    def piece(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        """A line of a stream."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return event_line(self._json("chat.completion.chunk", [choice]))

    def last_piece(self, answer: Answer, said: str) -> bytes:
        """The end of a stream: what is left to say, and the tutor's fields.

        Words were said before they were checked: where the checked answer is another, it is in the field `text`.
        """
        rest = answer.text[len(said) :] if answer.text.startswith(said) else ""
        differs = {} if said + rest == answer.text else {"text": answer.text}
        return self.piece({**({"content": rest} if rest else {}), **_ours(answer), **differs}, "stop")

    def usage_piece(self, prompt_tokens: int, text: str) -> bytes:
        """The line after the end, for clients that ask for `include_usage`."""
        return event_line(self._json("chat.completion.chunk", []) | {"usage": usage_json(prompt_tokens, text)})

    def _json(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model, "choices": choices}


def event_line(value: dict[str, Any]) -> bytes:
    """A server-sent event. JSON keeps to one line by itself."""
    return b"data: " + json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n\n"


def usage_json(prompt_tokens: int, text: str) -> dict[str, int]:
    """Tokens, estimated (rag/chat_models/tokens.py): of the client's messages, and of the answer."""
    answer = estimate(text)
    return {"prompt_tokens": prompt_tokens, "completion_tokens": answer, "total_tokens": prompt_tokens + answer}


def _ours(answer: Answer) -> dict[str, Any]:
    return {
        "citations": _places(answer.citations),
        "nearest": _places(answer.nearest),
        "refused": answer.refused,
        "notice": answer.notice,
        "subject": answer.subject,
        "subject_confidence": round(answer.subject_confidence, 3),
        "answered_by": answer.model,
        "data": answer.data,
        "memory": answer.memory,
    }


def _places(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    return [{**citation.to_json(), "section": citation.section, "literal": citation.literal} for citation in citations]
