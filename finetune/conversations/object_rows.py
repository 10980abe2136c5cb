"""Formats whose row is a JSON object: beside the turns it can hold an id, a source and further fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Conversation, Turn, checked
from finetune.conversations.layout import FIELDS, LAYOUT, layouts, noted, with_note
from finetune.conversations.values import identifier, kind, source_of

__all__ = ["ObjectRows"]


class ObjectRows(ABC):
    """A format of objects.

    Attributes:
        name: of the format.
        title: what it is, for messages in Chinese.
        own: the keys in which it holds the turns.
        says_nothing: whether a system prompt that is there and empty is told from none (a chat template may fill in its own).
    """

    name: str
    title: str
    own: tuple[str, ...]
    says_nothing = False

    @abstractmethod
    def fits(self, row: Any) -> bool:
        """Whether a row looks like one of this format."""

    @abstractmethod
    def read_turns(self, row: Mapping[str, Any], place: str) -> tuple[list[Turn], dict[str, Any]]:
        """The turns of a row, and the note of what is unusual in its own keys.

        Raises:
            ContentError: it is not in this format.
        """

    @abstractmethod
    def write_turns(self, turns: Sequence[Turn], note: Mapping[str, Any]) -> dict[str, Any]:
        """The row's own keys, written as the note says, in the usual way where it says nothing or does not fit."""

    def conversation(self, row: Any, place: str) -> Conversation:
        """Read a row; `place` names it in errors.

        Raises:
            ContentError: it is not in this format, or no conversation that can be learned from.
        """
        if not isinstance(row, dict):
            raise ContentError(f"{place}：{self.name} 格式的每一条应是 JSON 对象，而不是{kind(row)}。")
        turns, note = self.read_turns(row, place)
        name, source = identifier(row.get("id"), place), source_of(row.get("source"), place)
        if "id" in row and not (name and isinstance(row["id"], str)):
            note["id"] = row["id"]
        extra = {key: value for key, value in row.items() if key not in (*self.own, "id", "source")}
        if held := layouts(extra).get(FIELDS):
            extra = {**held, **with_note(extra, FIELDS, {})}
        if "source" in row and (source is None or list(source.to_json().items()) != list(row["source"].items())):
            extra["source"] = row["source"]
        found = Conversation(checked(turns, place), name, source, with_note(extra, self.name, note))
        if list(self.row(found)) != list(row):
            found = Conversation(found.turns, name, source, with_note(extra, self.name, note | {"keys": list(row)}))
        return found

    def row(self, conversation: Conversation) -> dict[str, Any]:
        """The row of a conversation."""
        extra, note = conversation.extra, noted(conversation.extra, self.name)
        row = self.write_turns(conversation.turns, note) | _provenance(conversation, note)
        further = {key: value for key, value in with_note(extra, self.name, {}).items() if key != "source"}
        if any(key in self.own or key == "id" for key in further):
            held = {key: value for key, value in further.items() if key != LAYOUT}
            further = with_note({LAYOUT: further[LAYOUT]} if layouts(further) else {}, FIELDS, held)
        return _ordered(row | further, note.get("keys"))

    def lacks(self, conversation: Conversation) -> list[str]:
        """What of the conversation this format can't hold, in Chinese."""
        first = conversation.turns[0]
        return ["空的 system 提示"] if first.role == "system" and not first.content.strip() and not self.says_nothing else []


def _provenance(conversation: Conversation, note: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "id" in note and ("" if note["id"] is None else str(note["id"])) == conversation.id:
        found["id"] = note["id"]
    elif conversation.id:
        found["id"] = conversation.id
    told = conversation.extra.get("source")
    if "source" in conversation.extra and source_of(told, "source") == conversation.source:
        found["source"] = told
    elif conversation.source:
        found["source"] = conversation.source.to_json()
    return found


def _ordered(row: dict[str, Any], keys: Any) -> dict[str, Any]:
    first = [key for key in keys if isinstance(key, str) and key in row] if isinstance(keys, list) else []
    return {key: row[key] for key in dict.fromkeys((*first, *row))}
