import time

import pytest

from rag.sentences import formulas, sentences


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


def test_sentences_end_where_chinese_ones_do() -> None:
    assert cut("进程是什么？它说：“程序的执行。”好！\n第二行") == ["进程是什么？", "它说：“程序的执行。”", "好！", "第二行"]


def test_an_english_sentence_ends_before_a_capital_only() -> None:
    assert cut("A page is loaded. The table (p. 3, e.g. here) is read. ok") == [
        "A page is loaded.",
        "The table (p. 3, e.g. here) is read. ok",
    ]
    assert cut("1. TCP 建立连接。") == ["1. TCP 建立连接。"], "a number of a list ends nothing"


@pytest.mark.parametrize("formula", ["$n! = 1$", "$$\nn!\n+ 1\n$$", "\\(n! + m!\\)", "\\[\na ? b : c\n\\]"])
def test_a_sign_inside_a_formula_ends_nothing(formula: str) -> None:
    assert cut(f"排列有 {formula} 种。然后。") == [f"排列有 {formula} 种。", "然后。"]


def test_prices_and_shell_variables_are_no_formulas() -> None:
    assert formulas("甲要 $5，乙要 $ 6。") == [] and formulas("正文。") == []


def test_hostile_signs_cost_no_more_than_their_length() -> None:
    started = time.process_time()
    for text in ("$" * 200_000, "\\(" * 100_000, "$a。" * 60_000, "!" * 200_000):
        sentences(text)
    assert time.process_time() - started < 5
