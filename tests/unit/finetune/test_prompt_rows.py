import json
import pickle

import pytest

from errors import ContentError
from finetune.prompt_rows import read_prompts


def contents(row) -> list[tuple[str, str]]:
    return [(m.type, str(m.content)) for m in row.messages]


def test_every_form_of_instruction_data(write) -> None:
    rows = [
        {"prompt": "甲"},
        {"question": "乙", "id": 7},
        {"instruction": "翻译", "input": "hello", "output": "你好"},
        {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}]},
        {"conversations": [{"from": "human", "value": "一"}, {"from": "gpt", "value": "二"}, {"from": "human", "value": "三"}]},
    ]
    found = read_prompts(write("p.jsonl", "\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n\n"), system="简短")
    assert [contents(row)[1:] for row in found] == [
        [("human", "甲")], [("human", "乙")], [("human", "翻译\nhello")], [("human", "问")], [("human", "一"), ("ai", "二"), ("human", "三")],
    ]  # fmt: skip
    assert all(contents(row)[0] == ("system", "简短") for row in found)
    assert found[1].key == "7" and found[2].fields["output"] == "你好"
    assert read_prompts(write("p.json", json.dumps(rows)), "简短") == found  # the same as a JSON list


def test_the_last_answer_of_training_data_is_the_reference(write) -> None:
    rows = [
        {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": " 答 "}]},
        {"conversations": [{"from": "human", "value": "问"}, {"from": "gpt", "value": "答"}], "system": "你好"},
        {"instruction": "前", "input": "问", "output": "答", "history": [["一", "二"]]},
        {"conversation": [{"system": "你好", "input": "一", "output": "二"}, {"input": "问", "output": "答"}]},
        [{"instruction": "一", "input": "", "output": "二"}, {"instruction": "问", "output": "答"}],
        {"text": "<|system|>你好</s><|prompter|>问</s><|assistant|>答</s>"},
        {"question": "问", "answer": "答"},
        {"prompt": "问", "messages": None, "reference": "答", "output": ""},
        {"input": "问", "instruction": "", "output": "答"},
    ]
    found = read_prompts(write("p.jsonl", "\n".join(json.dumps(r, ensure_ascii=False) for r in rows)))
    assert all(row.reference == "答" and row.question.endswith("问") and row.messages[-1].type == "human" for row in found)
    assert contents(found[2]) == [("human", "一"), ("ai", "二"), ("human", "前\n问")]
    assert contents(found[3]) == [("system", "你好"), ("human", "一"), ("ai", "二"), ("human", "问")]
    assert found[4].fields == {"sample": rows[4]}


def test_the_pickle_of_cutegpt_is_read(write) -> None:
    sample = [[{"instruction": "问", "input": "", "output": "答"}]]
    assert read_prompts(write("p.pkl", pickle.dumps(sample)))[0].reference == "答"


def test_a_changed_prompt_has_another_key_and_a_system_message_stays(write) -> None:
    one, two = (read_prompts(write(f"{n}.jsonl", json.dumps({"prompt": n})))[0] for n in ("甲", "乙"))
    assert one.key != two.key
    listed = {"messages": [{"role": "system", "content": "自己的"}, {"role": "user", "content": "问"}]}
    assert contents(read_prompts(write("s.jsonl", json.dumps(listed)), "别的")[0]) == [("system", "自己的"), ("human", "问")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{", "第 1 行：不是有效的 JSON"),
        ('{"prompt": "甲"}\n3', "第 2 行：应是一个 JSON 对象"),
        ("[1, 2", "不是有效的 JSON"),
        ('{"text": "甲"}', "没有要问的内容"),
        ('{"prompt": " "}', "没有要问的内容"),
        ('{"messages": [{"role": "tool", "content": "x"}]}', "不认识角色“tool”"),
        ('{"messages": [{"role": "assistant", "content": "x"}]}', "最后一条应是用户"),
        ('{"id": 1, "prompt": "a"}\n{"id": 1, "prompt": "b"}', "不止一次"),
        ("", "没有文字"),
        ('{"prompt": "\\ud83d"}', "残缺的字符"),
        ('{"messages": [{"role": ["user"], "content": "x"}]}', "role 应是文字"),
        (
            '{"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]}',
            "从模型（assistant）的话开始",
        ),
        ('{"conversation": [{"input": "a"}]}', "缺少 output"),
        ('[["a", "b", "c"], ["d"]]', "最后一问没有回答"),
        ('{"prompt": "a", "prompt": "b"}', "不止一次"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(write, text: str, place: str) -> None:
    with pytest.raises(ContentError, match=place):
        read_prompts(write("bad.jsonl", text))


def test_many_rows_are_read_at_once(write) -> None:
    found = read_prompts(write("many.jsonl", "\n".join(json.dumps({"prompt": "问", "id": None}) for _ in range(20_000))))
    assert len({row.key for row in found}) == 20_000
