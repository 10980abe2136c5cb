"""`messages`, and `conversations` of the ChatGLM3 lab and of ShareGPT: a list of turns, each with its role and its content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Role, Turn
from finetune.conversations.layout import refilled, template
from finetune.conversations.object_rows import ObjectRows
from finetune.conversations.values import blank, kind, text

__all__ = ["ChatRows"]

_ROLES: dict[str, Role] = {
    "system": "system", "user": "user", "human": "user", "assistant": "assistant", "gpt": "assistant",
}  # fmt: skip
_SYSTEM = "system"


class ChatRows(ObjectRows):
    """`{"messages": [{"role", "content"}]}`; read also with `from` and `value`, human and gpt.

    `conversations` may have `system` beside the list, as ShareGPT's data has it.
    """

    says_nothing = True

    def __init__(self, name: str, title: str, *, system_beside: bool = False) -> None:
        self.name, self.title = name, title
        self.own = (name, _SYSTEM) if system_beside else (name,)

    def fits(self, row: Any) -> bool:
        """Whether it has the list under its name."""
        return isinstance(row, dict) and self.name in row

    def read_turns(self, row: Mapping[str, Any], place: str) -> tuple[list[Turn], dict[str, Any]]:
        """See `ObjectRows`."""
        entries = row.get(self.name)
        if not isinstance(entries, list):
            raise ContentError(f"{place}：{self.name} 应是列表，每一项是一句话，而不是{kind(entries)}。")
        read = [_turn(entry, number, place) for number, entry in enumerate(entries, 1)]
        turns, forms = [turn for turn, _ in read], [form for _, form in read]
        note: dict[str, Any] = {} if forms == [_usual(turn) for turn in turns] else {"turns": forms}
        if _SYSTEM in self.own and _SYSTEM in row:
            note["beside"] = row[_SYSTEM] if blank(row[_SYSTEM]) else True
            if not blank(row[_SYSTEM]):
                turns.insert(0, Turn("system", text(row[_SYSTEM], _SYSTEM, place)))
        return turns, note

    def write_turns(self, turns: Sequence[Turn], note: Mapping[str, Any]) -> dict[str, Any]:
        """See `ObjectRows`."""
        beside: dict[str, Any] = {}
        if note.get("beside") is True and turns[0].role == "system":
            beside, turns = {_SYSTEM: turns[0].content}, turns[1:]
        elif "beside" in note and blank(note["beside"]):
            beside = {_SYSTEM: note["beside"]}
        forms = note.get("turns")
        forms = forms if isinstance(forms, list) and len(forms) == len(turns) else [None] * len(turns)
        return {self.name: [_entry(turn, form) for turn, form in zip(turns, forms, strict=True)], **beside}


def _turn(entry: Any, number: int, place: str) -> tuple[Turn, dict[str, Any]]:
    place = f"{place}，第 {number} 句"
    if not isinstance(entry, dict):
        raise ContentError(f"{place}：应是有 role 和 content 的对象，而不是{kind(entry)}。")
    says, holds = "role" if "role" in entry else "from", "content" if "content" in entry else "value"
    if says not in entry or holds not in entry:
        raise ContentError(f"{place}：缺少 {'role（谁说的）' if says not in entry else 'content（说了什么）'}。请补上。")
    named = text(entry[says], says, place)
    if named not in _ROLES:
        raise ContentError(f"{place}：不认识角色“{named[:20]}”。请用 system、user、assistant（或 human、gpt）。")
    return Turn(_ROLES[named], text(entry[holds], holds, place)), template(entry, {holds})


def _usual(turn: Turn) -> dict[str, Any]:
    return template({"role": turn.role, "content": turn.content}, {"content"})


def _entry(turn: Turn, form: Any) -> dict[str, Any]:
    for holds in ("content", "value") if form else ():
        entry = refilled(form, {holds: turn.content})
        if entry and _ROLES.get(str(entry.get("role", entry.get("from")))) == turn.role:
            return entry
    return {"role": turn.role, "content": turn.content}
