"""The numbers of a file of training data."""

from __future__ import annotations

import json

from finetune.conversations.conversation import Conversation, Source, Turn
from finetune.making.statistics import Spread, statistics

OS = Source("os.pdf", 3, subject="os")


def _pair(question: int, answer: int, source: Source | None = None) -> tuple[Turn, Turn]:
    return Turn("user", "问" * question), Turn("assistant", "答" * answer)


GIVEN = [
    Conversation(_pair(10, 20), source=OS),
    Conversation(_pair(10, 50), source=Source("os.pdf", 4, subject="os")),
    Conversation((Turn("system", "老" * 5), *_pair(10, 20), *_pair(10, 80)), source=Source("notes.md", subject="ds")),
    Conversation(_pair(30, 100)),
]


def test_tokens_by_side_and_rounds() -> None:
    found = statistics(GIVEN, len)
    assert (found.samples, found.tokens, found.turns, found.system) == (4, 345, {1: 3, 2: 1}, 1)
    assert (found.prompt.least, found.prompt.most, found.answer.least, found.answer.most) == (10, 30, 20, 100)
    assert found.total.mean == 345 / 4
    assert found.histogram == {32: 1, 64: 1, 128: 1, 256: 1}


def test_what_is_too_long_is_cut_behind_a_round_or_dropped() -> None:
    found = statistics(GIVEN, len, 60)
    assert (found.over, found.truncated, found.dropped) == (2, 1, 1)
    assert statistics(GIVEN, len, 35).dropped == 2
    assert statistics(GIVEN, len, 34).truncated == 0
    assert statistics(GIVEN, len).over == 0


def test_sources() -> None:
    found = statistics(GIVEN, len)
    assert (found.documents, found.pages, found.sourced, found.subjects) == (2, 2, 3, {"os": 2, "ds": 1, "": 1})


def test_percentiles_are_nearest_ranks() -> None:
    assert Spread.of(range(1, 101)).percentiles == {50: 50, 90: 90, 95: 95, 99: 99}
    assert Spread.of([7]).percentiles == {50: 7, 90: 7, 95: 7, 99: 7}


def test_lines_say_it_in_chinese() -> None:
    told = "\n".join(statistics(GIVEN, len, 60).lines())
    for part in ("共 4 条（1 轮 3 条、2 轮 1 条），345 个 token；带系统提示的 1 条", "超过 60 的 2 条：可在轮次处截断 1 条，第一轮就放不下 1 条",
                 "科目：操作系统 2 条、数据结构 1 条、未注明 1 条", "3 条有出处（75%），来自 2 个文档的 2 页", "  ≤ 256 "):  # fmt: skip
        assert part in told


def test_json_and_no_data() -> None:
    assert json.loads(json.dumps(statistics(GIVEN, len, 60).to_json()))["over"] == 2
    empty = statistics([], len, 60)
    assert empty.samples == 0 and empty.lines() and empty.histogram == {}
