"""Which answer belongs to which question: a wrong key is worse than none."""

import time

import pytest

from knowledge.exam_paper import parse_exam

OPTIONS = "A. 甲\nB. 乙\nC. 丙\nD. 丁\n"


def q(number: int, own: str = "") -> str:
    """A question of this number, with its own answer lines."""
    return f"{number}. 题干{number}\n{OPTIONS}{own}"


CERTAIN = {
    "sections with a list each": ("一、选择题\n" + q(1) + q(2) + "二、选择题\n" + q(1) + q(2) + "答案\n一、1. A 2. B\n二、1. C 2. D", "ABCD"),
    "chapters with a list each": ("第一章\n" + q(1) + q(2, "答案：B\n") + "1. A 2. B\n第二章\n" + q(1) + q(2) + "1. C 2. D", "ABCD"),
    "an answer section": (
        "一、选择题\n" + q(1) + q(2) + "二、选择题\n" + q(1) + q(2)
        + "答案与解析\n一、选择题\n1.【答案】A\n2.【答案】B\n二、选择题\n1.【答案】C\n2.【答案】D", "ABCD",
    ),
    "an open question beginning with letters": ("一、选择题\n" + q(1) + "二、综合应用题\n1. C，D 两主机通信，求时延。\n参考答案\n1-1 A", "A"),
    "a letter in brackets is a term": ("1. 累加器（A）的作用是（  ）。\n" + OPTIONS + "参考答案\n1. D", "D"),
    "an answer weighed in the explanation": (q(1, "解析：许多同学误以为答案为A，其实不是。\n【答案】C"), "C"),
    "the last word of the explanation": (q(1, "【解析】若按先序则答案为 D，按中序则为 B。正确答案：B"), "B"),
    "the student's answer": (q(1, "学生答案：A\n正确答案：C\n") + q(2, "我的答案：A 正确答案：B"), "CB"),
    "a word in the stem": ("1. 若答案：A 的概率是\n" + OPTIONS + "答案：B", "B"),
    "data in the stem": (q(1) + "2. 页表如下：\n0 A\n1 B\n2 C\n物理地址是\n" + OPTIONS + "参考答案\n1. D 2. A", "DA"),
    "numbers that stem begins with": ("1.2009年统考题是\n" + OPTIONS + "2.3个结点的树有\n" + OPTIONS + "1. A 2. C", "AC"),
    "a table of two rows": (q(1) + q(2) + "题号 1 2\n答案 C D", "CD"),
    "brackets": (q(1) + q(2) + "参考答案\n(1) A (2) B", "AB"),
    "one a line": (q(1) + q(2) + "答案\n1.(A)\n2. b", "AB"),
    "long dashes": (q(1) + q(2) + "1——2 AB", "AB"),
    "a list and a section that agree": (q(1) + "参考答案\n1. A\n解析\n1.【答案】A\n【解析】因为。", "A"),
    "a picture question between": (q(1) + "2. 如图，求解。\n答案：D\n" + q(3) + "参考答案\n1. A 3. B", "AB"),
}  # fmt: skip


@pytest.mark.parametrize("name", CERTAIN)
def test_certain_answers(name: str) -> None:
    text, keys = CERTAIN[name]
    items, _ = parse_exam(text)
    assert "".join(item.key for item in items) == keys
    assert all(item.options == ("甲", "乙", "丙", "丁") for item in items)


UNCERTAIN = {
    "fewer answers than questions": (
        "一、选择题\n" + q(1) + "二、判断题\n" + q(1) + "参考答案\n1. A",
        ["1 有 2 题，另列的答案有 1 个"] * 2,
    ),
    "a correction": (q(1) + "1. A\n订正：\n1. B", ["1 有 1 题，另列的答案有 2 个"]),
    "own and listed differ": (q(1, "答案：C\n") + "参考答案\n1. B", ["两个不同的答案：C、B"]),
    "two markers differ": (q(1, "答案：A\n答案：B\n"), ["两个不同的答案：A、B"]),
    "several letters": (q(1, "答案：A和C\n") + q(2, "答案：A.C\n") + q(3, "答案：A；C"), ["“AC”"] * 3),
    "multiple choice in a list": ("一、选择题\n" + q(1) + "二、多项选择题\n" + q(1) + "答案\n1. A\n1. AB", ["“AB”"]),
    "a range with a letter missing": (q(1) + q(2) + q(3) + "参考答案\n1-3 AB", ["个数对不上"] * 3),
    "options twice": (q(1, "另一题没有题号\n" + OPTIONS + "答案：A"), ["两组"]),
    "no options": ("1. 判断：树是图。\n答案：对\n", ["四个选项"]),
    "no number": ("没有题号的题\n" + OPTIONS + "答案：A\n", ["没有题号"]),
    "a picture": ("1. 如下图所示的树的高度是\n" + OPTIONS + "答案：A", ["看图"]),
}


@pytest.mark.parametrize("name", UNCERTAIN)
def test_uncertain_answers_are_refused_with_the_reason(name: str) -> None:
    text, reasons = UNCERTAIN[name]
    items, unread = parse_exam(text)
    assert len(unread) == len(reasons)
    assert all(reason in item.reason for reason, item in zip(reasons, unread, strict=True)), unread
    assert all(item.key != "?" and len(item.key) == 1 for item in items)


def test_options_hold_nothing_else() -> None:
    items, unread = parse_exam(
        "1. 边集是\nA. (a, b)\nB. (b, c)\nC. (a, d)\nD. (c, d)\n【考点】图\n【答案】B\n"
        "2. 在下列情形中\n第2页装入后发生缺页\n的是\nA. x=1;\n\ny=3;\nB. x=2;\n\ny=4;\nC. 丙\n\n。\nD. 丁\n\n。\n参考答案\n2. C\n"
        "3. 域名解析：正确的是\nA. 语法分析：甲\nB. 乙\nC. 丙\nD. 丁\n点评：A. 错 B. 对 C. 错 D. 错\n答案：B\n"
    )
    assert not unread
    assert [item.options for item in items] == [
        ("(a, b)", "(b, c)", "(a, d)", "(c, d)"),
        ("x=1;\ny=3;", "x=2;\ny=4;", "丙\n。", "丁\n。"),
        ("语法分析：甲", "乙", "丙", "丁"),
    ]
    assert items[1].stem == "在下列情形中\n第2页装入后发生缺页\n的是"
    assert items[2].stem == "域名解析：正确的是"


def test_small_letters() -> None:
    (item,), unread = parse_exam("１．边集是\na) (a, b)\nb) (b, c)\nc) (a, d)\nd) (c, d)\n答案：c")
    assert (item.stem, item.options[2], item.key, unread) == ("边集是", "(a, d)", "C", [])


def test_many_answers_of_one_number_cost_little() -> None:
    started = time.process_time()
    parse_exam("1.【答案】A\n" * 40_000)
    assert time.process_time() - started < 20
