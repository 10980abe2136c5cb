"""Token ids as text, one at a time."""

from __future__ import annotations

from typing import Any

__all__ = ["Detokenizer"]

_UNFINISHED = "\ufffd"
_LONGEST = 4  # bytes of a UTF-8 character, at worst a token each


class Detokenizer:
    """Text of tokens as they come; a Chinese character of several tokens appears with its last one.

    Tokens are decoded together with those before them, because a tokenizer may drop the space at the beginning.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._ids: list[int] = []
        self._shown = 0

    def push(self, token: int) -> str:
        """The text that this token completes, often some of it, sometimes none."""
        self._ids.append(token)
        return self._piece(final=False)

    def finish(self) -> str:
        """What is left of a character that never became whole."""
        return self._piece(final=True)

    def _piece(self, final: bool) -> str:
        text = self._decode(self._ids)
        waiting = len(self._ids) - self._shown
        if not waiting or (text.endswith(_UNFINISHED) and waiting < _LONGEST and not final):
            return ""
        piece = text[len(self._decode(self._ids[: self._shown])) :]
        self._ids, self._shown = self._ids[self._shown :], waiting
        return piece

    def _decode(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))
