"""Students' questions as training data: with an end, with a topic."""

import pytest

from finetune.making.note_questions import about, asks_for_all, asks_for_one, asks_how, compares, completed, shares_words


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
        ("该首部字段应将分组交给", "该首部字段应将分组交给什么？"),
        ("两趟之后已就位的元素至少有", "两趟之后已就位的元素至少有多少？"),
        ("PC和PSW谁保存，通用寄存器又是谁保存", "PC和PSW谁保存，通用寄存器又是谁保存？"),
        ("为什么用近似算法代替最近最久未使用", "为什么用近似算法代替最近最久未使用？"),
        ("子程序调用指令与跳转指令的主要区别在于前者", ""),
        ("某类资源有多个实例且图中存在环路，则系统", ""),
        ("关于Flash的叙述，错误的是（写比读慢、按页读写）", ""),
        ("该队列不可能的顺序是", ""),
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


def test_a_blank_to_fill_keeps_its_place_in_front() -> None:
    assert about("死锁的预防", "填空：破坏____条件。") == "填空（死锁的预防）：破坏____条件。"


def test_a_question_on_a_list_names_what_the_list_is_of() -> None:
    assert shares_words("FCB里都记了哪几类信息", "FCB主要包含以下信息：")
    assert not shares_words("关机断电后哪些还留着", "常用的分类方法如下：")


def test_what_a_question_asks_for() -> None:
    assert asks_how("资源分配图怎么化简") and not asks_how("消边消哪些边")
    assert asks_for_all("进程五种状态分别啥意思") and not asks_for_all("一根光纤里跑好几种颜色的光叫啥")
    assert asks_for_one("为每种协议分别协商参数的协议称为什么") is False and asks_for_one("多路光载波称为什么")
    assert not asks_for_all("几种信号合成一路的技术称为什么")
    assert asks_for_all("复用和分用谁在发送方谁在接收方")
    assert not asks_for_all("overflow 到底是什么意思") and not asks_for_all("每个包都各有一个闹钟吗")
    assert asks_how("浏览器先后干了啥") and not asks_how("窗口占满了怎么办") and not asks_how("松弛那一步的公式怎么写")
    assert compares("编码和调制有啥区别") and not compares("有哪几种办法")
    assert asks_for_all("有哪几种办法") and not asks_for_all("多路不同波长的光载波称为什么")
