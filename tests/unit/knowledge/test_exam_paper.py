import time

import pytest

from knowledge.exam_paper import parse_exam


def read(text: str):
    """The one question of a text."""
    (item,), unread = parse_exam(text)
    assert not unread
    return item


def test_options_that_run_on_in_a_line() -> None:
    item = read("7. 栈的特点是？\n   A. 先进先出 B. 后进先出 C. 随机存取 D. 两端进出\n   **答案：B**\n")
    assert (item.number, item.line, item.stem, item.key) == (7, 1, "栈的特点是？", "B")
    assert item.options == ("先进先出", "后进先出", "随机存取", "两端进出")


@pytest.mark.parametrize(
    "options",
    [
        "A．3\nB．4\nC．5\nD．6",
        "A、3 B、4\nC、5 D、6",
        "(A) 3 (B) 4 (C) 5 (D) 6",
        "（Ａ）3　（Ｂ）4　（Ｃ）5　（Ｄ）6",
        "A.3B.4C.5D.6",
        "A. 3 B. 4\nc. 5 D. 6",
        "A:3  B:4  C:5  D:6",
    ],
)
@pytest.mark.parametrize(
    "answer", ["答案：C", "【答案】C", "【参考答案】 C", "正确答案为 C", "**答案：C**", "答案：(C)", "Answer: c"]
)
def test_the_forms_of_options_and_answers(options: str, answer: str) -> None:
    item = read(f"第12题 叶结点有多少个？\n{options}\n{answer}\n")
    assert (item.number, item.options, item.key) == (12, ("3", "4", "5", "6"), "C")


def test_letters_in_the_stem_are_no_options() -> None:
    item = read("1. 进程 A. B 与 C. D 同步，A、B、C、D 各一次，则\nA. A 先于 B B. B 先于 A C. C 先于 D D. 不确定\n答案：D")
    assert item.stem == "进程 A. B 与 C. D 同步，A、B、C、D 各一次，则"
    assert item.options == ("A 先于 B", "B 先于 A", "C 先于 D", "不确定")


def test_wrapped_lines_are_joined_and_code_stays() -> None:
    item = read(
        "3．执行下列程序段后 x 的\n值是\nint x = 0;\nx++;\nA．0 B．1 C．2 D．无法\n确定\n【答案】B\n【解析】这一语句每执行一次，变量的值就\n加一。"
    )
    assert item.stem == "执行下列程序段后 x 的值是\nint x = 0;\nx++;"
    assert item.options[3] == "无法确定"
    assert item.explanation == "这一语句每执行一次，变量的值就加一。"


def test_an_answer_in_the_stem_is_taken_out_of_it() -> None:
    item = read("1. 属于内存的是（ B ）。\nA. 硬盘 B. DRAM C. U 盘 D. 光盘")
    assert (item.stem, item.key) == ("属于内存的是（ ）。", "B")


@pytest.mark.parametrize("listing", ["1. B 2. C", "1-2 BC", "答案：1～2：B C", "1．B\n2．C", "| 1 B | 2 C |"])
def test_a_list_of_answers_anywhere(listing: str) -> None:
    paper = "一、单项选择题\n1. 甲？\nA. a B. b C. c D. d\n2. 乙？\nA. a B. b C. c D. d\n"
    for text in (f"{paper}参考答案\n{listing}\n", f"{listing}\n{paper}"):
        items, unread = parse_exam(text)
        assert ([i.key for i in items], unread) == (["B", "C"], [])


def test_an_answer_section_is_joined_to_its_questions() -> None:
    paper = "2030 年模拟试题\n1. 甲？\nA. a B. b C. c D. d\n2. 乙？\nA. a B. b C. c D. d\n"
    answers = "2030 年模拟试题解析\n1．D。考查定义。\n甲就是 d。\n2.【答案】A\n【解析】乙是 a，见下：\n1. 其一。\n2. 其二。\n"
    items, unread = parse_exam(paper + answers)
    assert [(i.key, i.explanation) for i in items] == [
        ("D", "考查定义。\n甲就是 d。"),
        ("A", "乙是 a，见下：\n1. 其一。\n2. 其二。"),
    ]
    assert not unread


def test_numbered_lists_within_a_question() -> None:
    items, unread = parse_exam(
        "1. 下列各项：\n1. 甲\n2. 乙\n正确的有\nA. 0 B. 1 C. 2 D. 3\n答案：C\n2. 丙？\nA. a B. b C. c D. d\n答案：A\n"
    )
    assert [(i.number, i.key) for i in items] == [(1, "C"), (2, "A")]
    assert items[0].stem == "下列各项：\n1. 甲\n2. 乙\n正确的有"
    assert not unread


def test_numbers_that_begin_anew_after_a_heading() -> None:
    one = "1. 甲？\nA. a B. b C. c D. d\n答案：A\n\n"
    items, _ = parse_exam(f"### 栈 (1-1)\n{one}接下来是另一部分\n\n### 队列 (1-1)\n{one}")
    assert [(i.number, i.line) for i in items] == [(1, 2), (1, 9)]
    assert items[0].explanation == "", "what follows an empty line is no explanation"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1. 证明：n 个结点的树有 n-1 条边。", "四个选项"),
        ("1. 甲？\nA. a B. b C. c D. d", "没有找到答案"),
        ("1. 甲？\nA. a B. b C. c D. d\n答案：ACD", "答案“ACD”不是"),
        ("1. 甲？\nA. a B. b C. c D. d\n答案：略", "答案“略”不是"),
        ("1. 甲？\nA. a B. b C. c D. d E. e\n答案：A", "四个以上"),
        ("1. 如图？\nA. B. C. D.\n答案：A", "选项 A 是空的"),
        ("1.\nA. a B. b C. c D. d\n答案：A", "没有题干"),
        ("9.【答案】C", "只有答案"),
    ],
)
def test_what_can_not_be_used_is_named_with_the_reason(text: str, reason: str) -> None:
    items, (unread,) = parse_exam("试卷\n" + text)
    assert not items
    assert reason in unread.reason
    assert unread.line == 2


def test_page_furniture_is_no_text() -> None:
    item = read("1. 甲？\nA. a B. b\n第 1／8页\n- 2 -\n3 / 21\nC. c D. d\n答案：A")
    assert item.options == ("a", "b", "c", "d")


def test_hostile_text_costs_little() -> None:
    started = time.process_time()
    for text in ("1. A. " * 20_000, "1. x\n" * 20_000, "A. B. C. " * 20_000, "1 A " * 400 + "x", "1. x\n" + "A. \n" * 50_000):
        parse_exam(text)
    assert time.process_time() - started < 20
