"""Rows of CSV and JSONL banks and questions of Word exams: what is read, and what each fault is told as."""

import json
from pathlib import Path
from typing import Any

import docx
import pytest

from knowledge.bank import read_bank

ROW: dict[str, Any] = {
    "id": "q1", "subject": "os", "question": "甲？", "options": {"A": "a", "B": "b", "C": "c", "D": "d"}, "answer": "B",
}  # fmt: skip
PART = {"question": "(1)", "answer": "3", "marking": [{"score": 2, "criterion": "得 3"}]}
PROBLEM: dict[str, Any] = {"id": "p1", "subject": "os", "question": "设……", "parts": [PART]}
HEAD = "question,A,B,C,D,answer,explanation\n"


def read_csv(path: Path) -> tuple[list[tuple[str, tuple[str, ...], str, str]], list[str]]:
    """Stem, options, key and explanation of the questions; place and reason of the rest."""
    bank = read_bank(path, "os")
    questions = [(q.stem, q.options, q.key, q.explanation) for q in bank.questions]
    return questions, [f"{u.place}：{u.reason}" for u in bank.unread]


def paper(path: Path) -> Path:
    """A Word exam whose second question has the numbers and letters of Word's lists, its options in a table."""
    document = docx.Document()
    for line in (
        "### 线性表 (1-1)",
        "1. 顺序表中按序号取元素的时间是？",
        "   A. O(1) B. O(n) C. O(log n) D. O(n^2)",
        "   **答案：A**",
    ):
        document.add_paragraph(line)
    _add_list(document)
    document.save(str(path))
    return path


def _add_list(document) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    root = document.part.numbering_part.element
    for n, (form, pattern, start) in enumerate((("decimal", "%1．", 2), ("upperLetter", "%1.", 1)), 90):
        root.insert(0, parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{n}"><w:lvl w:ilvl="0"><w:start w:val="{start}"/>'
            f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/></w:lvl></w:abstractNum>'
        ))  # fmt: skip
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>'))

    def numbered(paragraph, text: str, number: int) -> None:
        paragraph.add_run(text)
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = 0, number

    numbered(document.add_paragraph(), "带头结点的单链表为空的条件是？", 90)
    cells = document.add_table(2, 2)._cells
    for cell, text in zip(cells, ("head == NULL", "head->next == NULL", "head != NULL", "head->next == head"), strict=True):
        numbered(cell.paragraphs[0], text, 91)
    document.add_paragraph("答案：B")


def test_docx_with_typed_and_with_automatic_numbers(tmp_path: Path) -> None:
    bank = read_bank(paper(tmp_path / "数据结构.docx"))
    assert [(q.id, q.subject, q.key, q.options[1]) for q in bank.questions] == [
        ("数据结构-1", "ds", "A", "O(n)"), ("数据结构-2", "ds", "B", "head->next == NULL"),
    ]  # fmt: skip
    assert not bank.unread


def test_csv_in_the_columns_of_ceval_and_cmmlu(write) -> None:
    ceval = 'id,question,A,B,C,D,answer,explanation\n0,"甲，\n乙？",1,2,3,4,C,丙\n1,丁？,1,2,3,4,,\n2,戊？,1,,3,4,A,\n'
    bank = read_bank(write("operating_system_dev.csv", ceval.encode("gb18030")))
    (question,) = bank.questions
    assert (question.id, question.subject, question.stem, question.key) == ("operating_system_dev-0", "os", "甲，\n乙？", "C")
    assert [(u.place[-5:], u.reason) for u in bank.unread] == [("第 4 行", "没有答案"), ("第 5 行", "B 是空的")]
    cmmlu = ",Question,A,B,C,D,Answer\n0,路由器转发分组依据的路由表怎样得到？,1,2,3,4,b\n"
    (question,) = read_bank(write("x.csv", cmmlu), "cn").questions
    assert (question.key, question.subject) == ("B", "cn")
    assert "缺少列 answer" in read_bank(write("y.csv", "question,A,B,C,D\n")).unread[0].reason
    assert "列 A 写了两次" in read_bank(write("z.csv", "question,A,Ａ,B,C,D,answer\n甲,1,2,3,4,5,A\n")).unread[0].reason


def test_csv_with_full_width_headers_and_keys(write) -> None:
    text = "Ｑuestion,Ａ,Ｂ,Ｃ,Ｄ,ａnswer\n甲,1,2,3,4,Ｃ\n,,,,,\n"
    assert read_csv(write("a.csv", text)) == ([("甲", ("1", "2", "3", "4"), "C", "")], [])


def test_csv_with_points_difficulty_and_a_fifth_option(write) -> None:
    text = "question,A,B,C,D,E,answer,points,difficulty\n甲,1,2,3,4,,A,os.3.9；os.2.5,2\n乙,1,2,3,4,5,A,,\n丙,1,2,3,4,,A,,难\n"
    bank = read_bank(write("a.csv", text), "os")
    assert [(q.points, q.difficulty) for q in bank.questions] == [(("os.3.9", "os.2.5"), 2)]
    assert [u.reason for u in bank.unread] == [
        "options 应恰好有 A、B、C、D 四个选项，现在是 A、B、C、D、E",
        "difficulty 应是 1–5 的整数，而不是文字",
    ]


def test_a_missing_quote_costs_its_row_only(write) -> None:
    text = f'{HEAD}甲,1,2,3,4,A,"未闭合\n乙,1,2,3,4,B,x\n丙,1,2,3,4,C,"因为""丙""，所以\n丙"\n'
    questions, unread = read_csv(write("a.csv", text))
    assert questions == [("乙", ("1", "2", "3", "4"), "B", "x"), ("丙", ("1", "2", "3", "4"), "C", '因为"丙"，所以\n丙')]
    assert [u[:18] for u in unread] == ["a.csv 第 2 行：引号没有成对"]


def test_the_rest_of_a_row_with_a_wrong_quote_is_no_row(write) -> None:
    text = f'{HEAD}"甲\n乙"丙,1,2,3,4,A,x\n丁,1,2,3,4,B,y\n'
    questions, unread = read_csv(write("a.csv", text))
    assert questions == [("丁", ("1", "2", "3", "4"), "B", "y")]
    assert [u[:16] for u in unread] == ["a.csv 第 2 行：引号没有", "a.csv 第 3 行：前面一行"]


def test_an_unquoted_comma_shifts_no_column(write) -> None:
    questions, unread = read_csv(write("a.csv", f"{HEAD}甲,乙？,1,2,3,A,B,因为\n丙,1,2,3,4\n丁,1,2,3,4,A,\n"))
    assert questions == [("丁", ("1", "2", "3", "4"), "A", "")]
    assert [u.split("。")[0] for u in unread] == ["a.csv 第 2 行：有 8 格，列名有 7 个", "a.csv 第 3 行：有 5 格，列名有 7 个"]


def test_a_cell_that_is_too_long_names_its_line(write) -> None:
    questions, unread = read_csv(write("a.csv", f"{HEAD}{'甲' * 200_000},1,2,3,4,A,\n乙,1,2,3,4,A,\n"))
    assert [q[0] for q in questions] == ["乙"]
    assert [u.split("。")[0] for u in unread] == ["a.csv 第 2 行：引号没有成对，或有一格超过 131072 个字符"]


def test_jsonl_in_other_spellings(write) -> None:
    rows = (
        ROW | {"id": 7, "answer": " b "},
        ROW | {"id": "a", "answer": "Ｂ", "options": {"Ａ": 1, "b ": 2.5, "Ｃ": -3, "D": "d"}, "explanation": ""},
        {"id": "b", "subject": "", "ｑuestion": "甲", "Ａ": "1", "B": "2", "C": "3", "D": "4", "E": None, "answer": "Ｄ"},
    )
    bank = read_bank(write("操作系统.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)))
    assert not bank.unread
    assert [(q.id, q.subject, q.options, q.key) for q in bank.questions] == [
        ("7", "os", ("a", "b", "c", "d"), "B"),
        ("a", "os", ("1", "2.5", "-3", "d"), "B"),
        ("b", "os", ("1", "2", "3", "4"), "D"),
    ]


def test_other_names_of_the_fields_are_understood(write) -> None:
    lettered = {"A": "a", "B": "b", "C": "c", "D": "d"}
    rows = (
        {"题目": "甲", "选项": ["a", "b", "c", "d"], "答案": "Ｂ", "解析": "因为", "科目": "计算机网络"},
        {"题干": "乙", "choices": OPTIONS, "答案": "b", "subject": "OS"},
        {"stem": "丙", **lettered, "Answer": "B", "科目": "操作系统"},
        {"题干": "丁", "parts": [PART], "科目": "数据结构"},
        {"question": "戊", "题目": "第 5 题", **lettered, "选项": "没有图", "answer": "B", "答案": "C", "科目": ""},
    )
    bank = read_bank(write("a.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)), "co")
    assert not bank.unread
    assert [(q.stem, q.subject, q.explanation) for q in bank.questions] == [
        ("甲", "cn", "因为"), ("乙", "os", ""), ("丙", "os", ""), ("戊", "co", ""),
    ]  # fmt: skip
    assert {(q.options, q.key) for q in bank.questions} == {(("a", "b", "c", "d"), "B")}
    assert [(p.stem, p.subject) for p in bank.problems] == [("丁", "ds")]


def test_two_keys_that_may_be_one_field_are_not_guessed_at(write) -> None:
    told = "题干、题目 都像是 question，分不清用哪个，请只留一个"
    rows = {k: v for k, v in ROW.items() if k != "question"} | {"题目": "第 5 题", "题干": "甲？"}
    assert [u.reason for u in read_bank(write("a.jsonl", json.dumps(rows))).unread] == [told]
    assert [u.reason for u in read_bank(write("a.csv", "题目,题干,A,B,C,D,答案\n甲,乙,1,2,3,4,A\n"), "os").unread] == [told]


def test_csv_with_chinese_headers(write) -> None:
    bank = read_bank(write("a.csv", "题目,A,B,C,D,答案,解析,科目\n甲,1,2,3,4,C,因为,数据结构\n乙,,2,3,4,,,\n"))
    assert [(q.stem, q.key, q.explanation, q.subject) for q in bank.questions] == [("甲", "C", "因为", "ds")]
    assert [u.reason for u in bank.unread] == ["A 是空的；没有答案"], "all that is wrong with a row"


def test_all_that_is_wrong_with_a_row_is_told_at_once_and_its_subject_last(write) -> None:
    rows: tuple[dict[str, Any], ...] = (
        {"options": ["a", "b", "c"], "answer": "AB", "difficulty": 9},
        {"question": "", "options": OPTIONS, "answer": "A", "科目": "高数"},
        {"text": "甲"},
        {"parts": [PART]},
        {"question": "甲？", "options": OPTIONS, "answer": "A"},
    )
    path = write("a.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    reasons = [u.reason for u in read_bank(path).unread]
    first, last = reasons[0].split("；"), "认不出科目，请在题里写明 subject，或用 --subject 指定 ds、co、os 或 cn"
    assert first[0].startswith("没有 question（认得的键：") and first[1:] == [
        "只有 3 个选项，应有 A、B、C、D 四个", "答案“AB”是多选，只考单选题", "difficulty 应是 1–5 的整数，而不是整数 9", last,
    ]  # fmt: skip
    chosen = "ds（数据结构）、co（计算机组成原理）、os（操作系统）、cn（计算机网络）"
    assert reasons[1:] == [
        f"question 是空的，请补上；没有“高数”这个科目，可以写 {chosen}",
        f"没有 question、options、answer；{last}",
        f"没有 question；{last}",
        last,
    ], "the keys are told once, a problem's not"
    assert [u.reason.rpartition("；")[2] for u in read_bank(path, "os").unread][::3] == [first[3], "没有 question"]


OPTIONS = ROW["options"]
FAULTS: list[tuple[Any, str]] = [
    (ROW | {"id": None}, "id 应是文字，而不是空值"),
    (ROW | {"id": True}, "id 应是文字，而不是真假值"),
    (ROW | {"id": " "}, "id 是空的"),
    (ROW | {"subject": ["os"]}, "subject 应是文字，而不是列表"),
    (ROW | {"subject": "课程与政策"}, "没有“课程与政策”这个科目"),
    (ROW | {"subject": "xx"}, "没有“xx”这个科目"),
    (ROW | {"question": None}, "question 应是文字，而不是空值"),
    (ROW | {"question": "\u200b "}, "question 是空的"),
    (ROW | {"question": "甲\ud800？"}, "question 里有残缺的字符"),
    (ROW | {"explanation": 3}, "explanation 应是文字，而不是整数 3"),
    (ROW | {"explanation": "\udfff"}, "explanation 里有残缺的字符"),
    (ROW | {"family": []}, "family 应是文字，而不是列表"),
    (ROW | {"answer": "E"}, "答案“E”不是 A、B、C、D 之一"),
    *((ROW | {"answer": a}, f"答案“{a}”是多选，只考单选题") for a in ("AB", "A、C 和 D", "B/C")),
    (ROW | {"answer": ["A", "B"]}, "答案有 2 个，是多选，只考单选题"),
    *((ROW | {"answer": a}, f"答案“{a}”是数字，分不清从 0 还是从 1 数起") for a in (1, 0, -1, "2")),
    *((ROW | {"answer": a}, f"答案“{a}”不是 A、B、C、D 之一") for a in ("AA", "先来先服务", "A B 树")),
    (ROW | {"answer": ["A"]}, "answer 应是文字，而不是列表"),
    (ROW | {"options": "abcd"}, "options 应是 A–D 四个选项，而不是文字"),
    (ROW | {"options": ["a", "b", "c", "d", "e"]}, "options 有 5 项"),
    (ROW | {"options": ["a", "b", "c"]}, "只有 3 个选项，应有 A、B、C、D 四个"),
    (ROW | {"options": dict(zip("1234", "abcd", strict=True))}, "四个选项，现在是 1、2、3、4"),
    (ROW | {"options": OPTIONS | {"E": "e"}}, "options 应恰好有 A、B、C、D 四个选项，现在是 A、B、C、D、E"),
    (ROW | {"options": {"A": "a", "B": "b"}}, "只有 2 个选项，应有 A、B、C、D 四个"),
    (ROW | {"options": OPTIONS | {"B": None}}, "options 的 B 应是文字或数，而不是空值"),
    (ROW | {"options": OPTIONS | {"B": False}}, "options 的 B 应是文字或数，而不是真假值"),
    (ROW | {"options": OPTIONS | {"C": {"x": 1}}}, "options 的 C 应是文字或数，而不是对象"),
    (ROW | {"options": OPTIONS | {"D": ""}}, "options 的 D 是空的"),
    (ROW | {"points": "os.3.9"}, "points 应是考点编号的列表，而不是文字"),
    (ROW | {"points": None}, "points 应是考点编号的列表，而不是空值"),
    (ROW | {"points": ["os.3.9", 1]}, "points 应是考点编号的列表，而不是含有整数、文字的列表"),
    (ROW | {"points": [" "]}, "points 是空的"),
    *((ROW | {"difficulty": d}, "difficulty 应是 1–5 的整数，而不是") for d in ("3", 2.9, 3.0, True, None, 0, 6)),
    ({"id": "x", "subject": "os", "question": "甲"}, "没有 options、answer（认得的键：question/题目/题干/stem、options/选项/choices、answer/答案，"),
    (PROBLEM | {"id": None}, "id 应是文字"),
    (PROBLEM | {"question": ""}, "question 是空的"),
    (PROBLEM | {"points": "os.3.9"}, "points 应是考点编号的列表"),
    (PROBLEM | {"difficulty": True}, "difficulty 应是 1–5 的整数"),
    (PROBLEM | {"parts": []}, "每一问都要有评分点"),
    (PROBLEM | {"parts": [PART, PART | {"marking": []}]}, "每一问都要有评分点"),
    (PROBLEM | {"parts": {"question": "x"}}, "parts 应是对象的列表，而不是对象"),
    (PROBLEM | {"parts": [PART, "x"]}, "parts 应是对象的列表，而不是含有对象、文字的列表"),
    (PROBLEM | {"parts": [PART, PART | {"answer": 3}]}, "parts[2].answer 应是文字，而不是整数 3"),
    (PROBLEM | {"parts": [{"question": "x"}]}, "没有 parts[1].answer、parts[1].marking"),
    (PROBLEM | {"parts": [PART | {"marking": [{"criterion": "x"}]}]}, "没有 parts[1].marking[1].score"),
    (PROBLEM | {"parts": [PART | {"marking": [{"score": 2, "criterion": "\ud800"}]}]}, "marking[1].criterion 里有残缺的字符"),
    *(
        (PROBLEM | {"parts": [PART | {"marking": [{"score": s, "criterion": "x"}]}]}, "parts[1].marking[1].score 应是 1–1000 的整数")
        for s in (0, -1, 1.0, True, "2", 1001)
    ),
    (PROBLEM | {"score": 2.0}, "score 应是 1–1000 的整数，而不是小数 2.0"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "reason"), FAULTS)
def test_each_field_is_checked_for_its_type(write, row: dict[str, Any], reason: str) -> None:
    bank = read_bank(write("a.jsonl", f"{json.dumps(row)}\n{json.dumps(ROW)}\n"))
    assert [(u.place, reason in u.reason) for u in bank.unread] == [("a.jsonl 第 1 行", True)], bank.unread
    assert bank.places == ["a.jsonl 第 2 行"] and not bank.problems


def with_field(text: str) -> str:
    return f"{json.dumps(ROW)[:-1]}, {text}}}"


HOSTILE = [
    ("[" * 100_000, "嵌套太深"),
    ('{"a":' * 100_000, "嵌套太深"),
    (with_field(f'"difficulty": {"9" * 5000}'), "数字太长"),
    (with_field('"difficulty": 1e400'), "difficulty 应是 1–5 的整数，而不是小数 inf"),
    (with_field('"difficulty": NaN'), "NaN"),
    (json.dumps(ROW).replace('"a"', "1e400"), "options 的 A 应是文字或数，而不是小数 inf"),
    (json.dumps(ROW).replace('"os"', "[" * 900 + "]" * 900), "subject 应是文字，而不是列表"),
    (json.dumps(ROW).replace('"a"', "[" * 900 + "]" * 900), "options 的 A 应是文字或数，而不是列表"),
    (with_field('"answer": "A"'), "字段 answer 写了两次"),
    (json.dumps(ROW).replace('"D"', '"A"'), "字段 A 写了两次"),
    (json.dumps(ROW, ensure_ascii=False).replace('"D"', '"Ａ"'), "字段 A 写了两次"),
    ("{坏", "不是有效的 JSON"),
]


@pytest.mark.parametrize(("line", "reason"), HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_line_costs_itself_only(write, line: str, reason: str) -> None:
    bank = read_bank(write("a.jsonl", f"{line}\n{json.dumps(ROW)}\n"))
    assert [(u.place, reason in u.reason) for u in bank.unread] == [("a.jsonl 第 1 行", True)], bank.unread
    assert bank.places == ["a.jsonl 第 2 行"]
