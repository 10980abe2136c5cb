"""Which words of a note answer what was asked: a number, several things, a way, a reason."""

import pytest

from finetune.making.note_fit import fits, is_plural, sets_apart, stands_alone


@pytest.mark.parametrize(
    ("question", "answer", "good"),
    [
        ("unsigned short最大能存多少？", "带符号整数用补码表示，无符号整数把所有位都作为数值位。", False),
        ("unsigned short最大能存多少？", "16位无符号数的最大值为2^16−1=65535。", True),
        ("给了传输率2MB/s和32位缓冲，每秒至少要问几次？", "每秒至少查询 R÷D 次。", False),
        ("给了传输率R和缓冲D，每秒至少要问几次？", "每秒至少查询 R÷D 次。", True),
        ("访问100次有20次页不在内存，比例怎么求？", "设总次数为A，缺页次数为F，则缺页率f=F/A。", True),
        ("-4321 转 unsigned short 等于几，咋算？", "n位带符号负数x转换成n位无符号数后，数值等于x+2^n。", False),
        ("怎么一眼看出一个IP是哪类？", "分类编址是指按最高几位把地址固定地分为五类的编址方式。", False),
        ("信道利用率怎么定义的？", "信道利用率是指有效发送数据的时间占整个周期的比例。", True),
        ("为什么要分片？", "分片是指把数据部分切成若干较小的数据报的过程。", False),
        ("抢占和非抢占啥意思？", "非抢占方式下，进程一旦得到处理机就运行到结束为止。", False),
        ("编码和调制有啥区别？", "编码是指把数据变换成数字信号的过程，调制是指把数据变换成模拟信号的过程。", True),
        ("I/O控制有哪几种办法？", "I/O控制方式的发展目标是减少CPU对I/O的干预，提高CPU与设备的并行程度。", False),
        ("缺页率怎么算，跟哪些东西有关？", "影响它的有页大小、页框数和置换算法。", False),
        ("缺页率怎么求？", "它受页大小影响，也受置换算法影响。", False),
        ("404、503这种数字啥意思，2开头呢？", "4xx：客户的差错，例如 404 找不到。", False),
        ("改进版多看了哪一位，为什么要看？", "淘汰未修改的页。", False),
        ("sizeof为什么比各成员加起来大？", "结构体A的成员长度之和为15 B，由于边界对齐，实际占用24 B。", False),
    ],
)
def test_an_answer_is_of_the_kind_that_was_asked_for(question: str, answer: str, good: bool) -> None:
    assert fits(question, answer) is good


def test_what_tells_several_things_apart() -> None:
    assert sets_apart("并发是指同一时间间隔，而并行是指同一时刻。") and not sets_apart("并发是指同一时间间隔。")
    assert is_plural("页大小、页框数") and not is_plural("删除边。")


def test_what_leans_on_the_example_beside_it_does_not_stand_alone() -> None:
    assert (
        stands_alone("结构体的对齐值等于最大值。")
        and not stands_alone("结构体B只在末尾填充。")
        and not stands_alone("下面的代码求高度。")
    )
