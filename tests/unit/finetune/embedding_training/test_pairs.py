import json
from typing import Any

import pytest
from langchain_core.documents import Document

from errors import ContentError
from finetune.embedding_training.pairs import Pair, asked_pairs, distinct, read_pairs


def lines(*rows: Any) -> str:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)


def test_plain_rows(write: Any) -> None:
    rows = [
        {"question": " 问 ", "passage": "文", "document": "a.pdf", "page": 3, "quote": "文"},
        {"query": "问", "positive": "文", "source": "a.pdf", "page": "3"},
        {"anchor": "问", "context": "文", "page": True},
    ]
    found, without = read_pairs(write("p.jsonl", lines(*rows)))
    assert found == [Pair("问", "文", "a.pdf", 3, "文"), Pair("问", "文", "a.pdf"), Pair("问", "文")] and without == 0
    assert read_pairs(write("p.json", json.dumps(rows))) == (found, 0)


def test_qa_data_with_its_source(write: Any) -> None:
    source = {"document": "a.pdf", "page": 2, "quote": "引文", "passage": "原文里有引文"}
    turns = [{"role": "system", "content": "你好"}, {"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}]
    rows = [{"messages": turns, "source": source}, {"messages": turns}, {"messages": turns, "source": {"document": "b.pdf"}}]
    assert read_pairs(write("p.jsonl", lines(*rows))) == ([Pair("问", "原文里有引文", "a.pdf", 2, "引文")], 2)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "没有文字"),
        ("{", "第 1 行：不是有效的 JSON"),
        ('{"question": "a", "passage": "b"}\n{"question": "a"}', "第 2 行：没有原文"),
        ('{"question": " ", "passage": "b"}', "第 1 行：没有问题"),
        ('{"question": 3, "passage": "b"}', "第 1 行：没有问题"),
        ('{"question": "a", "passage": "b"}\n3', "第 2 行：应是一个 JSON 对象"),
        ('{"question": "\\ud83d", "passage": "b"}', "残缺的字符"),
        ('{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}', "没有一条带原文"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(write: Any, text: str, told: str) -> None:
    with pytest.raises(ContentError, match=told):
        read_pairs(write("p.jsonl", text))


def test_a_missing_file_is_told(tmp_path: Any) -> None:
    with pytest.raises(ContentError, match="打不开"):
        read_pairs(tmp_path / "none.jsonl")


def test_the_questions_of_a_store() -> None:
    def chunk(name: str, asked: str) -> Document:
        return Document(
            id=name, page_content=f"文{name}", metadata={"source": "a.pdf", "page": 1, "section": "节", "asked": asked}
        )

    found = asked_pairs([chunk("2", "丙"), chunk("1", "甲\n\n乙 "), chunk("3", "")])
    assert [(pair.question, pair.passage, pair.chunk) for pair in found] == [
        ("甲", "节\n文1", "1"), ("乙", "节\n文1", "1"), ("丙", "节\n文2", "2"),
    ]  # fmt: skip


def test_a_pair_counts_once() -> None:
    pairs = [Pair("Ｂ 树？", "文", "a.pdf", 1), Pair("b树？", "文 "), Pair("b树？", "另一段")]
    assert distinct(pairs) == [pairs[0], pairs[2]]
