import time
from dataclasses import FrozenInstanceError

import pytest

from rag.query import OPTION_WEIGHT, understand

FOUR = {"A": "互斥", "B": "请求和保持", "C": "循环等待", "D": "抢占"}


@pytest.mark.parametrize(
    "text",
    [
        "死锁的必要条件不包括\nA. 互斥\nB. 请求和保持\nC. 循环等待\nD. 抢占",
        "死锁的必要条件不包括\nA、互斥\nB、请求和保持\nC、循环等待\nD、抢占",
        "死锁的必要条件不包括\nA．互斥\nB．请求和保持\nC．循环等待\nD．抢占",
        "死锁的必要条件不包括\n(A) 互斥\n(B) 请求和保持\n(C) 循环等待\n(D) 抢占",
        "死锁的必要条件不包括\n（A）互斥\n（B）请求和保持\n（C）循环等待\n（D）抢占",
        "死锁的必要条件不包括\nA) 互斥\nB) 请求和保持\nC) 循环等待\nD) 抢占",
        "死锁的必要条件不包括\n  A. 互斥  B. 请求和保持\n  C. 循环等待  D. 抢占",
        "死锁的必要条件不包括 A. 互斥 B. 请求和保持 C. 循环等待 D. 抢占",
        "死锁的必要条件不包括（ ）A、互斥 B、请求和保持 C、循环等待 D、抢占",
        "死锁的必要条件不包括（ ）。A．互斥B．请求和保持C．循环等待D．抢占",
        "死锁的必要条件不包括\nＡ．互斥\nＢ．请求和保持\nＣ．循环等待\nＤ．抢占",
        "死锁的必要条件不包括（　）Ａ．互斥；Ｂ．请求和保持；Ｃ．循环等待；Ｄ．抢占",
    ],
)
def test_options_are_read_in_every_usual_form(text: str) -> None:
    query = understand(text)
    assert query.options == FOUR and query.negated
    assert query.stem.startswith("死锁的必要条件不包括") and "互斥" not in query.stem and query.text == text


@pytest.mark.parametrize(
    "text, letters",
    [
        ("直接插入排序是稳定的吗？ A. 是 B. 否", "AB"),
        ("直接插入排序是稳定的\nA. 对\nB. 错", "AB"),
        ("分组交换的优点是？\nA. 甲\nB. 乙\nC. 丙", "ABC"),
        ("结果是\nA. 1\nB. 2\nC. 3\nD. 4\nE. 5\nF. 6", "ABCDEF"),
        ("某结点发送的帧是（ ）A. 16 nsB. 20 nsC. 30 ns", ""),
        ("传送一帧用时是（ ）A．16 nsB．20 nsC．30 nsD．40 ns", "ABCD"),
        ("命中率是（ ）\nA. t=0.5\nB. t=0.25", "AB"),
    ],
)
def test_two_to_six_options(text: str, letters: str) -> None:
    assert "".join(understand(text).options) == letters


@pytest.mark.parametrize(
    "text",
    [
        "A. Turing 提出的停机问题是什么",
        "图灵机的作者是 A. Turing 和 B. Kernighan 吗",
        "作者：A. Turing, B. Liskov 分别做了什么",
        "元素 A、B、C、D 依次进栈，C 最先出栈，次序是什么",
        "根为 A、左子树为 B、右子树为 C、空树为 D 的二叉树怎么遍历",
        "A、C 两个进程共享 B、D 两个缓冲区会死锁吗",
        "树的先序序列是怎样的？根 A 的孩子为 B、C，B 的孩子为 D、E",
        "为什么选 B. 而不选 A. 呢",
        "if (A) x = 1; else if (B) y = 2; else if (C) z = 3; 的圈复杂度",
        "P(A) V(A) P(B) V(B) 这样写对吗",
        "解释\n```\nswitch (c) {\nA. x\nB. y\n}\n```",
        "`A. x B. y C. z D. w` 是什么意思？",
        "函数 f(x, A) 和 g(y, B) 有什么不同",
        "obj.A.b 和 obj.B.c 的地址差多少？",
        "A. 进程\nB. 线程",
        "下面的选项选哪个？\nB. 进程\nC. 线程",
        "路由器有哪些端口：\nA. 一\nB. 二\nC. 三\nD. 四\nE. 五\nF. 六\nG. 七",
        "选哪个？\nA.\nB.\nC.",
    ],
)
def test_what_only_looks_like_options_stays_a_plain_question(text: str) -> None:
    query = understand(text)
    assert query.options == {} and query.stem == ""
    assert query.text == text and query.searches == ((text, 1.0),)


def test_a_question_behind_the_options_belongs_to_the_stem() -> None:
    query = understand("页式管理中页表的作用是\nA. 映射\nB. 保护\n为什么选 A？")
    assert query.options == {"A": "映射", "B": "保护"} and query.stem.endswith("\n为什么选 A？")


def test_letters_of_the_stem_are_not_taken_for_the_options() -> None:
    stem = "端口 1 连主机 A、B，端口 2 连主机 C、D。帧会到哪些主机？"
    assert understand(f"{stem} A、仅 C B、C 和 D C、A 和 C D、全部").options == {
        "A": "仅 C",
        "B": "C 和 D",
        "C": "A 和 C",
        "D": "全部",
    }


def test_code_in_options_is_kept_as_it_is() -> None:
    assert understand("空处应填\nA. p = p->next;\nB. if (A) q = p;").options == {"A": "p = p->next;", "B": "if (A) q = p;"}


def test_numbered_statements_are_part_of_the_stem() -> None:
    query = understand("下列说法中，正确的是\n① 线程共享地址空间\n② 进程不包括程序段\nA. 仅①\nB. 仅②\nC. ①②\nD. 都不对")
    assert "② 进程不包括程序段" in query.stem and list(query.options) == list("ABCD") and not query.negated


@pytest.mark.parametrize(
    "stem",
    [
        "PCB 的内容不包括",
        "下列不属于传输层协议的是",
        "下列关于页表的叙述中，错误的是",
        "关于进程，以下说法不正确的是（ ）",
        "下列关于虚拟存储的说法，有误的一项是",
        "下列排序方法中，不能保证稳定的是",
        "下列序列中，不可能是快速排序第二趟结果的是",
        "下列关于不可抢占调度的叙述中，错误的是",
        "以下哪个不是操作系统的特征",
        "除（ ）外，都是死锁的必要条件",
        "下列说法中错误的有\n① TCP 面向连接\n② UDP 面向连接",
        "Which of the following is NOT a page replacement algorithm?",
        "All of the following are layers of the model EXCEPT",
    ],
)
def test_a_stem_that_asks_for_the_wrong_one_is_negated(stem: str) -> None:
    assert understand(f"{stem}\nA. 甲\nB. 乙\nC. 丙\nD. 丁").negated


@pytest.mark.parametrize(
    "stem",
    [
        "下列属于不可抢占调度的是",
        "不可剥夺条件指的是",
        "提供无连接服务的协议是",
        "电源掉电引起的不可屏蔽中断属于",
        "为什么不能用两次握手",
        "下列属于进程与线程的不同点的是",
        "下列关于不能被中断的原语的叙述中，正确的是",
        "若路径不包含环，则顶点数最多为",
        "除根结点外，每个结点至少有几棵子树",
        "ALU 故障时，可能得到错误结果的指令是",
        "下列工作属于解释而不是翻译的是",
        "下列说法中正确的是\n① UDP 不包括流量控制\n② 报文不能分片",
        "能不能用栈实现队列，做法是",
        "下列关于不属于内核的程序的说法正确的是",
        "下列说法中正确的有\n① 原语是不能被中断的\n② 下列操作不属于管态的是清内存",
    ],
)
def test_a_negation_inside_a_term_or_a_fact_is_none(stem: str) -> None:
    assert not understand(f"{stem}\nA. 甲\nB. 乙\nC. 丙\nD. 丁").negated
    assert not understand(stem).negated


@pytest.mark.parametrize(
    "stem, core",
    [
        ("下列关于进程和线程的叙述中，错误的是", "进程和线程"),
        ("关于 TCP 协议，下列说法中不正确的是（ ）。", "TCP 协议"),
        ("以下不属于传输层协议的是", "传输层协议"),
        ("下列选项中，属于稳定排序的是", "稳定排序"),
        ("中断向量表的作用是", "中断向量表的作用"),
        ("设置快表的目的是", "设置快表的目的"),
        ("下列选项中，正确的是", "下列选项中，正确的是"),
    ],
)
def test_the_stem_is_searched_without_furniture_and_with_each_option(stem: str, core: str) -> None:
    query = understand(f"{stem}\nA. 甲\nB. 乙")
    assert query.searches == ((core, 1.0), (f"{core} 甲", OPTION_WEIGHT), (f"{core} 乙", OPTION_WEIGHT))
    assert 0 < OPTION_WEIGHT < 1 and query.stem == stem


@pytest.mark.parametrize(
    "before, question, text",
    [
        ("死锁的必要条件有哪些", "为什么呢", "死锁 必要条件 为什么呢"),
        ("死锁的必要条件有哪些", "第二种呢", "死锁 必要条件 第二种呢"),
        ("死锁的必要条件有哪些", "举个例子", "死锁 必要条件 举个例子"),
        ("死锁的必要条件有哪些", "还有呢", "死锁 必要条件 还有呢"),
        ("银行家算法是什么", "它有什么缺点", "银行家算法 它有什么缺点"),
        ("银行家算法是什么", "这个算法怎么检查安全性", "银行家算法 这个算法怎么检查安全性"),
        ("银行家算法是什么", "有什么缺点", "银行家算法 有什么缺点"),
        ("SJF 是什么调度", "它和 FCFS 有什么区别", "sjf 调度 它和 FCFS 有什么区别"),
        ("快速排序的空间复杂度是多少", "时间复杂度呢", "快速排序 时间复杂度呢"),
        ("UDP的首部多少字节", "那TCP呢", "TCP的首部多少字节"),
        ("UDP的首部多少字节", "TCP呢？", "TCP的首部多少字节"),
        ("TCP的流量控制怎么实现", "那拥塞控制呢", "TCP的拥塞控制怎么实现"),
        ("B 树的高度怎么算", "那么B+树呢", "B+树的高度怎么算"),
        ("单链表删除结点要改几个指针", "如果是双向链表呢", "双向链表删除结点要改几个指针"),
        ("传输层的流量控制怎么实现", "那拥塞控制呢", "传输层的拥塞控制怎么实现"),
        ("线程切换时TCB里存什么", "那TSS呢", "线程切换时TSS里存什么"),
        ("TCP和UDP有什么区别", "那UDP呢", "tcp 那UDP呢"),
    ],
)
def test_a_follow_up_takes_the_subject_matter_of_the_question_before(before: str, question: str, text: str) -> None:
    query = understand(question, [before])
    assert query.text == text and query.searches == ((text, 1.0),)


@pytest.mark.parametrize(
    "question",
    [
        "页表是什么",
        "那么死锁怎么避免",
        "那死锁的四个必要条件呢",
        "那为什么要三次握手而不是两次呢",
        "进程和线程的区别是什么，它们怎么通信",
        "单核 CPU 怎么同时跑几个程序，这叫什么",
        "栈为什么先进后出",
        "时间复杂度是什么",
        "其他进程怎么办，互斥锁被占用的时候",
        "应该用什么数据结构存图",
        "尤其是红黑树，怎么旋转",
        "这门课的教学目标有哪些",
        "127.0.0.1 是什么",
    ],
)
def test_a_question_with_its_own_topic_is_not_touched(question: str) -> None:
    assert understand(question, ["UDP的首部多少字节"]).text == question


@pytest.mark.parametrize("question", ["那TCP呢", "为什么呢", "它有什么缺点", ""])
def test_without_a_history_nothing_is_added(question: str) -> None:
    assert understand(question).text == question == understand(question, ["为什么呢", "还有呢"]).text


def test_a_chain_of_follow_ups_goes_back_to_the_latest_question_that_stands_alone() -> None:
    assert understand("为什么呢", ["死锁怎么避免", "UDP的首部多少字节", "那TCP呢", "举个例子"]).text == "tcp 首部 字节 为什么呢"
    assert understand("它呢", ["死锁怎么避免", "它和饥饿有什么区别"]).text == "死锁 避免 它呢"


def test_a_follow_up_with_options_keeps_them() -> None:
    query = understand("它的缺点是\nA. 慢\nB. 贵", ["银行家算法是什么"])
    assert query.text == "银行家算法 它的缺点是\nA. 慢\nB. 贵" and query.stem == "它的缺点是"
    assert [text for text, _ in query.searches] == ["银行家算法 它的缺点", "银行家算法 它的缺点 慢", "银行家算法 它的缺点 贵"]


def test_after_a_multiple_choice_question_its_stem_is_the_topic() -> None:
    assert understand("为什么呢", ["下列关于管程的叙述中，错误的是\nA. 甲\nB. 乙"]).text == "管程 为什么呢"


def test_a_query_can_not_be_changed() -> None:
    query = understand("结果是？\nA. 甲\nB. 乙")
    with pytest.raises(FrozenInstanceError):
        query.text = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        query.options["A"] = "x"  # type: ignore[index]


def test_hostile_text_costs_little() -> None:
    started = time.process_time()
    for piece in ("A. ", "（A）", "不是的", "除（", "A、B", "```", "a不能", "①", "\n"):
        understand((piece * 4000)[:4000], [(piece * 4000)[:4000]])
    assert time.process_time() - started < 5
