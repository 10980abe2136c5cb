"""What makes two questions alike, and what makes them different ones."""

from __future__ import annotations

import random

import pytest

from finetune.making.likeness import ALIKE, details, jaccard, like_pairs, plain, wording


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("什么是死锁？", "  什么是 死锁 "),
        ("ＴＣＰ 的三次握手", "tcp的三次握手。"),
        ("页面大小为 4 KB", "页面大小为4KB"),
        ("正确的是（ ）。", "正确的是"),
        ("“死锁”是什么", "《死锁》是什么！"),
        ("**死锁**是什么", "死锁是什么"),
        ("死\u200b锁", "死锁"),
    ],
)
def test_what_is_left_aside(one: str, other: str) -> None:
    assert plain(one) == plain(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C++ 的特点", "C 的特点"),
        ("C++ 的特点", "C+ 的特点"),
        ("B 树", "B+ 树"),
        ("x<y 时", "x>y 时"),
        ("命中率 0.5", "命中率 05"),
        ("10.1.1.1", "101.1.1"),
        ("序列 1,2,3", "序列 12,3"),
        ("序列 1、2、3", "序列 1 23"),
        ("!a 的值", "a 的值"),
        ("(a+b)*c", "a+b*c"),
        ("A→B", "A←B"),
        ("？？", "！！"),
        ("😀", "😁"),
    ],
)
def test_what_makes_another_question(one: str, other: str) -> None:
    assert plain(one) != plain(other) and details(plain(one)) + (one,) != details(plain(other)) + (other,)


def test_details_are_numbers_names_and_numerals_in_order() -> None:
    assert details(plain("从 A 到 B 有三条 4 KB 的路")) == ("a", "b", "三", "4kb")
    assert details(plain("从 B 到 A 有三条 4 KB 的路")) != details(plain("从 A 到 B 有三条 4 KB 的路"))


def test_words_that_ask_or_join_are_no_matter() -> None:
    assert wording(plain("请问进程和线程的区别是什么？")) == wording(plain("简述进程与线程区别"))
    assert wording(plain("为什么会死锁")) != wording(plain("什么是死锁"))
    assert wording(plain("请问")) != wording(plain("简述"))


def test_pairs_are_all_those_that_comparing_each_with_each_finds() -> None:
    draw = random.Random(3)
    words = ["进程", "线程", "调度", "死锁", "内存", "分页", "文件", "系统", "缓存", "中断", "4KB", "8KB", "三", "两"]
    base = ["".join(draw.choices(words, k=12)) for _ in range(60)]
    forms = [plain(one) for one in base] + [plain("请问" + one) for one in base] + [plain(one[:-2]) for one in base]
    places = range(len(forms))
    wanted = {
        (i, j)
        for i in places
        for j in places
        if i < j and forms[i] != forms[j] and details(forms[i]) == details(forms[j]) and jaccard(forms[i], forms[j]) >= ALIKE
    }
    found = set(like_pairs(forms))
    assert len(wanted) > 40
    assert {pair for pair in found if forms[pair[0]] != forms[pair[1]]} == wanted
    assert {forms[j] for i, j in found if forms[i] == forms[j]} == {form for form in forms if forms.count(form) > 1}
