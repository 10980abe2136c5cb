"""Students' questions as training data: with an end, with a topic."""

import pytest

from finetune.making.note_questions import about, asks_for_all, asks_how, completed


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("死锁是什么意思？", "死锁是什么意思？"),
        ("P是先判断再减还是先减再判断", "P是先判断再减还是先减再判断？"),
        ("按左子树、右子树、根的次序访问各结点的方法称为____。", "按左子树、右子树、根的次序访问各结点的方法称为什么？"),
        (
            "由n个叶子构成的最优二叉树，其结点总数为____，且不含单分支结点。",
            "填空：由n个叶子构成的最优二叉树，其结点总数为____，且不含单分支结点。",
        ),
        (
            "不设快表的段页式系统中，CPU存取一个数据需访问内存的次数为",
            "不设快表的段页式系统中，CPU存取一个数据需访问内存的次数为多少？",
        ),
        ("TCP收到三个冗余ACK时应当", "TCP收到三个冗余ACK时应当怎样？"),
        ("理论上最慢的排序（　）", "填空：理论上最慢的排序____。"),
        ("下列指令中只能在管态下执行的是", ""),
        ("下列层次中，不属于通信子网的是（物理层、链路层）", ""),
    ],
)
def test_a_question_gets_an_end_and_one_that_wants_options_none(asked: str, told: str) -> None:
    assert completed(asked) == told


def test_a_question_that_names_nothing_of_its_topic_gets_it_in_front() -> None:
    assert about("停止等待协议", "编号只用0和1轮着来够吗？") != "编号只用0和1轮着来够吗？"
    assert "停止等待协议" in about("停止等待协议", "编号只用0和1轮着来够吗？")
    assert about("TLB与虚实地址转换过程", "tlb 里存的是什么？") == "tlb 里存的是什么？"
    assert "基本操作" in about("栈的基本操作", "有哪些操作？")  # 操作 names no topic


def test_the_topic_is_put_in_several_ways_and_always_the_same_for_one_question() -> None:
    asked = [f"第 {n} 步做什么？" for n in range(40)]
    assert len({about("X协议", one).replace(one, "") for one in asked}) == 4
    assert [about("X协议", one) for one in asked] == [about("X协议", one) for one in asked]


def test_what_a_question_asks_for() -> None:
    assert asks_how("资源分配图怎么化简") and not asks_how("消边消哪些边")
    assert asks_for_all("有哪几种办法") and not asks_for_all("多路不同波长的光载波称为什么")
