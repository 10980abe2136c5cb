"""How much of a list or of steps answers a question: the item that was quoted, some of the items, or all."""

import pytest

from finetune.making.note_answers import statement_with
from finetune.making.note_blocks import blocks_of, without_echo

NOTE = """浏览器访问一个页面的步骤如下：

1. 浏览器分析网址并解析域名。
2. 浏览器建立连接。
3. 确定缓存策略。

判断溢出的三种方法如下：

- 一位符号位：操作数同号而结果异号时溢出。
- 双符号位：01表示正溢出，10表示负溢出。
- 进位比较：两个进位不同时溢出。

两种连接的作用如下：

- 控制连接：传送命令。
- 数据连接：传送文件。

设块大小为2^b字节，各字段位数如下：

- 直接映射：行号c位。
- 全相联映射：标记n−b位。
- 组相联映射：组号c−k位。

主要功能如下：

- 指令控制：按次序取指令。
- 操作控制：产生信号。
- 时间控制：规定时刻。

可能进行调度的时机如下：

- 主动放弃：进程结束。
- 被动放弃：时间片用完。

P、V操作描述如下，两个函数都是原语。

- 组帧：组帧是指加上首部和尾部。
"""
BLOCKS = blocks_of(NOTE)
STEPS = "1. 浏览器分析网址并解析域名。\n2. 浏览器建立连接。\n3. 确定缓存策略。"


@pytest.mark.parametrize(
    ("quote", "question", "answer"),
    [
        ("分析网址", "敲回车后浏览器先后干了啥？", f"浏览器访问一个页面的步骤如下：\n\n{STEPS}"),
        ("分析网址", "分析网址的过程称为什么？", "浏览器分析网址并解析域名。"),
        ("建立连接", "连接断了怎么办？", "浏览器建立连接。"),
        ("建立连接", "和服务器干的有什么不一样？", ""),
        ("确定缓存策略", "缓存策略起啥作用？", ""),
        ("正溢出", "01和10分别代表啥？", "双符号位：01表示正溢出，10表示负溢出。"),
        ("正溢出", "用两位来表示正负号、以此判溢出的方法是什么？", "双符号位：01表示正溢出，10表示负溢出。"),
        ("进位不同", "总共有哪些招？", ""),
        (
            "传送命令",
            "为什么要两条线？",
            "两种连接的作用如下：\n\n- 控制连接：传送命令。\n- 数据连接：传送文件。",
        ),
        ("传送命令", "命令走哪条？", "控制连接：传送命令。"),
        ("标记n−b位", "fully associative tag多少位？", "设块大小为2^b字节，各字段位数如下：\n\n- 全相联映射：标记n−b位。"),
        ("产生信号", "操作控制和时间控制有啥不同？", "- 操作控制：产生信号。\n- 时间控制：规定时刻。"),
        ("进程结束", "什么时候会重新挑进程？", "可能进行调度的时机如下：\n\n- 主动放弃：进程结束。\n- 被动放弃：时间片用完。"),
        ("两个函数都是原语", "P和V都做了啥？", ""),
        ("加上首部", "组帧是啥？", "组帧是指加上首部和尾部。"),
    ],
)
def test_how_much_of_a_list_answers(quote: str, question: str, answer: str) -> None:
    assert statement_with(quote, question, BLOCKS) == answer


def test_a_label_is_not_said_twice() -> None:
    assert without_echo("组帧（framing）：组帧是指加上首部。") == "组帧是指加上首部。"
    assert without_echo("频度优先：常用的指令用短码。") == "频度优先：常用的指令用短码。"
