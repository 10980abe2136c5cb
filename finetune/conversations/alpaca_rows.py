"""`alpaca`, the format of DreamerGPT and LLaMA-Factory: one object a row, the last question apart from the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from errors import ContentError
from finetune.conversations.conversation import Turn
from finetune.conversations.instructions import parts, question
from finetune.conversations.layout import refilled, template
from finetune.conversations.object_rows import ObjectRows
from finetune.conversations.values import blank, kind, text

__all__ = ["AlpacaRows"]


class AlpacaRows(ObjectRows):
    """`{"instruction", "input", "output"}`, with `system` and `history` (a list of [question, answer]) where there are any."""

    name = "alpaca"
    title = "instruction/input/output"
    own = ("instruction", "input", "output", "system", "history")

    def fits(self, row: Any) -> bool:
        """Whether it has an instruction and an output."""
        return isinstance(row, dict) and "instruction" in row and "output" in row

    def read_turns(self, row: Mapping[str, Any], place: str) -> tuple[list[Turn], dict[str, Any]]:
        """See `ObjectRows`."""
        if lacking := [key for key in ("instruction", "output") if key not in row]:
            raise ContentError(f"{place}：缺少 {'、'.join(lacking)}。alpaca 格式的每一条应有 instruction、input、output。")
        turns = [] if blank(row.get("system")) else [Turn("system", text(row["system"], "system", place))]
        for number, pair in enumerate([] if blank(row.get("history")) else _list(row["history"], place), 1):
            turns += _pair(pair, number, place)
        asked, note = question(row, place)
        turns += [Turn("user", asked), Turn("assistant", text(row["output"], "output", place))]
        said = _said(turns, note)
        form = template({key: row[key] for key in row if key in self.own}, said)
        return turns, note | ({} if form == template(_usual(said), said) else {"row": form})

    def write_turns(self, turns: Sequence[Turn], note: Mapping[str, Any]) -> dict[str, Any]:
        """See `ObjectRows`."""
        said = _said(turns, note)
        return refilled(note.get("row"), said) or _usual(said)


def _said(turns: Sequence[Turn], note: Mapping[str, Any]) -> dict[str, Any]:
    """The values that hold turns; those that would be empty are left out."""
    system = [turn.content for turn in turns if turn.role == "system"]
    *earlier, asked, answer = [turn.content for turn in turns if turn.role != "system"]
    history = [list(pair) for pair in zip(earlier[::2], earlier[1::2], strict=True)]
    found: dict[str, Any] = {**parts(asked, note), "output": answer}
    return found | ({"system": system[0]} if system else {}) | ({"history": history} if history else {})


def _usual(said: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"instruction": "", "input": "", "output": "", **said}
    return {key: row[key] for key in AlpacaRows.own if key in row}


def _list(history: Any, place: str) -> list[Any]:
    if not isinstance(history, list):
        raise ContentError(f"{place}：history 应是列表，每一项是 [问题, 回答]，而不是{kind(history)}。")
    return history


def _pair(pair: Any, number: int, place: str) -> list[Turn]:
    where = f"{place}，history 第 {number} 项"
    if not isinstance(pair, list) or len(pair) != 2:
        raise ContentError(f"{where}：应是 [问题, 回答] 两段文字。请改正。")
    return [Turn("user", text(pair[0], "问题", where)), Turn("assistant", text(pair[1], "回答", where))]
