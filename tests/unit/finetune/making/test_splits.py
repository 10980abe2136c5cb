"""Nothing of what is asked on one side could have been learned from the other; the same data and seed give the same."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from errors import ContentError, UsageError
from finetune.conversations.conversation import Conversation, Source, Turn
from finetune.making import splits
from finetune.making.likeness import plain
from finetune.making.splits import groups, split

WORDS = ["进程", "线程", "调度", "死锁", "内存", "分页", "文件", "缓存", "中断", "总线", "排序", "散列", "路由", "拥塞"]


def _pairs(count: int, sources: Sequence[Source | None] = (None,)) -> list[Conversation]:
    draw = random.Random(7)
    return [
        Conversation((Turn("user", "".join(draw.sample(WORDS, 8))), Turn("assistant", f"答{number}")), str(number), sources[number % len(sources)])
        for number in range(count)
    ]  # fmt: skip


def _sides(conversations: Sequence[Conversation], val_size: float = 1 / 3, seed: int = 0) -> tuple[set[str], set[str]]:
    train, val = split(conversations, val_size, seed)
    assert sorted((*train, *val), key=lambda one: int(one.id)) == list(conversations)
    return {one.id for one in train}, {one.id for one in val}


@pytest.mark.parametrize(("val_size", "wanted"), [(1 / 3, 30), (0.1, 9), (20, 20), (1, 1), (89, 89), (0.001, 1), (0.999, 89)])
def test_shares_and_counts(val_size: float, wanted: int) -> None:
    assert len(_sides(_pairs(90), val_size)[1]) == wanted


def test_two_to_one_by_default() -> None:
    train, val = split(_pairs(90))
    assert (len(train), len(val)) == (60, 30)


def test_the_same_whatever_the_order_and_another_with_another_seed() -> None:
    given = _pairs(60)
    shuffled = random.Random(1).sample(given, 60)
    train, val = split(shuffled, 20, 5)
    assert {one.id for one in val} == _sides(given, 20, 5)[1] != _sides(given, 20, 6)[1]
    assert train == [one for one in shuffled if one in train]


def test_no_page_is_on_both_sides() -> None:
    given = _pairs(90, [Source("a.pdf", page) for page in range(1, 31)])
    train, val = split(given)
    assert len(val) == 30
    assert not {one.source.page for one in train if one.source} & {one.source.page for one in val if one.source}


def test_small_documents_stay_whole_if_there_are_enough() -> None:
    many = _pairs(120, [Source(f"{number % 12}.pdf", number) for number in range(1, 61)])
    assert len(groups(many)) == 12
    few = _pairs(120, [Source(f"{number % 9}.pdf", number) for number in range(1, 61)])
    assert len(groups(few)) == 60


def test_a_large_document_is_parted_by_page_beside_small_ones() -> None:
    small = [Source(f"{number}.pdf", number) for number in range(10)]
    given = _pairs(200, [*small, *(Source("large.pdf", page) for page in range(1, 11))])
    given += [
        Conversation((Turn("user", f"另一页{word}"), Turn("assistant", "答")), str(200 + n), Source("0.pdf", 99))
        for n, word in enumerate(WORDS[:2])
    ]
    counts = sorted(len(group) for group in groups(given))
    assert counts == [10] * 19 + [12]  # the second page of 0.pdf went with the first


def test_without_pages_the_section_and_then_the_id_count() -> None:
    assert len(groups(_pairs(40, [Source("n.md", None, section) for section in "甲乙丙丁"]))) == 4
    assert len(groups(_pairs(40, [Source("os.jsonl", id=f"os-{number}") for number in range(8)]))) == 8
    with pytest.raises(ContentError, match="40 条数据都在同一组里"):
        split(_pairs(40, [Source("n.md")]))


def test_the_same_passage_ties_pages() -> None:
    passage = "死锁的四个必要条件是互斥、占有并等待、不可抢占、循环等待。"
    sources = [Source("a.pdf", 1, passage=passage), Source("b.pdf", 9, passage=passage.replace("、", " 、")), Source("c.pdf", 1)]
    assert sorted(map(len, groups(_pairs(30, sources)))) == [10, 20]


def test_questions_that_are_alike_stay_together() -> None:
    question = "在操作系统的进程管理里死锁产生的四个必要条件分别是什么作用"
    asked = [
        question,
        f"请问{question}",
        question.replace("作用", "功能"),
        *("".join(one) for one in zip(WORDS, WORDS[1:], strict=False)),
    ]
    given = [Conversation((Turn("user", one), Turn("assistant", "答")), str(n)) for n, one in enumerate(asked)]
    assert groups(given)[0] == [0, 1, 2] and len(groups(given)) == len(given) - 2
    for seed in range(20):
        assert len({"0", "1", "2"} & _sides(given, seed=seed)[1]) in (0, 3)


def test_one_pattern_does_not_tie_all_data() -> None:
    asked = [f"请详细说明在操作系统的进程管理这一章里关于概念{word}的定义和它在考试里的作用以及常见的误解" for word in WORDS]
    given = [Conversation((Turn("user", one), Turn("assistant", "答")), str(n)) for n, one in enumerate(asked)]
    assert len(groups(given)) == len(WORDS)


def test_what_is_alike_beside_one_pattern_stays_together() -> None:
    pattern = "请详细说明在操作系统的进程管理这一章里关于概念{}的定义和它在考试里的作用以及常见的误解"
    question = "为什么引入快表之后多级页表的平均访存时间仍然可能大于两次内存访问"
    asked = [*map(pattern.format, WORDS), question, question.replace("内存访问", "内存存取")]
    given = [Conversation((Turn("user", one), Turn("assistant", "答")), str(n)) for n, one in enumerate(asked)]
    assert groups(given)[-1] == [len(WORDS), len(WORDS) + 1] and len(groups(given)) == len(WORDS) + 1


def test_a_passage_of_many_pairs_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = list[str]()

    def watched(text: str) -> str:
        looked.append(text)
        return plain(text)

    monkeypatch.setattr(splits, "plain", watched)
    groups(_pairs(40, [Source("a.pdf", page, passage=f"第 {page} 页的原文") for page in range(1, 5)]))
    assert sum("原文" in text for text in looked) == 4


def test_large_groups_leave_neither_side_empty() -> None:
    sources = [Source("a.pdf", 1)] * 9 + [Source("a.pdf", 2)]
    for val_size in (1, 0.3, 0.5, 0.9, 9):
        for seed in range(8):
            train, val = _sides(_pairs(10, sources), val_size, seed)
            assert {len(train), len(val)} == {1, 9}


def test_groups_that_are_all_larger_than_wanted() -> None:
    assert len(_sides(_pairs(12, [Source("a.pdf", page) for page in range(1, 4)]), 1)[1]) == 4


@pytest.mark.parametrize("val_size", [0, -1, 1.5, float("nan"), float("inf")])
def test_sizes_that_are_none(val_size: float) -> None:
    with pytest.raises(UsageError, match="验证集大小不能是"):
        split(_pairs(9), val_size)


def test_too_little_data() -> None:
    with pytest.raises(ContentError, match="只有 1 条数据"):
        split(_pairs(1))
    with pytest.raises(ContentError, match="一共只有 9 条"):
        split(_pairs(9), 9)
