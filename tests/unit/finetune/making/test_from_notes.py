"""Pairs from the notes: what answers a question, and the shipped notes as a whole."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from finetune.conversations.conversation import Conversation
from finetune.making.from_notes import EXAMPLE, pairs_from_notes
from finetune.making.note_answers import statement_with
from finetune.making.note_blocks import blocks_of
from finetune.making.note_forms import definitions, examples, lists, pitfalls
from finetune.making.pair import answer_of, question_of
from knowledge.note_sections import note_sections
from knowledge.quotes import squeezed

NOTE = """**临界资源**是指一次只供一个进程使用的资源，**临界区**是指访问临界资源的代码。因此二者不是一回事。

互斥应遵循以下两条准则：

- 空闲让进：临界区空闲时允许进入。
- 忙则等待：已有进程时必须等待。

化简的步骤如下：

1. 计算空闲数。
2. 删除边。

两种算法的比较见下表。

| 算法 | 做法 | 问题 |
| --- | --- | --- |
| 单标志法 | 轮流进入 | 违反空闲让进 |
| 双标志法 | 先看后写 | 违反忙则等待 |

enter用flag表示想进入，代码如下。

```c
void enter(void) {

    flag = 1;
}
```
"""
BLOCKS = blocks_of(NOTE)


def test_blocks_with_what_announces_them() -> None:
    assert [block.kind for block in BLOCKS] == [
        "paragraph", "paragraph", "list", "paragraph", "steps", "paragraph", "table", "paragraph", "code",
    ]  # fmt: skip
    assert [block.lead for block in BLOCKS if block.lead] == [
        "互斥应遵循以下两条准则：", "化简的步骤如下：", "两种算法的比较见下表。", "enter用flag表示想进入，代码如下。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("quote", "question", "answer"),
    [
        ("访问临界资源的代码", "什么是临界区", "临界资源是指一次只供一个进程使用的资源，临界区是指访问临界资源的代码。"),
        (
            "二者不是一回事",
            "是一回事吗",
            "临界资源是指一次只供一个进程使用的资源，临界区是指访问临界资源的代码。因此二者不是一回事。",
        ),
        ("已有进程时必须等待", "有人在里面呢", "忙则等待：已有进程时必须等待。"),
        (
            "必须等待",
            "有哪几条准则",
            "互斥应遵循以下两条准则：\n\n- 空闲让进：临界区空闲时允许进入。\n- 忙则等待：已有进程时必须等待。",
        ),
        ("计算空闲数", "还剩几个", "计算空闲数。"),
        ("计算空闲数", "怎么化简", "化简的步骤如下：\n\n1. 计算空闲数。\n2. 删除边。"),
        ("先看后写", "双标志法的毛病", "算法：双标志法；做法：先看后写；问题：违反忙则等待。"),
        ("flag = 1", "flag为什么置1", ""),  # code says what is done, not why
        ("不在这里", "什么", ""),
    ],
)
def test_the_answer_is_the_statement_that_holds_the_quote(quote: str, question: str, answer: str) -> None:
    assert statement_with(quote, question, BLOCKS) == answer


def test_a_definition_for_each_term_of_a_sentence() -> None:
    told = {one.answer for one in definitions(NOTE)}
    assert told == {"临界资源是指一次只供一个进程使用的资源。", "临界区是指访问临界资源的代码。"}
    assert all(re.search("临界[资区]", one.question) for one in definitions(NOTE))


def test_what_a_lead_in_asks() -> None:
    asked = [one.question for one in lists("临界区", NOTE)]
    assert any("互斥应遵循哪两条准则？" in one for one in asked)
    assert any("化简的步骤是什么？" in one for one in asked)
    assert any("两种算法有什么不同？请用表格比较。" in one for one in asked)
    assert any("enter用flag表示想进入，请写出代码。" in one for one in asked)


def test_pitfalls_together_and_each() -> None:
    asked = list(pitfalls("栈", "- 栈顶：指针的约定有两种。\n- 栈满：先判断再进栈。"))
    assert asked[0].answer == "- 栈顶：指针的约定有两种。\n- 栈满：先判断再进栈。"
    assert [one.answer for one in asked[1:]] == ["指针的约定有两种。", "先判断再进栈。"]


def test_an_example_is_a_problem_only_if_it_says_what_is_sought() -> None:
    sought = next(examples("调度", "求平均周转时间，已知A运行3 ms。计算步骤如下：\n\n1. 周转时间为3 ms，平均为3 ms。"))
    assert sought.question == "关于“调度”：求平均周转时间，已知A运行3 ms。请写出计算步骤。"
    assert sought.answer == "1. 周转时间为3 ms，平均为3 ms。"
    told = next(examples("调度", "A运行3 ms，B运行4 ms。计算步骤如下：\n\n1. 周转时间为3 ms，平均为3 ms。"))
    assert told.question == "请举一个例子说明“调度”。" and told.answer.startswith("A运行3 ms")


def test_an_example_that_brings_its_numbers_in_the_solution_is_told_as_a_whole() -> None:
    told = next(examples("帧", "求两种数据长度下的帧长。计算过程如下：\n\n1. 数据长 40 B 时，帧长为 64 B。"))
    assert told.question == "请举一个例子说明“帧”。" and "求两种数据长度下的帧长" in told.answer
    two = next(
        examples("树", "题目一：求 5 个结点的高度。\n\n解答：高度为 3。\n\n题目二：求 9 个结点的高度。\n\n解答：高度为 4。")
    )
    assert two.question == "请举一个例子说明“树”。"
    assert not list(examples("链表", "求按上述方法重排的结果。计算过程如下：\n\n1. 结果为 1、6、2、5、3、4。"))


def test_pitfalls_that_lean_on_the_example_are_left_out() -> None:
    asked = list(pitfalls("对齐", "- 末尾填充：结构体B的长度是16。\n- 平台：先看约定。"))
    assert [one.answer for one in asked] == ["先看约定。"]


@pytest.fixture(scope="module")
def pairs() -> list[Conversation]:
    return list(pairs_from_notes())


@pytest.fixture(scope="module")
def shipped(pairs: list[Conversation]) -> list[tuple[str, str, str, str]]:
    """Question, answer, quote and passage of each pair of the shipped notes."""
    found = [(question_of(one), answer_of(one), one.source) for one in pairs]
    return [(question, answer, source.quote, source.passage) for question, answer, source in found if source]


def test_the_shipped_notes_give_thousands_of_pairs_that_stand_on_their_passage(shipped: list[tuple[str, str, str, str]]) -> None:
    assert len(shipped) > 5000
    for question, answer, quote, passage in shipped:
        assert question.endswith(("？", "。", "```", "|")) and answer.strip() and ("**" not in answer or "```" in answer)
        assert squeezed(quote) in squeezed(passage), quote


def test_answers_say_what_the_quote_says(shipped: list[tuple[str, str, str, str]]) -> None:
    """Rows of tables are told with their columns between, definitions end with a full stop."""
    lacking = [quote for _, answer, quote, _ in shipped if squeezed(quote)[:12] not in squeezed(answer)]
    assert len(lacking) < len(shipped) / 20, lacking[:20]


def test_no_pair_of_the_shipped_notes_wants_options_or_announces_what_does_not_come(
    shipped: list[tuple[str, str, str, str]],
) -> None:
    assert not [question for question, *_ in shipped if re.search(r"下列|[A-D]\. ", question)][:5]
    assert not [answer for _, answer, *_ in shipped if re.search(r"(?:如下|见下表)[：:。]$", answer)][:5]


def test_what_students_asked_is_not_answered_by_an_example_s_numbers() -> None:
    sections = Counter(one.source.section.partition(" > ")[2] for one in pairs_from_notes(["os"]) if one.source)
    own = sum(1 for one in note_sections() if one.heading == EXAMPLE and one.point.startswith("os."))
    assert sections[EXAMPLE] == own  # one problem each, and nothing that was asked


def test_a_question_whose_quote_only_talks_around_it_is_left_out(shipped: list[tuple[str, str, str, str]]) -> None:
    assert not [question for question, *_ in shipped if "unsigned short最大能存多少" in question]


def test_every_point_of_the_syllabus_has_pairs_and_ids_are_unique(pairs: list[Conversation]) -> None:
    points = Counter(one.source.id for one in pairs if one.source)
    assert len(points) == 224 and min(points.values()) >= 5
    told = {(question_of(one), answer_of(one), one.source.section) for one in pairs if one.source}
    assert len({one.id for one in pairs}) >= len(told) - 5
    assert {one.source.document for one in pairs if one.source and one.source.id.startswith("os.3.")} == {
        "notes/os/3-同步、互斥与死锁.md"
    }
