"""From pairs to a data set."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, UsageError
from finetune.conversations.conversation import Conversation, Source
from finetune.making.finishing import Choice, chosen, written
from finetune.making.out_folder import CARD, TRAIN, VAL
from finetune.making.pair import answer_of, pair, question_of
from knowledge.questions import Question

EXAM = [
    Question(
        "q1",
        "os",
        "某系统有五个进程竞争三台打印机，每个进程最多同时使用两台打印机，该系统不会发生死锁的最大进程数是多少",
        ("1", "2", "3", "4"),
        "B",
        "",
        (),
        3,
    )
]
CHOICE = Choice(1 / 3, 0)
WORDS = "进程 线程 页表 快表 中断 缓存 总线 队列 堆栈 子网 端口 路由 索引 管道 信号 文件 磁盘 分段".split()


def pairs(n: int = 18) -> list[Conversation]:
    return [
        pair(f"{WORDS[i]}有什么用？", f"{WORDS[i]}的用处" + "很多。" * i, Source("a.pdf", i, passage=f"{i}")) for i in range(n)
    ]


def test_split_two_to_one_and_the_same_each_time() -> None:
    one, two = chosen(pairs(), CHOICE, []), chosen(pairs(), CHOICE, [])
    assert (len(one.train), len(one.val)) == (12, 6) and one == two
    assert one.train != chosen(pairs(), replace(CHOICE, seed=1), []).train
    assert chosen(pairs(), replace(CHOICE, val_size=0), []).val == []


def test_every_step_is_counted() -> None:
    seen = pair(f"{EXAM[0].stem}？", "两个。", Source("b.pdf", 1))
    again = pair("进程有什么用？", "另一种说法。", Source("b.pdf", 2))
    given = [*pairs(), again, seen]
    data = chosen(given, replace(CHOICE, most_chars=40, limit=5, drop=True), EXAM)
    short = sum(len(answer_of(one)) <= 40 for one in given)
    assert data.counts == {
        "given": 20, "too_long": 20 - short, "duplicate": 1, "conflicting": 1, 
        "dropped_as_contaminated": 1, "over_limit": short - 2 - 5, "kept": 5,
    }  # fmt: skip
    assert len(data.rows) == 5 and seen not in data.rows and not data.contamination.held


def test_what_the_exam_asks_stays_unless_it_is_to_be_dropped() -> None:
    seen = pair(f"{EXAM[0].stem}？", "两个。", Source("b.pdf", 1))
    data = chosen([*pairs(), seen], CHOICE, EXAM)
    assert seen in data.rows and data.counts["dropped_as_contaminated"] == 0
    (held,) = data.contamination.held
    assert held.question.id == "q1" and [data.rows[row] for row in held.rows] == [seen]


def test_a_system_prompt_for_each() -> None:
    data = chosen(pairs(), replace(CHOICE, system="你是老师。"), [])
    assert {one.system for one in data.rows} == {"你是老师。"} and all(question_of(one) for one in data.rows)


def test_a_limit_draws_by_the_seed_and_keeps_the_order() -> None:
    choice = replace(CHOICE, val_size=0, limit=6)
    first, other = chosen(pairs(), choice, []).train, chosen(pairs(), replace(choice, seed=1), []).train
    assert first != other and len(first) == 6
    assert [one.source.page for one in first if one.source] == sorted(one.source.page or 0 for one in first if one.source)


def test_nothing_left_is_told_with_the_reasons() -> None:
    with pytest.raises(ContentError, match="得到 18，回答超过 --max-answer-chars 18"):
        chosen(pairs(), replace(CHOICE, most_chars=1), [])


def test_the_files_are_those_that_the_card_names(tmp_path: Path) -> None:
    told = written(tmp_path, chosen(pairs(), CHOICE, []), "messages", {"from": "test"})
    assert json.loads((tmp_path / CARD).read_bytes()) == told
    for name, rows in ((TRAIN, 12), (VAL, 6)):
        assert told["files"][name] == {"rows": rows, "sha256": hashlib.sha256((tmp_path / name).read_bytes()).hexdigest()}
    told = written(tmp_path, chosen(pairs(), replace(CHOICE, val_size=0), []), "messages", {})
    assert set(told["files"]) == {TRAIN} and not (tmp_path / VAL).exists()


def test_where_the_files_are_not_whole_there_is_no_card(tmp_path: Path) -> None:
    written(tmp_path, chosen(pairs(), CHOICE, []), "messages", {})
    (tmp_path / TRAIN).unlink()
    (tmp_path / TRAIN).mkdir()
    broken: Any = chosen(pairs(), CHOICE, [])
    with pytest.raises(UsageError):
        written(tmp_path, broken, "messages", {})
    assert not (tmp_path / CARD).exists()
