"""`xtuner`, the format of assistant408: `{"conversation": [{"system", "input", "output"}]}`, one object a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Turn
from finetune.conversations.layout import refilled, template
from finetune.conversations.object_rows import ObjectRows
from finetune.conversations.values import blank, kind, text

__all__ = ["XTunerRows"]


class XTunerRows(ObjectRows):
    """Rounds of input and output; the first may have a system prompt."""

    name = "xtuner"
    title = "conversation:[{input,output}]"
    own = ("conversation",)

    def fits(self, row: Any) -> bool:
        """Whether it has the list under its name."""
        return isinstance(row, dict) and "conversation" in row

    def read_turns(self, row: Mapping[str, Any], place: str) -> tuple[list[Turn], dict[str, Any]]:
        """See `ObjectRows`."""
        rounds = row.get("conversation")
        if not isinstance(rounds, list):
            raise ContentError(f"{place}：conversation 应是列表，每一项有 input 和 output，而不是{kind(rounds)}。")
        turns = list[Turn]()
        for number, one in enumerate(rounds, 1):
            turns += _round(one, f"{place}，第 {number} 轮")
        said = _said(turns)
        forms = [template(one, values) for one, values in zip(rounds, said, strict=True)]
        return turns, {} if forms == [template(values, values) for values in said] else {"rounds": forms}

    def write_turns(self, turns: Sequence[Turn], note: Mapping[str, Any]) -> dict[str, Any]:
        """See `ObjectRows`."""
        said, forms = _said(turns), note.get("rounds")
        forms = forms if isinstance(forms, list) and len(forms) == len(said) else [None] * len(said)
        return {"conversation": [refilled(form, values) or values for form, values in zip(forms, said, strict=True)]}


def _round(one: Any, place: str) -> list[Turn]:
    if not isinstance(one, dict):
        raise ContentError(f"{place}：应是有 input 和 output 的对象，而不是{kind(one)}。")
    if lacking := [key for key in ("input", "output") if key not in one]:
        raise ContentError(f"{place}：缺少 {'、'.join(lacking)}。请补上。")
    system = [] if blank(one.get("system")) else [Turn("system", text(one["system"], "system", place))]
    return [*system, Turn("user", text(one["input"], "input", place)), Turn("assistant", text(one["output"], "output", place))]


def _said(turns: Sequence[Turn]) -> list[dict[str, str]]:
    """Rounds of the turns, a system prompt in the round that follows it."""
    rounds, ahead = list[dict[str, str]](), dict[str, str]()
    for turn in turns:
        if turn.role == "system":
            ahead = {"system": turn.content}
        elif turn.role == "user":
            rounds.append({**ahead, "input": turn.content})
            ahead = {}
        else:
            rounds[-1]["output"] = turn.content
    return rounds
