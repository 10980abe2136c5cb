"""The marks between which models think before they answer: whether a text has such a thought open, or a token begins one."""

from __future__ import annotations

import re

__all__ = ["begins_thought", "open_thought"]

_OPENING = ("<think>", "<thinking>", "<thought>", "<reasoning>", "<seed:think>", "[think]", "◁think▷", "<|channel|>")
"""Of Qwen, DeepSeek, GLM and MiniMax; of older fine-tunings; of Seed-OSS, Magistral, Kimi; of gpt-oss, whose answers have channels."""

_MARK = re.compile(
    r"<(?:seed:)?(?:think|thinking|thought|reasoning)>|\[think\]|◁think▷|<\|channel\|>analysis<\|message\|>", re.IGNORECASE
)
_CLOSE = re.compile(r"</(?:seed:)?(?:think|thinking|thought|reasoning)>|\[/think\]|◁/think▷|<\|end\|>", re.IGNORECASE)


def open_thought(text: str) -> str | None:
    """The mark of the last thought that is begun in the text and not ended in it; None where there is none."""
    *_, last = (None, *_MARK.finditer(text))
    return last.group() if last and not _CLOSE.search(text, last.end()) else None


def begins_thought(token: str) -> bool:
    """Whether an answer whose first token is this begins with a thought; many vocabularies have a mark in pieces (`<`, `think`)."""
    piece = token.strip().lower()
    return bool(piece) and any(mark.startswith(piece) or piece.startswith(mark) for mark in _OPENING)
