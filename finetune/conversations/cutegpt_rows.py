"""`cutegpt`, the nested list of CuteGPT: a sample is a list of rounds, and has room for nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Conversation, Turn, checked
from finetune.conversations.instructions import parts, question
from finetune.conversations.layout import LAYOUT, layouts, noted, refilled, template, with_note
from finetune.conversations.values import kind, text

__all__ = ["CuteGPTRows"]

_FLAT, _PAIRS = "flat", "pairs"


class CuteGPTRows:
    """`[{"instruction", "input", "output"}, …]`; read also as `[q1, a1, q2, a2, …]` and as `[[q1, a1], …]`."""

    name = "cutegpt"
    title = "CuteGPT 的嵌套列表"

    def fits(self, row: Any) -> bool:
        """Whether it is a list."""
        return isinstance(row, list)

    def conversation(self, row: Any, place: str) -> Conversation:
        """Read a sample; see `ObjectRows.conversation`."""
        if not isinstance(row, list):
            raise ContentError(f"{place}：cutegpt 格式的每一条应是列表，而不是{kind(row)}。")
        spelling, rounds = _rounds(row, place)
        read = [_round(one, f"{place}，第 {number} 轮") for number, one in enumerate(rounds, 1)]
        turns = [turn for said, _ in read for turn in said]
        notes = [note for _, note in read]
        note = {"spelling": spelling} if spelling else {"rounds": notes} if any(notes) else {}
        return Conversation(checked(turns, place), extra=with_note({}, self.name, note))

    def row(self, conversation: Conversation) -> list[Any]:
        """The sample of a conversation; id, source, system prompt and further fields are left out (see `lacks`)."""
        said = [turn.content for turn in conversation.spoken]
        note, pairs = noted(conversation.extra, self.name), list(zip(said[::2], said[1::2], strict=True))
        if note.get("spelling") == _FLAT:
            return said
        if note.get("spelling") == _PAIRS:
            return [list(pair) for pair in pairs]
        notes = note.get("rounds")
        notes = notes if isinstance(notes, list) and len(notes) == len(pairs) else [{}] * len(pairs)
        return [_entry(*pair, note if isinstance(note, dict) else {}) for pair, note in zip(pairs, notes, strict=True)]

    def lacks(self, conversation: Conversation) -> list[str]:
        """What of the conversation is left out, in Chinese."""
        extra = conversation.extra
        further = any(key != "source" and not (key == LAYOUT and layouts(extra)) for key in extra)
        told = {
            "system 提示": conversation.turns[0].role == "system",
            "id": bool(conversation.id),
            "出处": bool(conversation.source or "source" in extra),
            "其他字段": further,
        }
        return [name for name, there in told.items() if there]


def _rounds(row: list[Any], place: str) -> tuple[str, list[Any]]:
    """The rounds of a sample, and its spelling; '' for the usual one."""
    if row and all(isinstance(one, str) for one in row):
        if len(row) % 2:
            raise ContentError(f"{place}：一问一答的列表有 {len(row)} 段，最后一问没有回答。请补上，或删去最后一段。")
        return _FLAT, [row[at : at + 2] for at in range(0, len(row), 2)]
    return (_PAIRS if row and all(isinstance(one, list) for one in row) else ""), row


def _round(one: Any, place: str) -> tuple[list[Turn], dict[str, Any]]:
    if isinstance(one, list):
        if len(one) != 2:
            raise ContentError(f"{place}：应是 [问题, 回答] 两段文字。请改正。")
        return [Turn("user", text(one[0], "问题", place)), Turn("assistant", text(one[1], "回答", place))], {}
    if not isinstance(one, dict) or "output" not in one or not {"instruction", "input"} & one.keys():
        raise ContentError(f"{place}：应是有 instruction、input、output 的对象，或 [问题, 回答]。请改正。")
    asked, note = question(one, place)
    said = {**parts(asked, note), "output": text(one["output"], "output", place)}
    form = template(one, said)
    usual = template(_usual(said), said)
    return [Turn("user", asked), Turn("assistant", said["output"])], note | ({} if form == usual else {"round": form})


def _usual(said: Mapping[str, str]) -> dict[str, str]:
    return {"instruction": "", "input": "", "output": "", **said}


def _entry(asked: str, answer: str, note: Mapping[str, Any]) -> dict[str, Any]:
    said = {**parts(asked, note), "output": answer}
    return refilled(note.get("round"), said) or _usual(said)
