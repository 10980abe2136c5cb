"""Wrong answers over a passage are found; right ones in other words stay."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from finetune.making.claims import claims_of, unborne
from rag.fence import FencedPassage

PASSAGE = FencedPassage(
    1,
    "进程管理 > 死锁",
    "死锁是指两个或两个以上的进程因竞争资源而造成的一种互相等待的现象，若无外力作用，它们都将无法向前推进。"
    "产生死锁的四个必要条件是：互斥条件、请求和保持条件、不剥夺条件、循环等待条件。"
    "银行家算法用于避免死锁，每次分配资源之前先检查系统是否处于安全状态。安全状态一定不会发生死锁，不安全状态不一定发生死锁。"
    "资源有序分配法破坏循环等待条件，属于预防死锁的方法。TCP 的三次握手用 SYN 与 ACK 报文段，页大小为 4 KB，页表项占 4 B。"
    "时间片轮转的时间片为 10 ms，平均周转时间 23.5 ms，CPU 利用率为 80%。",
)
QUESTION = "死锁是什么意思？"


def idf(tokens: Iterable[str]) -> dict[str, float]:
    return dict.fromkeys(tokens, 1.0)


@pytest.mark.parametrize(
    "answer",
    [
        "产生死锁的三个必要条件是互斥条件、请求和保持条件、循环等待条件。",
        "死锁是指三个以上的进程因竞争资源而造成的互相等待的现象。",
        "TCP 的四次握手用 SYN 与 ACK 报文段。",
        "UDP 的三次握手用 SYN 与 ACK 报文段。",
        "页大小为 8 KB，页表项占 4 B。",
        "页大小为 4 MB。",
        "时间片轮转的时间片为 10 s。",
        "CPU 利用率为 8%。",
        "银行家算法不能避免死锁。",
        "银行家算法每次分配资源之前不检查系统是否处于安全状态。",
        "若有外力作用，它们都将无法向前推进。",
        "死锁是互相等待的现象。解决死锁最常用的办法是重启计算机。",
        "银行家算法用于避免死锁，由迪杰斯特拉在 1965 年提出。",
        "银行家算法用于避免死锁，它的时间复杂度很高。",
        "银行家算法用于避免死锁，每次分配资源之前先检查系统是否处于安全状态，检查结果保存在磁盘上。",
        "银行家算法用于避免死锁 hunter2。",
        "快表是一种高速缓冲存储器，用来加快地址转换。",
        "四个必要条件：\n1. 互斥条件\n2. 请求和保持条件\n3. 不剥夺条件\n4. 优先级反转",
        "死锁检测算法由谷歌公司的工程师首先提出并且实现：\n1. 互斥条件",
        "互斥条件。死锁的解除办法有：",
        "是的。",
        "不会。",
    ],
)
def test_wrong_answers_are_found(answer: str) -> None:
    assert unborne(QUESTION, answer, PASSAGE, idf)


@pytest.mark.parametrize(
    "answer",
    [
        "死锁是两个或两个以上的进程因为竞争资源而互相等待的现象，没有外力作用时它们都无法向前推进。",
        "四个必要条件：互斥、请求和保持、不剥夺、循环等待。",
        "产生死锁有4个必要条件：\n1. **互斥条件**\n2. 请求和保持条件\n3. 不剥夺条件\n4. 循环等待条件",
        "具体条件如下：\n- 互斥条件\n- 请求和保持条件",
        "死锁的必要条件共有四种。",
        "不会。安全状态一定不会发生死锁。",
        "银行家算法在分配资源之前检查系统是否处于安全状态，以此避免死锁。",
        "资源有序分配法通过破坏循环等待条件来预防死锁。",
        "页大小为4KB，每个页表项占 4 字节。",
        "时间片为10ms。",
        "互相等待。",
        "80%。",
        "TCP 用三次握手，报文段带 SYN 与 ACK。",
    ],
)
def test_right_answers_in_other_words_stay(answer: str) -> None:
    assert unborne(QUESTION, answer, PASSAGE, idf) is None


def test_a_name_is_known_under_its_other_names() -> None:
    passage = FencedPassage(1, "", "快表命中时只访问内存 1 次，页表项占 4 字节。")
    assert unborne("TLB 命中时访问几次内存？", "快表（TLB）命中时只访问内存 1 次。", passage, idf) is None
    assert unborne("页表项多大？", "页表项占 4 B。", passage, idf) is None
    trees = FencedPassage(1, "", "含 n 个结点的二叉链表有 2*n 个指针域，遍历要 O(n^2) 步。")
    assert unborne("几个指针域？", "含 n 个结点的二叉链表有 2n 个指针域，遍历要 O(n²) 步。", trees, idf) is None
    assert unborne("DMA 命中时访问几次内存？", "快表命中时只访问内存 1 次。", passage, idf) == "资料里没有 dma"


def test_counters_for_things_are_one_and_numerals_are_whole() -> None:
    passage = FencedPassage(1, "", "第 1 章：调度算法共有 5 种，每种算法用两个队列，一共切换 12 次，先切换 2 次，再切换十二次。")
    assert unborne("有几种？", "调度算法共有 5 个。", passage, idf) is None  # 个 for 种, though 两个 is another number
    assert unborne("用几条？", "1 种算法用两个队列。", passage, idf) is None  # 1 种 is an article
    assert unborne("切换几次？", "先切换 2 次，一共切换 12 次。", passage, idf) is None
    twelve = FencedPassage(1, "", "一共切换十二次，其中有 2 段，还要等待 3 次。")
    assert unborne("切换几次？", "一共切换二次。", twelve, idf) == "“一共切换二次。”：资料里没有数 2（次）"


def test_claims_are_the_sentences_that_say_something() -> None:
    assert claims_of("有两种情形：\n1. 命中。\n……\n（2）未命中？\n1.5 倍") == ["命中。", "未命中？", "1.5 倍"]
    assert claims_of("最后一句也算：") == ["最后一句也算："]
