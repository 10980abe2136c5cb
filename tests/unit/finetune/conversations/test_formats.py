"""Each format to `messages` and back, and `messages` to each format and back, as JSON with the order of its keys."""

from __future__ import annotations

import json
from typing import Any

import pytest

from errors import ContentError, UsageError
from finetune.conversations.conversation import Conversation, Source, Turn
from finetune.conversations.formats import FORMATS, format_named, losses, recognised

MESSAGES = FORMATS["messages"]
ROOMY = [name for name in FORMATS if name != "cutegpt"]

ROWS: dict[str, list[Any]] = {
    "messages": [
        {"messages": [{"role": "user", "content": "什么是栈？"}, {"role": "assistant", "content": "后进先出的线性表。"}]},
        {"id": 7, "weight": 0.5, "messages": [{"content": "栈？", "role": "human"}, {"role": "gpt", "content": "表。", "loss": True}]},
        {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}], "source": "自编", "id": None},
        {
            "messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}],
            "source": {"page": 3, "document": "os.pdf", "chapter": "二"},
            "system": "与格式的字段同名",
            "instruction": {"input": 1},
        },
    ],
    "conversations": [
        {
            "conversations": [
                {"role": "system", "content": "你是老师。"},
                {"role": "user", "content": " 问一\n"},
                {"role": "assistant", "content": "答一"},
                {"role": "user", "content": "问二"},
                {"role": "assistant", "content": "答二"},
            ]
        },
        {"id": "g1", "conversations": [{"from": "human", "value": "问"}, {"from": "gpt", "value": "答"}], "system": "你是老师。"},
        {"system": "", "conversations": [{"from": "human", "value": "问"}, {"from": "gpt", "value": "答"}], "tools": []},
    ],
    "alpaca": [
        {"instruction": "翻译成英文", "input": "死锁", "output": "deadlock"},
        {"instruction": "写出\n两行", "input": "甲\n乙", "output": "好"},
        {"instruction": "什么是队列？", "input": "", "output": "先进先出。"},
        {"output": "先进先出。", "instruction": "什么是队列？"},
        {"instruction": "", "input": "什么是队列？", "output": "先进先出。"},
        {"instruction": "队列？", "input": None, "output": "表", "system": "", "history": []},
        {"instruction": "再说", "input": "短些", "output": "表", "system": "老师", "history": [["队列？", "先进先出的表"]], "id": "a"},
    ],
    "xtuner": [
        {"conversation": [{"input": "栈的特点？", "output": "后进先出"}]},
        {"conversation": [{"system": "你是助手", "input": "栈？", "output": "表"}, {"input": "队列？", "output": "也是表"}], "id": "x"},
        {"conversation": [{"output": "表", "input": "栈？", "system": "", "output_with_loss": False}]},
    ],
    "cutegpt": [
        [{"instruction": "写诗", "input": "", "output": "给关键词"}, {"instruction": "译", "input": "栈", "output": "stack"}],
        [{"output": "好", "instruction": "写诗"}],
        ["问一", "答一", "问二", "答二"],
        [["问一", "答一"], ["问二", "答二"]],
    ],
    "educhat": [
        {"text": "<|system|>你是老师。</s><|prompter|>问</s><|assistant|>答</s>"},
        {"text": "<|prompter|> 问 <|assistant|>: 答", "id": "e"},
    ],
    "cutegpt-prompt": [
        {"text": "你是模型。\n问：一\n答：二<end>\n"},
        {"text": "问：一\n答：\n二<end>问：三\n答：\n四<end>", "source": {"document": "os.pdf", "page": 1}},
    ],
}  # fmt: skip


def _same(row: Any, other: Any) -> bool:
    return json.dumps(row, ensure_ascii=False) == json.dumps(other, ensure_ascii=False)


@pytest.mark.parametrize(("name", "row"), [(name, row) for name, rows in ROWS.items() for row in rows])
def test_a_row_comes_back_from_messages_as_it_was(name: str, row: Any) -> None:
    assert recognised(row, "第 1 条").name == name
    conversation = FORMATS[name].conversation(row, "第 1 条")
    as_messages = json.loads(json.dumps(MESSAGES.row(conversation)))
    assert _same(FORMATS[name].row(MESSAGES.conversation(as_messages, "第 1 条")), row)


@pytest.mark.parametrize("through", ROOMY)
@pytest.mark.parametrize(("name", "row"), [(name, row) for name, rows in ROWS.items() for row in rows])
def test_a_row_comes_back_through_any_format_that_has_room(name: str, row: Any, through: str) -> None:
    if through in ("educhat", "cutegpt-prompt") and " 问一\n" in json.dumps(row, ensure_ascii=False).replace("\\n", "\n"):
        return  # these don't keep blanks around what is said
    conversation = FORMATS[name].conversation(row, "第 1 条")
    there = json.loads(json.dumps(FORMATS[through].row(conversation)))
    assert recognised(there, "第 1 条").name == through
    assert FORMATS[through].conversation(there, "第 1 条").turns == conversation.turns
    assert _same(FORMATS[name].row(FORMATS[through].conversation(there, "第 1 条")), row)


def test_what_a_plain_row_says_needs_no_note() -> None:
    for name in FORMATS:
        assert FORMATS[name].conversation(ROWS[name][0], "第 1 条").extra in ({}, {"_layout": {name: {"split": 5}}}, _CUTE)


_CUTE = {"_layout": {"cutegpt": {"rounds": [{}, {"split": 1}]}}}


def test_an_instruction_with_input_is_one_question() -> None:
    row = {"instruction": "翻译成英文", "input": "死锁", "output": "deadlock"}
    assert FORMATS["alpaca"].conversation(row, "第 1 条").turns == (
        Turn("user", "翻译成英文\n死锁"),
        Turn("assistant", "deadlock"),
    )


def test_history_comes_before_the_question() -> None:
    turns = FORMATS["alpaca"].conversation(ROWS["alpaca"][-1], "第 1 条").turns
    assert [turn.content for turn in turns] == ["老师", "队列？", "先进先出的表", "再说\n短些", "表"]


@pytest.mark.parametrize("name", ROOMY)
def test_id_source_and_further_fields_go_along(name: str) -> None:
    turns = (Turn("system", "老师"), Turn("user", "问"), Turn("assistant", "答"))
    source = Source("os.pdf", 3, "二", "os", "引文", "段落", "os.1")
    given = Conversation(turns, "c1", source, {"level": 2, "output": "别的", "text": "别的", "tags": ["甲"]})
    row = json.loads(json.dumps(FORMATS[name].row(given)))
    assert FORMATS[name].conversation(row, "第 1 条") == given
    assert losses(name, [given]) == []


def test_cutegpt_tells_what_it_has_no_room_for() -> None:
    given = Conversation(
        (Turn("system", "老师"), Turn("user", "问"), Turn("assistant", "答")), "c1", Source("os.pdf"), {"level": 2}
    )
    assert FORMATS["cutegpt"].row(given) == [{"instruction": "问", "input": "", "output": "答"}]
    told = "\n".join(losses("cutegpt", [given, given]))
    assert all(f"放不下{what}：2 条" in told for what in ("system 提示", "id", "出处", "其他字段"))


@pytest.mark.parametrize(("name", "kept"), [(name, name in ("messages", "conversations", "educhat")) for name in FORMATS])
def test_a_system_prompt_that_is_empty_is_kept_or_told(name: str, kept: bool) -> None:
    given = Conversation((Turn("system", ""), Turn("user", "问"), Turn("assistant", "答")))
    back = FORMATS[name].conversation(FORMATS[name].row(given), "第 1 条")
    assert (back.turns == given.turns) == kept and ("system 提示" in "".join(losses(name, [given]))) != kept


def test_a_note_that_fits_no_more_is_not_used() -> None:
    given = FORMATS["alpaca"].conversation(ROWS["alpaca"][5], "第 1 条")
    edited = Conversation((Turn("system", "新的"), Turn("user", "新问"), Turn("assistant", "新答")), extra=given.extra)
    assert FORMATS["alpaca"].row(edited) == {"instruction": "新问", "input": "", "output": "新答", "system": "新的"}
    given = FORMATS["conversations"].conversation(ROWS["conversations"][1], "第 1 条")
    longer = Conversation((*given.spoken, Turn("user", "再问"), Turn("assistant", "再答")), extra=given.extra)
    assert [turn["role"] for turn in FORMATS["conversations"].row(longer)["conversations"]] == ["user", "assistant"] * 2


@pytest.mark.parametrize(
    "layout", ["文字", {"alpaca": 3}, {"alpaca": {"split": "五", "row": {"keys": [[]], "fields": 1}}}, {"别的": {}}]
)
def test_a_foreign_layout_does_no_harm(layout: Any) -> None:
    row = {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}], "_layout": layout}
    conversation = MESSAGES.conversation(row, "第 1 条")
    assert FORMATS["alpaca"].row(conversation)["instruction"] == "问"
    assert _same(MESSAGES.row(conversation), row)


USER, BOT = {"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"messages": [BOT, USER, BOT]}, "从模型（assistant）的话开始"),
        ({"messages": [USER, USER, BOT]}, "第 1、2 句都是 user 说的"),
        ({"messages": [USER, BOT, {"role": "system", "content": "x"}]}, "system 只能是第一条"),
        ({"messages": [USER]}, "最后一句是用户说的"),
        ({"messages": []}, "对话是空的"),
        ({"messages": [USER, {"role": "assistant", "content": " "}]}, "第 2 句是空的"),
        ({"messages": [USER, {"role": "tool", "content": "x"}]}, "不认识角色“tool”"),
        ({"messages": [USER, {"role": "assistant", "content": None}]}, "content 应是文字，而不是空值"),
        ({"messages": [USER, {"role": "assistant", "content": [{"type": "text"}]}]}, "content 应是文字，而不是列表"),
        ({"messages": [USER, {"role": "assistant"}]}, "缺少 content"),
        ({"messages": [USER, "答"]}, "第 2 句：应是有 role 和 content 的对象"),
        ({"messages": "问"}, "messages 应是列表"),
        ({"messages": [USER, BOT], "id": [1]}, "id 应是文字或整数"),
        ({"messages": [USER, BOT], "source": {"document": "a.pdf", "page": "3"}}, "source.page 应是从 1 开始的整数"),
        ({"messages": [USER, BOT], "source": {"document": "a.pdf", "quote": 3}}, "source.quote 应是文字"),
        ({"messages": [USER, BOT], "conversations": [USER, BOT]}, "同时有 messages、conversations"),
        ({"conversations": [{"role": "system", "content": "a"}, USER, BOT], "system": "b"}, "system 只能是第一条"),
        ({"instruction": "问", "input": "", "output": 3}, "output 应是文字，而不是整数"),
        ({"instruction": "", "input": "", "output": "答"}, "第 1 句是空的"),
        ({"instruction": "问", "output": "答", "history": [["问"]]}, "history 第 1 项：应是 [问题, 回答]"),
        ({"conversation": [{"input": "问"}]}, "第 1 轮：缺少 output"),
        ({"conversation": {}}, "conversation 应是列表"),
        (["问", "答", "问"], "最后一问没有回答"),
        ([["问", "答", "问"]], "应是 [问题, 回答] 两段文字"),
        ([{"instruction": "问"}], "应是有 instruction、input、output 的对象"),
        ([], "对话是空的"),
        ({"prompt": "问", "answer": "答"}, "认不出格式（有字段 prompt、answer）"),
        ("问", "认不出格式（是文字）"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(row: Any, told: str) -> None:
    with pytest.raises(ContentError) as error:
        recognised(row, "a.json 第 3 项").conversation(row, "a.json 第 3 项")
    assert str(error.value).startswith("a.json 第 3 项") and told in str(error.value)


def test_an_unknown_format_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match="没有“sharegpt”这种格式。可选：messages"):
        format_named("sharegpt")
