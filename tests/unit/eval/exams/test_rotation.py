from __future__ import annotations

import time

import pytest

from eval.exams.rotation import fixed_count, rotatable
from knowledge.generators import families
from tests.unit.eval.sample_exams import question


@pytest.mark.parametrize(
    "option",
    [
        "以上都不对", "以上都是", "以上各项均正确。", "以上答案都不正确", "以上说法均错误", "上述三项", "上述都不是", "以上 A 和 B",
        "除以上两项以外的情形", "A 和 B", "A、C", "Ａ、Ｃ", "A与B都对", "B 或 D", "A、B 和 C", "ABD", "AC", "A,B,C", "仅 A", "只有 B 正确", "A 对，B 错",
        "A 项和 C 项", "同 A", "与 B 相同", "选项 A 与选项 C", "都对", "都不对", "都不是", "均正确", "全部正确", "全都可以", "两者都是", "两者皆可", "三项都正确",
        "前两项", "前三者都是", "前两个选项", "后两者", "其他", "其它", "其余三项都对", "其他选项都不对", "没有一项正确", "无一正确",
        "没有正确答案", "无正确选项", "这些都是", "四种说法都对",
        "All of the above", "none of the above", "None of these", "Both A and B", "Neither A nor B", "A and C only", "A & B", "Both are correct",
        "All of them", "No correct answer",
    ],
)  # fmt: skip
def test_an_option_that_speaks_of_others_stays_where_it_is(option: str) -> None:
    assert not rotatable(question(options=("就绪", "运行", "阻塞", option)))
    assert not rotatable(question(options=(option, "就绪", "运行", "阻塞")))


@pytest.mark.parametrize(
    "options",
    [
        ("就绪", "运行", "阻塞", "创建"),
        ("A 类地址", "B 类地址", "C 类地址", "D 类地址"),
        ("A、B 类地址", "A、B、C 类地址", "D 类地址", "E 类地址"),
        ("①②都对", "仅 ①", "①③", "②③④"),
        ("Ⅰ、Ⅱ", "Ⅰ和Ⅲ", "仅Ⅰ、Ⅳ", "Ⅰ、Ⅱ、Ⅲ、Ⅳ"),
        ("CSMA/CD", "A/D 转换", "CDMA", "C 语言"),
        ("5 次以上", "网络层以上的各层", "512 B 以上", "一半以上"),
        ("所有叶结点都在同一层", "各进程都可能等待", "两台主机都能收到", "全部页面都在内存"),
        ("执行其他进程", "与其他结点无关", "IP 首部的选项字段", "前两位是 10"),
        ("A, B, C, D, F", "A, C, B, D, F", "A, F, B, C, D", "A, B, C, F, D"),
        ("(A,F), (C,D)", "(A,B), (C,F)", "(A,C), (B,D)", "(A,D), (B,C)"),
        ("a and b", "int a, b", "x[A]", "3AH"),
    ],
)
def test_options_that_stand_for_themselves_are_moved(options: tuple[str, str, str, str]) -> None:
    assert rotatable(question(options=options))


@pytest.mark.parametrize(
    ("stem", "moves"),
    [
        ("下列选项中，正确的是", True),
        ("结点 A 和 B 的公共祖先是", True),
        ("一个 C 类地址的主机号有几位？", True),
        ("TCP 首部的选项最长是", True),
        ("若选项 A 不成立，则", False),
        ("与 B 项意思相反的是", False),
        ("A、B、C、D 四个选项中只有一个属于软件：", False),
        ("除最后一个选项外都正确的说法是", False),
        ("If option C is true, then", False),
    ],
)
def test_a_stem_that_names_an_option_by_its_letter_holds_it_there(stem: str, moves: bool) -> None:
    assert rotatable(question(stem=stem)) == moves


def test_those_that_are_not_moved_are_counted() -> None:
    assert fixed_count([question(1), question(2, options=("就绪", "运行", "阻塞", "以上都不是")), question(3)]) == 1


def test_computed_questions_can_all_be_moved() -> None:
    assert fixed_count(family.generate(seed, 3) for family in families().values() for seed in range(3)) == 0


@pytest.mark.parametrize("piece", ["A、", "A 对,", "A 项", "都", "以上", "其他", "all ", " ", "A 和 "])
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    text = piece * 20_000 + "Z"
    begun = time.process_time()
    rotatable(question(stem=text, options=(text, "就绪", "运行", "阻塞")))
    assert time.process_time() - begun < 5
