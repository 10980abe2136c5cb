"""`educhat` and `cutegpt-prompt` as files: `{"text": PROMPT}`, the whole conversation in one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Conversation, Turn
from finetune.conversations.object_rows import ObjectRows
from finetune.conversations.prompts import PromptForm
from finetune.conversations.values import text

__all__ = ["PromptTextRows"]


class PromptTextRows(ObjectRows):
    """A prompt a row, in one of the forms of `prompts.PROMPTS`."""

    own = ("text",)

    def __init__(self, form: PromptForm) -> None:
        self.name, self.title, self._form = form.name, form.title, form
        self.says_nothing = form.name == "educhat"  # its mark stands there with nothing behind it

    def fits(self, row: Any) -> bool:
        """Whether its text has the marks of the form."""
        return isinstance(row, dict) and isinstance(row.get("text"), str) and self._form.fits(row["text"])

    def read_turns(self, row: Mapping[str, Any], place: str) -> tuple[list[Turn], dict[str, Any]]:
        """See `ObjectRows`. A text that is not written in the usual way is kept in the note."""
        if "text" not in row:
            raise ContentError(f'{place}：缺少 text。{self.title}的每一条应是 {{"text": "…"}}。')
        told = text(row["text"], "text", place)
        turns = self._form.turns(told, place)
        return turns, {} if self._form.text(turns, place) == told else {"text": told}

    def write_turns(self, turns: Sequence[Turn], note: Mapping[str, Any]) -> dict[str, Any]:
        """See `ObjectRows`.

        Raises:
            ContentError: a turn holds a mark of the form.
        """
        told = note.get("text")
        return {"text": told if isinstance(told, str) and self._says(told, turns) else self._form.text(turns)}

    def lacks(self, conversation: Conversation) -> list[str]:
        """What of the conversation is left out, in Chinese."""
        blanks = any(turn.content != turn.content.strip() for turn in conversation.turns)
        return [*super().lacks(conversation), *(["首尾的空白"] if blanks else [])]

    def _says(self, told: str, turns: Sequence[Turn]) -> bool:
        try:
            return self._form.turns(told) == list(turns)
        except ContentError:
            return False
