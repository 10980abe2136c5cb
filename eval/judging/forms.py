"""What a judge wrote, read strictly: one JSON object, the reason before the score; anything else is asked for again."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from eval.judging.tasks import FULL
from rag.json_reply import UnreadableReplyError

__all__ = ["Winner", "read_marks", "read_score", "read_winner"]

Winner = Literal["1", "2", "平"]

_POINTS = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:分)?\s*(?:/\s*(\d+)\s*(?:分)?\s*)?")
_WINNERS: dict[str, Winner] = {"1": "1", "2": "2", "平": "平", "回答1": "1", "回答2": "2", "平局": "平", "相当": "平"}


def read_score(text: str) -> tuple[str, float]:
    """Reason and score, 0 to `FULL`.

    Raises:
        UnreadableReplyError: the answer is not of the form; the message says, for the judge, what is wrong.
    """
    row = _object(text)
    reason, score = _reasoned(row, "score")
    return reason, _points(score, FULL, "score")


def read_winner(text: str) -> tuple[str, Winner]:
    """Reason and which of two answers is the better one.

    Raises:
        UnreadableReplyError: as in `read_score`.
    """
    reason, winner = _reasoned(_object(text), "winner")
    told = _WINNERS.get("".join(unicodedata.normalize("NFKC", str(winner)).split()))
    if told is None or isinstance(winner, bool):
        raise UnreadableReplyError('winner 只能是 "1"、"2"、"平"')
    return reason, told


def read_marks(text: str, full: Sequence[int]) -> list[tuple[str, int]]:
    """Reason and points of each criterion, whose full points are given, in their order.

    Raises:
        UnreadableReplyError: as in `read_score`.
    """
    rows = _object(text).get("marks")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableReplyError("缺少 marks 列表")
    found: dict[int, tuple[str, int]] = {}
    for row in rows:
        n = row.get("criterion")
        if isinstance(n, bool) or not isinstance(n, int) or not 1 <= n <= len(full) or n in found:
            raise UnreadableReplyError(f"criterion 应是 1 到 {len(full)} 的编号，每个恰好一次")
        reason, score = _reasoned(row, "score")
        points = _points(score, full[n - 1], f"第 {n} 点的 score")
        if points != int(points):
            raise UnreadableReplyError(f"第 {n} 点的 score 应是整数")
        found[n] = reason, int(points)
    if missing := [n for n in range(1, len(full) + 1) if n not in found]:
        raise UnreadableReplyError(f"缺少第 {missing[0]} 个评分点")
    return [found[n] for n in range(1, len(full) + 1)]


def _object(text: str) -> Mapping[str, Any]:
    """The one JSON object of an answer: what stands from its first to its last brace.

    A second object (of the answer that is judged, quoted in front) makes it unreadable: which one is meant can't be known.
    """
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise UnreadableReplyError("回答里没有完整的 JSON")
    try:
        row = json.loads(text[start : end + 1], strict=False)
    except (ValueError, RecursionError) as error:
        raise UnreadableReplyError("没有恰好一个语法正确的 JSON 对象") from error
    if not isinstance(row, dict):
        raise UnreadableReplyError("应是一个 JSON 对象")
    return row


def _reasoned(row: Mapping[str, Any], verdict: str) -> tuple[str, Any]:
    """The reason and what it leads to, in that order: a score written first is made up before it is thought about."""
    reason = row.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise UnreadableReplyError("缺少 reason")
    if verdict not in row:
        raise UnreadableReplyError(f"缺少 {verdict}")
    names = list(row)
    if names.index("reason") > names.index(verdict):
        raise UnreadableReplyError(f"应先写 reason，后写 {verdict}")
    return reason.strip(), row[verdict]


def _points(value: object, full: int, name: str) -> float:
    """Points as a number or as `8`, `8分`, `8/10`."""
    if isinstance(value, str) and (found := _POINTS.fullmatch(unicodedata.normalize("NFKC", value))):
        value = float(found[1]) if found[2] in (None, str(full)) else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or not 0 <= value <= full:
        raise UnreadableReplyError(f"{name} 应是 0 到 {full} 的数")
    return float(value)
