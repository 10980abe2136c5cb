"""The same question is kept once; another number, name or word makes another question."""

from __future__ import annotations

import pytest

from finetune.conversations.conversation import Conversation, Turn
from finetune.making.duplicates import conflicts, without_duplicates

LONG = "在操作系统的进程管理里死锁产生的四个必要条件分别是什么"


def _asked(*questions: str, answer: str = "答", system: str = "") -> Conversation:
    turns = [turn for question in questions for turn in (Turn("user", question), Turn("assistant", answer))]
    return Conversation((*([Turn("system", system)] if system else []), *turns))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("什么是死锁？", "什么是 死锁"),
        (LONG, LONG.replace("分别", "")),
        (LONG, f"请问{LONG}呢？"),
        (f"{LONG}以及怎样预防", f"{LONG}和怎样预防"),
    ],
)
def test_the_same_question_is_left_out(one: str, other: str) -> None:
    first, second, third = _asked(one), _asked("别的问题"), _asked(other)
    kept, left_out = without_duplicates([first, second, third])
    assert kept == [first, second] and left_out == [(third, first)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"页面大小为 4 KB 时，{LONG}", f"页面大小为 8 KB 时，{LONG}"),
        (f"{LONG}（前序）", f"{LONG}（后序）"),
        (f"{LONG}，正确的是", f"{LONG}，错误的是"),
        (f"{LONG}，TCP 呢", f"{LONG}，UDP 呢"),
        (f"C 语言里{LONG}", f"C++ 语言里{LONG}"),
        (f"从 A 到 B，{LONG}", f"从 B 到 A，{LONG}"),
        ("请问什么是死锁", "什么是死锁"),
        ("？？", "！！"),
    ],
)
def test_other_questions_stay(one: str, other: str) -> None:
    given = [_asked(one), _asked(other)]
    assert without_duplicates(given) == (given, [])


def test_all_questions_of_a_conversation_and_its_system_prompt_count() -> None:
    given = [_asked("问一"), _asked("问一", "问二"), _asked("问一", system="用英文回答")]
    assert without_duplicates(given)[0] == given


def test_other_answers_to_the_same_question_are_conflicts() -> None:
    long = "死锁有互斥、占有并等待、不可抢占和循环等待四个必要条件"
    first = _asked("什么是死锁？", answer=long)
    agreeing = [_asked("什么是死锁", answer=f"{long}。"), _asked("什么是死锁", answer=f"简单说，{long}，缺一不可。")]
    other = [_asked("什么是死锁", answer="一种排序"), _asked("什么是死锁", answer=long.replace("四", "三"))]
    left_out = without_duplicates([first, *agreeing, *other])[1]
    assert conflicts(left_out) == [(one, first) for one in other]


def test_thousands_of_questions_of_one_pattern_are_told_apart() -> None:
    given = [_asked(f"{LONG}，概念{chr(0x3400 + number)}呢") for number in range(6_000)]
    assert len(without_duplicates(given)[0]) == 6_000
