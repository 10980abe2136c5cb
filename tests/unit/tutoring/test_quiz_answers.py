import pytest

from tutoring.quiz_answers import PASS, is_right, read_answers
from tutoring.quiz_form import BY_BANK, Item


def item(kind: str = "choice", key: str = "B", certain: bool = True) -> Item:
    options = ["甲", "乙", "丙", "丁"] if kind == "choice" else []
    return Item(
        id="x", kind=kind, subject="os", stem="题干", options=options, key=key, explanation="因为", about="死锁", difficulty=3,
        verification=BY_BANK, certain=certain,
    )  # fmt: skip


CHOICES = {1: item(), 2: item(), 3: item()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1A 2C", {1: "A", 2: "C"}),
        ("1A2C3D", {1: "A", 2: "C", 3: "D"}),
        ("1.a，2、b；3：c", {1: "A", 2: "B", 3: "C"}),
        ("１Ａ　２Ｃ", {1: "A", 2: "C"}),
        ("第1题选B，第三题选 D", {1: "B", 3: "D"}),
        ("第二题我觉得是A", {2: "A"}),
        ("ACD", {1: "A", 2: "C", 3: "D"}),
        ("a c d", {1: "A", 2: "C", 3: "D"}),
        ("答案", dict.fromkeys(CHOICES, PASS)),
        ("看答案吧", dict.fromkeys(CHOICES, PASS)),
        ("都不会", dict.fromkeys(CHOICES, PASS)),
        ("不知道。", dict.fromkeys(CHOICES, PASS)),
        ("1A，2不会", {1: "A", 2: PASS}),
        ("第3题不会", {3: PASS}),
        ("1A 9C", {1: "A"}),
        ("AC", None),
        ("选B", None),
        ("为什么？", None),
        ("1E", None),
        ("TCP", None),
    ],
)
def test_answers_to_three_choices(text: str, found: dict[int, str] | None) -> None:
    assert read_answers(text, CHOICES) == found


@pytest.mark.parametrize("text", ["B", "b", "选B", "我选 b 吧", "答案是B", "应该选B。", "B项", "1B", "第一题B"])
def test_one_letter_answers_the_one_question(text: str) -> None:
    assert read_answers(text, {1: item()}) == {1: "B"}


def test_words_for_blanks() -> None:
    blanks = {1: item("cloze", "银行家算法"), 2: item("cloze", "互斥")}
    assert read_answers("1 银行家算法 2 互斥", blanks) == {1: "银行家算法", 2: "互斥"}
    assert read_answers("1. 银行家算法\n2. 互斥", blanks) == {1: "银行家算法", 2: "互斥"}
    assert read_answers("银行家算法；互斥", blanks) == {1: "银行家算法", 2: "互斥"}
    assert read_answers("1 银行家算法 2不会", blanks) == {1: "银行家算法", 2: PASS}
    assert read_answers("应该填银行家算法", {1: blanks[1]}) == {1: "银行家算法"}
    assert read_answers("银行家算法", blanks) is None


def test_right_and_wrong() -> None:
    assert is_right(item(), "B") is True and is_right(item(), "A") is False and is_right(item(), PASS) is None
    assert is_right(item(certain=False), "B") is None
    assert is_right(item("cloze", "先来先服务"), "FCFS") is True
    assert is_right(item("cloze", "B+树"), "b+ 树") is True and is_right(item("cloze", "互斥"), "独占") is None
