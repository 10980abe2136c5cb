"""Questions of the exam are found in the data with all their rows."""

from __future__ import annotations

import json

from finetune.conversations.conversation import Conversation, Source, Turn
from finetune.making.contamination import check, shipped_questions
from knowledge.questions import Question

STEM = "某系统采用请求分页存储管理，页面大小为 4 KB，进程的页表存放在主存中，访问一次主存需要 100 ns，没有快表时取一条数据需要的时间是"
EXAM = [
    Question("q1", "os", STEM, ("100 ns", "200 ns", "300 ns", "400 ns"), "B", "", (), 2),
    Question("q2", "os", "死锁的必要条件不包括", ("互斥", "剥夺其他进程的资源", "循环等待", "占有并等待"), "B", "", (), 1),
]


def _said(question: str, answer: str = "答") -> Conversation:
    return Conversation((Turn("user", question), Turn("assistant", answer)))


def test_all_rows_of_a_question_are_found() -> None:
    given = [
        _said("什么是栈？"),
        _said(STEM),
        _said("请讲题", f"题目是：{STEM}。"),
        _said(STEM),
        _said("死锁的必要条件不包括什么？", "剥夺其他进程的资源"),
    ]
    found = check(given, EXAM)
    assert [(one.question.id, one.rows, one.exact) for one in found.held] == [("q1", (1, 2, 3), True), ("q2", (4,), True)]
    assert found.rows == {1, 2, 3, 4} and found.without(given) == given[:1]
    assert not check(found.without(given), EXAM).held


def test_other_numbers_are_another_question() -> None:
    assert not check([_said(STEM.replace("4 KB", "8 KB"))], EXAM[:1]).held


def test_a_question_in_parts_is_found_too() -> None:
    half = len(STEM) // 2
    given = [_said(STEM[: half + 14]), _said("无关的问题"), _said(STEM[half:])]
    found = check(given, EXAM)
    assert found.held and not found.held[0].exact and found.rows <= {0, 2}
    assert not check(found.without(given), EXAM).held


def test_a_source_is_not_learned() -> None:
    pair = _said("什么是栈？")
    assert not check([Conversation(pair.turns, source=Source("a.pdf", 1, quote=STEM, passage=STEM))], EXAM).held


def test_the_shipped_bank_is_the_exam_unless_another_is_given() -> None:
    question = next(one for one in shipped_questions() if len(one.stem) > 40)
    found = check([_said("什么是栈？"), _said(question.stem)])
    assert found.questions == len(shipped_questions()) > 300
    assert [one.question.id for one in found.held] == [question.id]


def test_lines_and_json() -> None:
    found = check([_said("什么是栈？"), *[_said(STEM)] * 7], EXAM)
    assert found.lines()[0] == "与考题的重合：2 道考题里有 1 道出现在 7 条数据里，这些题考不出真实水平。"
    assert found.lines()[1] == "  q1：原题，第 2、3、4、5、6 条等 7 条"
    assert json.loads(json.dumps(found.to_json()))["held"] == [
        {"id": "q1", "rows": [2, 3, 4, 5, 6, 7, 8], "exact": True, "share": 1.0}
    ]
    assert check([_said("什么是栈？")], EXAM).lines() == ["与考题的重合：1 条数据里没有这 2 道考题。"]
