"""Sentences that announce a list, a table or code, as questions."""

import pytest

from finetune.making.note_blocks import Block
from finetune.making.note_leads import asked_by


@pytest.mark.parametrize(
    ("lead", "asked"),
    [
        ("局部性分为两种：", "局部性分为哪两种？"),
        ("PPP 协议由三部分组成：", "PPP 协议由哪三部分组成？"),
        ("组成可以从三个角度划分：", "组成可以从哪三个角度划分？"),
        ("不发送差错报告的情况包括：", "不发送差错报告的情况包括哪些？"),
        ("快速排序的性能如下，n 为记录数：", "快速排序的性能（n 为记录数）是什么？"),
        ("四部分时延的含义如下：", "四部分时延的含义是什么？"),
        ("总线按所处位置与连接对象分类如下：", ""),
        ("考虑快表时，采用一级页表：", ""),
        ("以下采用位序从 1 开始的约定：", ""),
        ("其他常用性能指标如下：", ""),
    ],
)
def test_a_lead_in_becomes_a_question_that_can_be_read_or_none(lead: str, asked: str) -> None:
    assert asked_by(Block("list", ("甲",), "- 甲", lead)) == asked


@pytest.mark.parametrize(
    ("lead", "asked"),
    [
        ("堆排序的代码如下，有效下标为 1～n：", "请写出堆排序的代码（有效下标为 1～n）。"),
        ("下面是约定一的顺序栈代码。", ""),
        ("本节约定下标从 0 开始，代码如下：", "约定下标从 0 开始，请写出代码。"),
    ],
)
def test_code_is_asked_for_by_what_it_does(lead: str, asked: str) -> None:
    assert asked_by(Block("code", ("```c", "```"), "```c\n```", lead)) == asked
